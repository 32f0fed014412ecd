"""A device's clock: real time, and what the lab advances beyond it by the rules of the page's (DESIGN.md, "Time")."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

from playwright.async_api import BrowserContext

from harness.lab.clock import LOOK_S, STEP_MS, LabClock, PageClock
from harness.lab.recorder import Recorder


class PageTime:
    """Time of day and timers in the page time of one lab: what :class:`~harness.providers.scripted.Clock` asks for.

    A timer is due by real time, or by the clock's being moved. ``moved``: the lab sets and moves this clock; without that it
    says what the world's says, whatever became of another visitor's.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.moved = False
        self._recorder = recorder
        self._due_ms: list[float] = []

    def now_s(self) -> float:
        """The time of day, in unix seconds."""
        at_s = time.monotonic()
        return self._recorder.page_unix_s(at_s) if self.moved else self._recorder.unix_s(at_s)

    async def sleep(self, ms: int) -> None:
        """Return after so many milliseconds."""
        due_ms = self._recorder.moment().page_ms + ms
        self._due_ms.append(due_ms)
        try:
            await self._recorder.until_page_ms(due_ms)
        finally:
            self._due_ms.remove(due_ms)

    def next_ms(self) -> float:
        """How long it is until the next timer is due; infinite when none runs."""
        return min(self._due_ms, default=math.inf) - self._recorder.moment().page_ms


class DeviceClock(LabClock):
    """Advance one device's clock, never past a timer: each sees the time it was set for, in its order."""

    def __init__(
        self, timers: PageTime, recorder: Recorder, *, may_advance: Callable[[], bool], changed: Callable[[], float]
    ) -> None:
        super().__init__(recorder, may_advance=may_advance, changed=changed)
        self._timers = timers

    async def install(self, *, behind_ms: float) -> None:
        """Install before any timer is armed, set into the past by the wait that the contract expects."""
        self._timers.moved = True
        await super().install(behind_ms=behind_ms)

    async def _step(self) -> bool:
        began = time.monotonic()
        step_ms = min(STEP_MS, self._timers.next_ms())
        if step_ms > 0:
            self._recorder.advance(step_ms, since=began)
        # What the step set off must be on the wire and seen before the next one.
        await asyncio.sleep(LOOK_S)
        return True


class AppClock(PageClock):
    """Advance one app's clock, never past a timer of its native part; those of its pages fire in their order by themselves."""

    def __init__(
        self,
        timers: PageTime,
        context: BrowserContext,
        recorder: Recorder,
        *,
        may_advance: Callable[[], bool],
        changed: Callable[[], float],
    ) -> None:
        super().__init__(context, recorder, may_advance=may_advance, changed=changed)
        self._timers = timers

    async def install(self, *, behind_ms: float) -> None:
        """Install before any timer is armed, set into the past by the wait that the contract expects."""
        self._timers.moved = True
        await super().install(behind_ms=behind_ms)

    def _step_ms(self) -> int:
        return max(0, math.ceil(min(STEP_MS, self._timers.next_ms())))
