"""The page's clock: advanced only where nothing but timers can end the wait (DESIGN.md, "Time").

It moves one step of 500 ms at a time, only while every request in flight from the pages is on a browser link under a hang and
has reached it, and none began or ended in the last 100 ms. Otherwise real time passes.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from harness.lab.recorder import Recorder

STEP_MS = 500
SETTLE_S = 0.1
LOOK_S = 0.01


class LabClock(ABC):
    """Advance one visitor's clock.

    ``may_advance`` tells whether only timers can end the wait; ``changed`` when traffic last began or ended (monotonic).
    """

    def __init__(self, recorder: Recorder, *, may_advance: Callable[[], bool], changed: Callable[[], float]) -> None:
        self._recorder = recorder
        self._may_advance = may_advance
        self._changed = changed
        self._task: asyncio.Task[None] | None = None

    async def install(self, *, behind_ms: float) -> None:
        """Install before any timer is armed, set into the past by the wait that the contract expects."""
        self._recorder.behind_ms = behind_ms
        self._recorder.clock_installed = True
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Leave the clock to real time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            quiet_s = time.monotonic() - self._changed()
            if quiet_s < SETTLE_S:
                # What is waited for is that nothing happens.
                await asyncio.sleep(SETTLE_S - quiet_s)
            elif not self._may_advance():
                # Looked at: that everything hangs is told by silence in the logs of browser, router and provider, by no event.
                await asyncio.sleep(LOOK_S)
            elif not await self._step():
                return

    @abstractmethod
    async def _step(self) -> bool:
        """Move the clock by one step; False when there is none to be moved any more."""


class PageClock(LabClock):
    """Advance one browser context's clock."""

    def __init__(
        self, context: BrowserContext, recorder: Recorder, *, may_advance: Callable[[], bool], changed: Callable[[], float]
    ) -> None:
        super().__init__(recorder, may_advance=may_advance, changed=changed)
        self._context = context

    async def install(self, *, behind_ms: float) -> None:
        """Install before any page arms a timer, set into the past by the wait that the contract expects."""
        await self._context.clock.install(time=time.time() - behind_ms / 1000)
        await super().install(behind_ms=behind_ms)

    async def _step(self) -> bool:
        began, step_ms = time.monotonic(), self._step_ms()
        if step_ms:
            try:
                await self._context.clock.run_for(step_ms)
            except PlaywrightError:
                return False
            self._recorder.advance(step_ms, since=began)
        # What the step set off (a submit, say) must be on the wire and seen before the next one.
        await asyncio.sleep(LOOK_S)
        return True

    def _step_ms(self) -> int:
        return STEP_MS
