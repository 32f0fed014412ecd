"""What a provider that runs alone has been asked and has said, counted, however long it runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.providers.serving import Arrival

VERDICT = "verdict"
KEPT = 500


@dataclass(slots=True)
class Tally:
    """Requests by link ("" for those on none), and verdicts by what the provider said and the fault that altered it."""

    requests: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, arrivals: Iterable[Arrival]) -> None:
        """Count these too."""
        for arrival in arrivals:
            self.requests[arrival.link] += 1
            if arrival.link == VERDICT and arrival.said:
                self.verdicts[arrival.said, arrival.rewritten] += 1


class CountedLog(list[Arrival]):
    """A request log that keeps the last ``KEPT`` requests and counts all before them: a server by itself may run for weeks."""

    def __init__(self) -> None:
        super().__init__()
        self._folded = Tally()

    def append(self, arrival: Arrival) -> None:
        """Add the newest; what is old enough to be over goes into the count."""
        super().append(arrival)
        if len(self) >= 2 * KEPT:
            self._folded.add(self[:KEPT])
            del self[:KEPT]

    def tally(self) -> Tally:
        """Everything so far."""
        whole = Tally(self._folded.requests.copy(), self._folded.verdicts.copy())
        whole.add(self)
        return whole
