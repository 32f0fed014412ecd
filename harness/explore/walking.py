"""One user who does everyday things on the way through a flow, in a browser of their own, with nothing broken."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from harness.catalog import Behaviour
from harness.catalog.deeds import Act, Deed, Way
from harness.catalog.words import Phase
from harness.engine.workshop import Workshop
from harness.errors import HarnessError
from harness.explore.server_errors import ServerError, server_errors
from harness.journal.model import PageError
from harness.lab.addresses import Addresses, issue_to
from harness.lab.collect import is_submit
from harness.lab.handle import User, drop
from harness.lab.inbox import Known
from harness.lab.origin import OriginRequest
from harness.lab.passing import pass_through
from harness.lab.recorder import Recorder
from harness.lab.settling import settled, size
from harness.lab.slot import Slot
from harness.lab.stage import Stage
from harness.lab.user import FlowHandle
from harness.lab.watching import first_visible
from harness.lab.window import open_window
from harness.providers.base import ClosesChallenge, Delivers
from harness.target import signals
from harness.target.spec import FlowSpec

# A target knows so many users by name, and needs no more.
ACCOUNTS = 500
BUDGET_MS = 60_000
# Up to here real time passes; a user who waits longer has their page's clock moved.
REAL_MS = 500
# A challenge that a second press brings has come by now; a submit has left by then; a closed challenge has gone.
COMES_WITHIN_S, SENT_WITHIN_S, USABLE_WITHIN_S = 2.5, 5.0, 5.0
# What a second press sets off has begun by now.
QUIET_S, LOOK_S, LONGEST_S = 0.3, 0.02, 12.0
_AGAIN = (Deed.RELOAD, Deed.GO_BACK, Deed.SECOND_TAB)


class StartsAgainError(HarnessError):
    """The user begins anew: that is this user's way, and no fault of anybody's."""


@dataclass(slots=True)
class _Journey:
    """What one user still has to do, and what was seen of it. ``wanted``: for how many effects they have asked."""

    acts: deque[Act]
    wanted: int = 1
    sent: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    again: Act | None = None

    def next_in(self, phase: Phase, *deeds: Deed) -> Act | None:
        """Take the next act where it is one of this phase (and of these deeds, where any are named)."""
        if self.acts and self.acts[0].phase is phase and (not deeds or self.acts[0].deed in deeds):
            return self.acts.popleft()
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What came of one way. ``wanted``: how many effects the user may have asked for, ``gained``: how many came."""

    way: Way
    completed: bool
    error: str
    wanted: int
    gained: int
    errors: tuple[PageError, ...]
    server_errors: tuple[ServerError, ...] = ()
    died: str = ""


