"""Read off a target, once before a visit and once after it, how it says that it is degraded."""

from __future__ import annotations

from dataclasses import dataclass

from harness.journal.model import Signalled
from harness.lab.stage import Stage
from harness.target import signals
from harness.target.metrics import Metered
from harness.target.spec import Observe


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the target had said by then: how often it had printed the word, and its metric (None: its file names none)."""

    said: int
    metered: Metered | None


class Signalling:
    """The places at which one target says that it is degraded."""

    def __init__(self, stage: Stage, observe: Observe) -> None:
        self._stage = stage
        self._observe = observe

    async def read(self) -> Reading:
        """Read them now; raises TargetError when the metric that the target file names cannot be read."""
        metric = self._observe.metric
        metered = None if metric is None else await signals.metered(self._stage.base_url, metric)
        return Reading(said=self._stage.times_said, metered=metered)

    async def since(self, before: Reading) -> Signalled | None:
        """What it has said since; None where it names no place."""
        log, metric = self._observe.log, self._observe.metric
        if log is None and metric is None:
            return None
        now = await self.read()
        return Signalled(
            log=None if log is None else now.said - before.said,
            metric=_rise(before.metered, now.metered),
            missing=now.metered.missing if now.metered is not None else "",
        )


def _rise(before: Metered | None, now: Metered | None) -> float | None:
    if now is None or before is None:
        return None
    return now.value if now.gauge else now.value - before.value
