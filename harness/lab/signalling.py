"""Read off a target, once before a visit and once after it, how it says that it is degraded."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from harness.journal.model import Signalled
from harness.lab.stage import Stage
from harness.target import signals
from harness.target.metrics import Metered
from harness.target.spec import Observe

PACE_S = 0.25


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

    async def settled(self, seen: Signalled, *, since_s: float, limit_ms: float) -> Signalled:
        """The same, once a gauge that stood has fallen, or ``limit_ms`` of real time after the monotonic ``since_s``."""
        if not seen.metric:
            return seen
        while True:
            metered = (await self.read()).metered
            if metered is None or not metered.gauge:
                return seen
            stood_ms = (time.monotonic() - since_s) * 1000
            if metered.value <= 0 or stood_ms >= limit_ms:
                return replace(seen, metric=metered.value, stood_ms=round(stood_ms, 1))
            # A metric tells nobody that it has fallen: it can only be read again.
            await asyncio.sleep(PACE_S)


def _rise(before: Metered | None, now: Metered | None) -> float | None:
    if now is None or before is None:
        return None
    return now.value if now.gauge else now.value - before.value