class _Walk(FlowHandle):
    """What the flow's function uses, for a user who has other things to do, too."""

    def __init__(self, user: User, page: Page, journey: _Journey, context: BrowserContext) -> None:
        super().__init__(user, page)
        self._journey, self._context = journey, context
        self._button = ""

    async def show(self, page: Page, selector: str) -> None:
        """Do what comes before, and press; who clicks again before anything is sent clicks twice."""
        await first_visible(page, [selector], enabled=True)
        self._button = selector
        while act := self._journey.next_in(Phase.BEFORE_SHOW):
            await self._wait(act.after_ms)
            self._start_again(act)
        await self._click(selector)
        if self._journey.next_in(Phase.BEFORE_SUBMIT):
            await page.dblclick(selector, no_wait_after=True, timeout=0)
        else:
            await page.click(selector, no_wait_after=True, timeout=0)

    async def _deal(self, page: Page) -> None:
        """Deal with every challenge that comes, and with what the user does while the submit is under way."""
        while await self._challenge(page, None):
            if await self._at_the_challenge(page):
                break
        try:
            await self._under_way(page)
        finally:
            self._journey.go_on.set()

    async def _challenge(self, page: Page, within_s: float | None) -> bool:
        """Whether a challenge can be seen before the flow goes on, or before so many seconds are over."""
        visible: asyncio.Future[Any] = asyncio.ensure_future(self._user.human.challenge_visible(page))
        # A submit that has left shows as well that there is none to come.
        sent = asyncio.ensure_future(self._journey.sent.wait()) if within_s is None else None
        ends: set[asyncio.Future[Any]] = {visible, self._past, *([sent] if sent else [])}
        try:
            await asyncio.wait(ends, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
            return visible.done() and not self._past.done()
        finally:
            await drop(visible, *([sent] if sent else []))

    async def _at_the_challenge(self, page: Page) -> bool:
        """Do what comes with the challenge in sight, and solve it; False when it was closed and asked for again."""
        refresh = False
        while act := self._journey.next_in(Phase.MID_CHALLENGE):
            await self._wait(act.after_ms)
            self._start_again(act)
            if act.deed is Deed.CLICK_AGAIN:
                await self._press(page, self._button)
            refresh = refresh or act.deed is Deed.REFRESH
            if act.deed is Deed.CLOSE and isinstance(self._user.human, ClosesChallenge):
                await self._user.human.close(page)
                await self._press_when_usable(page, act)
                return False
        behaviour = Behaviour(refresh=refresh)
        solving: asyncio.Future[Any] = asyncio.ensure_future(self._user.human.solve(page, behaviour, self._marked))
        try:
            await asyncio.wait([solving, self._past], return_when=asyncio.FIRST_COMPLETED)
            if solving.done():
                solving.result()
        finally:
            await drop(solving)
        return True

    async def _press_when_usable(self, page: Page, act: Act) -> None:
        """Press again when the page lets one; who cannot begins anew, as people do."""
        try:
            async with asyncio.timeout(USABLE_WITHIN_S):
                await first_visible(page, [self._button], enabled=True)
        except TimeoutError:
            self._journey.again = act
            raise StartsAgainError("the page did not let its user press again") from None
        await page.click(self._button, no_wait_after=True, timeout=0)

    async def _under_way(self, page: Page) -> None:
        while self._journey.acts and self._journey.acts[0].phase is Phase.DURING_VERDICT:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SENT_WITHIN_S):
                    await self._journey.sent.wait()
            act = self._journey.acts.popleft()
            await self._wait(min(act.after_ms, REAL_MS))
            self._start_again(act)
            await self._press(page, self._button)
            # Who is asked once more solves once more, before the first answer is there.
            if await self._challenge(page, COMES_WITHIN_S):
                await self._at_the_challenge(page)

    async def _press(self, page: Page, selector: str) -> None:
        """Press what can perhaps not be pressed: a page that has taken its button away leaves nobody anything to press."""
        with contextlib.suppress(PlaywrightError):
            await page.locator(selector).first.evaluate("element => element.click()", timeout=1000)

    def _start_again(self, act: Act) -> None:
        if act.deed in _AGAIN:
            # Who has sent something and has heard nothing asks once more.
            self._journey.wanted += self._journey.sent.is_set()
            self._journey.again = act
            self._journey.go_on.set()
            raise StartsAgainError(str(act))

    async def _wait(self, ms: int) -> None:
        if ms > REAL_MS:
            began = time.monotonic()
            await self._context.clock.run_for(ms)
            self._user.recorder.advance(ms, since=began)
        elif ms:
            # What passes is the user's own time.
            await asyncio.sleep(ms / 1000)


