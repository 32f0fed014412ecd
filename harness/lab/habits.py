"""What users do besides walking straight through a flow (:class:`harness.catalog.Habit`)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Iterable
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request

from harness.catalog import Behaviour, Habit
from harness.errors import HarnessError, LaboratoryError
from harness.journal.model import HABIT_FAILED, NOTHING_LATE, NOTHING_TO_PRESS, PRESSED_AGAIN, SENT_NOTHING, SOLVED_LATE
from harness.lab.clock import LOOK_S
from harness.lab.collect import is_submit
from harness.lab.handle import User, drop
from harness.lab.origin import OriginRequest
from harness.lab.passing import Passed
from harness.lab.recorder import Recorder
from harness.lab.slot import Slot
from harness.lab.user import FlowHandle
from harness.providers.base import Human
from harness.target.spec import FlowSpec

# Who presses a button that cannot be pressed does not stay with it.
PRESS_LIMIT_MS = 1000
# Two tabs are a moment apart; a submit whose partner does not come goes on alone, before a page gives it up or sends it again.
# The other tab has had time enough when it had so much more than the first needed.
TOGETHER_LIMIT_S, MORE_TIME_S = 6.0, 3.0
# A challenge that comes late has come by now or is kept out of sight; a submit that it leads to has left soon after.
LATE_SEEN_S, LATE_SOLVED_S, LATE_SENT_S = 5.0, 5.0, 2.0


class LeftAloneError(HarnessError):
    """The challenge came, and the user left it alone: that is this user's way, and no fault of anybody's."""


class PressesAgain(FlowHandle):
    """Clicks twice at first, and once more while the submit is under way; solves whatever challenge comes of it."""

    def __init__(self, user: User, page: Page) -> None:
        super().__init__(user, page)
        self._button = ""
        self._sent: asyncio.Future[Any] | None = None

    async def _press(self, page: Page, selector: str) -> None:
        self._button = selector
        if self._sent is not None:
            await drop(self._sent)
        self._sent = asyncio.ensure_future(page.wait_for_event("request", self._acts, timeout=0))
        await page.dblclick(selector, no_wait_after=True, timeout=0)

    def _acts(self, request: Request) -> bool:
        return request.method != "GET" and request.url.startswith(self._user.base_url)

    async def _deal(self, page: Page) -> None:
        """Solve the challenge, press again when the submit has left, and solve the next one too."""
        await super()._deal(page)
        if self._sent is None:
            self._user.recorder.mark(HABIT_FAILED, detail="only what flow.show clicks can be pressed again")
            return
        await asyncio.wait([self._sent, self._past], return_when=asyncio.FIRST_COMPLETED)
        if self._past.done():
            what = NOTHING_TO_PRESS if self._sent.done() else HABIT_FAILED
            self._user.recorder.mark(what, detail="the flow had gone on before the button could be pressed again")
            return
        await self._press_again(page)
        await self._human(page)

    async def _press_again(self, page: Page) -> None:
        what, why = PRESSED_AGAIN, self._button
        try:
            await page.click(self._button, force=True, no_wait_after=True, timeout=PRESS_LIMIT_MS)
        except PlaywrightError as error:
            # A page that has taken its button away leaves nobody anything to press.
            what, why = HABIT_FAILED, f"the click failed: {_first_line(error)}"
            if not await page.locator(self._button).filter(visible=True).count():
                what, why = NOTHING_TO_PRESS, f"{self._button} can no longer be seen"
        self._user.recorder.mark(what, detail=why)

    async def stop(self) -> None:
        """Look out for no more requests."""
        await super().stop()
        if self._sent is not None:
            await drop(self._sent)


class LeavesIt(FlowHandle):
    """Asks for the captcha and does not solve it: what takes effect then does so without a verification."""

    async def _deal(self, page: Page) -> None:
        """Wait until the challenge can be seen, and give up."""
        visible: asyncio.Future[Any] = asyncio.ensure_future(self._user.human.challenge_visible(page))
        try:
            await asyncio.wait([visible, self._past], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await drop(visible)
        if not self._past.done():
            raise LeftAloneError("the challenge was left alone")


_HANDLES: dict[Habit, type[FlowHandle]] = {Habit.PRESSES_AGAIN: PressesAgain, Habit.LEAVES_IT: LeavesIt}


def handle_of(user: User, page: Page) -> FlowHandle:
    """Make what the flow's function uses beside the page, as this user is."""
    return _HANDLES.get(user.behaviour.habit, FlowHandle)(user, page)


