"""A lab for one visit and no more: the same visitor and fault as in a whole lab, but nobody comes after the fault's end.

Answers that come late on a browser's link may be late by the page's clock: until they are due such a link hangs, so the clock
is advanced by the rules of every hang (DESIGN.md, "Time"), and never past the moment at which an answer leaves.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from harness.journal.model import Scenario
from harness.lab.bench import Bench
from harness.lab.clock import LOOK_S, STEP_MS, LabClock, PageClock
from harness.lab.fronts import Flights, Front, Seat, Window
from harness.lab.lab import Lab
from harness.lab.recorder import Recorder
from harness.lab.slot import Slot
from harness.lab.striker import Strikes
from harness.lab.visitors import Visitors


class LateAnswers:
    """Answers that are under way to one browser context, in the time of its own clock.

    That clock stands still while the lab moves it, which takes real time as well: what is lost so is not counted.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._lost_ms = 0.0
        self._due_ms: list[float] = []

    async def wait(self, seconds: float) -> None:
        """Return when the context's clock has gone on by so much."""
        due_ms = self._now_ms() + seconds * 1000
        self._due_ms.append(due_ms)
        try:
            while (left_ms := due_ms - self._now_ms()) > 0:
                await self._recorder.until_page_ms(self._recorder.moment().page_ms + left_ms)
        finally:
            self._due_ms.remove(due_ms)

    def next_ms(self) -> float:
        """How long it is until the next answer leaves; infinite when none is under way."""
        return min(self._due_ms, default=math.inf) - self._now_ms()

    def moved(self, step_ms: float, *, since: float) -> None:
        """Note that the clock was moved by a step that began at a monotonic time and is done now."""
        self._lost_ms += (time.monotonic() - since) * 1000
        self._recorder.advance(step_ms, since=since)

    def _now_ms(self) -> float:
        return self._recorder.moment().page_ms - self._lost_ms


class LateClock(PageClock):
    """Moves a context's clock, and stops it at the moment at which an answer leaves."""

    def __init__(
        self,
        answers: LateAnswers,
        context: BrowserContext,
        recorder: Recorder,
        *,
        may_advance: Callable[[], bool],
        changed: Callable[[], float],
    ) -> None:
        super().__init__(context, recorder, may_advance=may_advance, changed=changed)
        self._answers = answers

    async def _step(self) -> bool:
        began, step_ms = time.monotonic(), math.ceil(min(STEP_MS, self._answers.next_ms()))
        if step_ms > 0:
            try:
                await self._context.clock.run_for(step_ms)
            except PlaywrightError:
                return False
            self._answers.moved(step_ms, since=began)
        # What the step set off must be on the wire and seen before the next one.
        await asyncio.sleep(LOOK_S)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class LateWindow(Window):
    """A browser's window whose clock knows of the answers that are under way."""

    answers: LateAnswers

    def clock(self, recorder: Recorder, *, may_advance: Callable[[], bool], changed: Callable[[], float]) -> LabClock:
        """The context's clock."""
        return LateClock(self.answers, self.context, recorder, may_advance=may_advance, changed=changed)


class LightLab(Lab):
    """One honest visit. ``page_time``: the provider's late answers are late by the page's clock, where a browser asks.

    ``fresh``: each of the provider's answers ends its connection. On a kept one that dies Chromium sends a request again by
    itself, and nobody could tell how often the client did.
    """

    def __init__(self, bench: Bench, slot: Slot, scenario: Scenario, *, page_time: bool = False, fresh: bool = False) -> None:
        super().__init__(bench, slot, scenario, real_time=not page_time)
        self._fresh = fresh
        self._answers = LateAnswers(self._recorder) if page_time else None

    async def _recover(self, visitors: Visitors, front: Front, seat: Seat) -> None:
        """Let nobody else come."""

    async def _front(self) -> Front:
        front = await super()._front()
        if self._fresh:
            self._slot.provider.close_after = set(self._slot.links)
        answers = self._answers
        if answers is None or not isinstance(front, Window):
            return front
        self._slot.provider.pause = answers.wait
        return LateWindow(context=front.context, traffic=front.traffic, answers=answers)

    def _only_timers_can_end_it(self, striker: Strikes, traffic: Flights) -> bool:
        if self._answers is not None and not 0 < self._answers.next_ms() < math.inf:
            return False
        return super()._only_timers_can_end_it(striker, traffic)