class Walker:
    """Lets one user after another through one flow of a running target. Use :meth:`open` and :meth:`close`."""

    def __init__(self, workshop: Workshop, slot: Slot, flow: FlowSpec) -> None:
        self.flow = flow
        self._bench = workshop.bench_of(flow.name)
        self._slot = slot
        self._stage: Stage | None = None
        self._addresses = Addresses(workshop.target.client_ip_header, workshop.target.client_ip_ranges)
        self._account = 0

    async def open(self) -> None:
        """Start the target."""
        self._stage = await Stage.set_up(self._bench, self._slot, self._bench.provider.builds[0])
        self._account = 0
        if header := self._addresses.header:
            self._slot.origin.client_ip = header, lambda: self._addresses.of_account(self._account)

    async def close(self) -> None:
        """End the target."""
        if self._stage is not None:
            await self._stage.stop()
            self._stage = None

    async def renew(self) -> None:
        """Go on with a target that has seen nothing."""
        await self.close()
        await self.open()

    async def walk(self, way: Way) -> Walked:
        """Let one user go that way, in a browser window and from an account of their own."""
        if self._account >= ACCOUNTS:
            await self.renew()
        assert self._stage is not None
        self._account += 1
        if self._addresses.header:
            issue_to(self._slot, self._addresses.of_account(self._account))
        slot, stage, recorder = self._slot, self._stage, Recorder()
        slot.origin.log.clear()
        slot.provider.log.clear()
        before = await signals.effects(stage.base_url, self.flow)
        context, traffic = await open_window(self._bench, slot, recorder, profile=self.flow.profile, look_into=())
        journey = _Journey(acts=deque(way.acts))
        slot.origin.on_request = _door(journey, self.flow)
        try:
            if any(act.after_ms > REAL_MS for act in way.acts):
                await context.clock.install()
            completed, error = await self._through(context, journey, recorder, sum(act.after_ms for act in way.acts))
            await self._at_rest(traffic.in_flight)
        finally:
            slot.origin.on_request = None
            await context.close()
        gained = 0 if stage.epitaph else size(await settled(stage.base_url, self.flow, _more(before, int(completed)))) - before
        errors = tuple(dict.fromkeys(error for _visit, error in recorder.page_errors))
        return Walked(
            way=way, completed=completed, error=error, wanted=journey.wanted, gained=gained, errors=errors,
            server_errors=server_errors(slot.origin.log, self.flow), died=stage.epitaph,
        )  # fmt: skip

    async def _through(
        self, context: BrowserContext, journey: _Journey, recorder: Recorder, waits_ms: int
    ) -> tuple[bool, str]:
        page = await context.new_page()
        known = Known()
        while True:
            handle = _Walk(self._user(recorder, known), page, journey, context)
            drive = self._bench.drives[self.flow.name]
            passed = await pass_through(page, handle, drive, recorder, budget_ms=BUDGET_MS + waits_ms)
            if journey.again is None:
                return passed.completed, passed.error
            act, journey.again = journey.again, None
            page = await _begin_anew(context, page, act)
            journey.sent.clear()
            journey.go_on.clear()

    def _user(self, recorder: Recorder, known: Known) -> User:
        assert self._stage is not None

        async def clicked() -> None:
            """Nothing waits for the click here."""

        account = self._bench.target.accounts.replace("{n}", str(self._account))
        return User(
            base_url=self._stage.base_url, spec=self.flow, account=account, behaviour=Behaviour(),
            human=self._bench.provider.human, recorder=recorder, on_click=clicked, codes=known, delivered=self._delivered,
        )  # fmt: skip

    def _delivered(self, to: str) -> str:
        emulator = self._slot.provider.emulator
        return emulator.delivered(to) if isinstance(emulator, Delivers) else ""

    async def _at_rest(self, in_flight: Any) -> None:
        """Wait until what a second press has set off is over; what a page keeps open is not waited for without end."""
        until, quiet_since = time.monotonic() + LONGEST_S, time.monotonic()
        while time.monotonic() < until and time.monotonic() - quiet_since < QUIET_S:
            if self._slot.origin.busy or in_flight():
                quiet_since = time.monotonic()
            await asyncio.sleep(LOOK_S)  # that all is at rest is told by no event


def _door(journey: _Journey, flow: FlowSpec) -> Any:
    async def hold(request: OriginRequest) -> None:
        """Hold a submit while its user does something else meanwhile."""
        if not is_submit(request, flow):
            return
        journey.sent.set()
        if any(act.phase is Phase.DURING_VERDICT for act in journey.acts):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(journey.go_on.wait(), SENT_WITHIN_S)

    return hold


async def _begin_anew(context: BrowserContext, page: Page, act: Act) -> Page:
    """Do what makes a user begin anew; the flow's function then starts from its first step."""
    with contextlib.suppress(PlaywrightError):
        match act.deed:
            case Deed.SECOND_TAB:
                return await context.new_page()
            case Deed.GO_BACK:
                await page.go_back(wait_until="domcontentloaded", timeout=5000)
            case _:
                await page.reload(wait_until="domcontentloaded", timeout=5000)
    return page


def _more(before: int, told: int) -> Any:
    return lambda count: count - before >= told