async def first_through(passes: Iterable[Coroutine[Any, Any, Passed]]) -> Passed:
    """Let all go at once; returns the first that completes, else the first of all."""
    tasks = [asyncio.ensure_future(one) for one in passes]
    try:
        waiting = set(tasks)
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if through := next((one.result() for one in done if one.result().completed), None):
                return through
        return tasks[0].result()
    finally:
        await drop(*tasks)


async def solve_late(page: Page, human: Human, slot: Slot, flow: FlowSpec, recorder: Recorder) -> None:
    """Solve a challenge that can be seen though the page has gone on without it, and wait for a submit that it leads to."""
    answered = asyncio.Event()
    slot.origin.on_answer = lambda request: answered.set() if is_submit(request, flow) else None
    try:
        what, why = await _solved_late(page, human, recorder)
        recorder.mark(what, detail=why)
        if what == SOLVED_LATE:
            # Nothing sent is right, too.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(answered.wait(), LATE_SENT_S)
    finally:
        slot.origin.on_answer = None


async def _solved_late(page: Page, human: Human, recorder: Recorder) -> tuple[str, str]:
    """Solve it if it can be seen; returns what became of that, and why."""

    async def mark(what: str) -> None:
        recorder.mark(what, detail="late")

    try:
        if not await _late_challenge(page, human):
            return NOTHING_LATE, "no challenge could be seen"
        await mark("challenge-visible")
        async with asyncio.timeout(LATE_SOLVED_S):
            await human.solve(page, Behaviour(), mark)
    except (TimeoutError, PlaywrightError, LaboratoryError) as error:
        # A page may take it away under the user's hand; while it can be seen, that it is not solved is nobody's doing but ours.
        if page.is_closed() or await _late_challenge(page, human):
            return HABIT_FAILED, f"the late challenge was not solved: {_first_line(error)}"
        return NOTHING_LATE, "the challenge went away"
    return SOLVED_LATE, ""


async def _late_challenge(page: Page, human: Human) -> bool:
    try:
        async with asyncio.timeout(LATE_SEEN_S):
            await human.challenge_visible(page)
    except TimeoutError:
        return False
    return True


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


class Together:
    """A door at the origin: the flow's submits wait there for each other, and go in at once when ``count`` have come."""

    def __init__(self, flow: FlowSpec, count: int, recorder: Recorder) -> None:
        self._flow = flow
        self._count = self._missing = count
        self._recorder = recorder
        self._all_here = asyncio.Event()
        self._held: list[tuple[float, float]] = []

    async def __call__(self, request: OriginRequest) -> None:
        """Hold a submit; the server's time for it begins when it goes in."""
        if not is_submit(request, self._flow):
            return
        self._missing -= 1
        if self._missing <= 0:
            self._all_here.set()
        visit, came_ms = self._recorder.visit, self._recorder.moment(request.arrived).page_ms
        until_s = time.monotonic() + TOGETHER_LIMIT_S
        while not self._all_here.is_set():
            had_time, why = self._other_tab(visit, came_ms)
            if had_time or time.monotonic() >= until_s:
                self._recorder.mark(SENT_NOTHING if had_time else HABIT_FAILED, detail=why, visit=visit)
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_here.wait(), LOOK_S)
        request.arrived = time.monotonic()
        self._held.append((came_ms, self._recorder.moment(request.arrived).page_ms))

    def held_ms(self, since_ms: float, until_ms: float) -> float:
        """How long one submit was held at the most between two moments of page time, in ms of page time."""
        return max([0.0, *(min(ended, until_ms) - max(began, since_ms) for began, ended in self._held)])

    def open(self) -> None:
        """Hold nobody any more."""
        self._missing = 0
        self._all_here.set()

    def _other_tab(self, visit: str, came_ms: float) -> tuple[bool, str]:
        """Whether the tab whose submit has not come had time enough for one, and in words what it had."""
        events = [event for event in self._recorder.events if event.visit == visit and event.what == "clicked-show"]
        asked = [event.moment.page_ms for event in events]
        if len(asked) < self._count:
            return False, f"only {len(asked)} of {self._count} tabs came to ask for the captcha"
        had_ms, needed_ms = self._recorder.moment().page_ms - max(asked), came_ms - min(asked)
        enough = had_ms >= needed_ms + MORE_TIME_S * 1000
        return enough, f"nothing in {had_ms:.0f} ms, where the other tab needed {needed_ms:.0f} ms"
