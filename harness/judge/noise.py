"""When a time over its budget cannot be told from noise: over it by less than the same quantity varies where nothing is broken.

The scenario has been repeated by then (:mod:`harness.judge.repeat`). What is late once more, and by so little, is
unknown: no fail that the machine may have made, and never a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from harness.journal.model import Finding, Record
from harness.judge import crowds
from harness.judge.controls import same_flow
from harness.judge.repeat import NEAR
from harness.judge.timing import Timed, judged, undisturbed


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How one quantity varies where nothing is broken, in milliseconds; ``ends`` say which these are."""

    least_ms: float
    most_ms: float
    count: int
    ends: tuple[str, str] = ("", "")

    @classmethod
    def over(cls, times_ms: Sequence[float]) -> Self:
        """From the least to the most of some controls: 0 where it was measured once, or never."""
        return cls(least_ms=min(times_ms, default=0.0), most_ms=max(times_ms, default=0.0), count=len(times_ms))

    @classmethod
    def of_crowd(cls, times_ms: Sequence[float]) -> Self:
        """From the middle to what 95 of 100 took, as a crowd's times are judged: one cold start says nothing of them."""
        middle, most = (crowds.within_ms(times_ms, share) for share in (0.5, crowds.NEARLY_ALL))
        return cls(least_ms=middle, most_ms=most, count=len(times_ms), ends=(" (the middle one)", " (95 of 100)"))

    @property
    def ms(self) -> float:
        """By how much."""
        return self.most_ms - self.least_ms


def noise(record: Record, findings: Sequence[Finding], controls: Sequence[Record]) -> tuple[str, ...]:
    """Say why nothing is known where every finding is a time that is over its budget by less than the controls' own spread.

    Empty before the scenario was repeated for such a time, and where another finding, or a time that is clearly over, stands.
    """
    if record.repeat_reason != NEAR or not findings:
        return ()
    late = [(timed, _spread(timed.quantity, record, controls)) for timed in judged(record) if timed.overdue]
    within = [(timed, spread) for timed, spread in late if timed.spent_ms - timed.budget_ms < spread.ms]
    explained = {(timed.expected, timed.seen) for timed, _ in within}
    if any((found.expected, found.seen) not in explained for found in findings):
        return ()
    return tuple(dict.fromkeys(_said(timed, spread) for timed, spread in within))


def _spread(quantity: str, record: Record, controls: Sequence[Record]) -> Spread:
    if record.scenario.kind == "load":
        # No control is a crowd; but before its outage this one met nothing that was broken.
        return Spread.of_crowd(_times(quantity, [record]))
    own = [control for control in controls if control.scenario.kind == "control" and same_flow(control, record)]
    return Spread.over(_times(quantity, own))


def _times(quantity: str, records: Iterable[Record]) -> list[float]:
    return [spent_ms for record in records for name, spent_ms in undisturbed(record) if name == quantity]


def _said(timed: Timed, spread: Spread) -> str:
    over_ms, (least, most) = timed.spent_ms - timed.budget_ms, spread.ends
    return (
        f"budget indistinguishable from noise: {timed.seen}, {over_ms:.0f} ms over its budget of {timed.budget_ms:.0f} ms, and "
        f"with nothing broken the same varies by {spread.ms:.0f} ms, from {spread.least_ms:.0f}{least} to "
        f"{spread.most_ms:.0f} ms{most} in {spread.count} measurements"
    )
