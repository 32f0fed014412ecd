"""One flow's page in a browser whose vendor's client calls back as it is told: example after example, on one running target.

A page that lets its user try again is used again, without a reload: whoever is turned away presses the button once more, and
so do we. A page that has gone on, and one whose clock was moved, is left for a fresh one with an account of its own.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx

from harness.catalog import Behaviour
from harness.catalog.callbacks import Blank, Callbacks, as_script, blanks, texts
from harness.engine.workshop import Workshop
from harness.errors import TargetError, UsageError
from harness.explore.drawn_page import Heard, OpenPage, Told
from harness.explore.resting import Ending, Watch
from harness.explore.under_way import under_way
from harness.explore.whole_window import open_whole
from harness.journal.model import PageError
from harness.lab.addresses import Addresses
from harness.lab.collect import is_submit
from harness.lab.forgeries import good_case
from harness.lab.handle import User, drop
from harness.lab.origin import OriginRequest
from harness.lab.settling import settled, size
from harness.lab.slot import Slot
from harness.lab.stage import Stage
from harness.providers.base import PROVIDERS, BindsToVisitor, DrawsCallbacks
from harness.target import signals
from harness.target.http import origin_client
from harness.target.spec import BROWSER, FlowSpec, Target

ENTRY = "entry"
# Where the target file names no watchdog of the page's own; the vendor's longest wait is shorter.
WATCHDOG_MS = 60_000
MORE_MS = 5_000
PRESSED_WITHIN_S, ENDED_WITHIN_S = 20.0, 60.0
# A page that has been open for longer is no longer what somebody meets who has just come.
READY_FOR_S = 10.0
# A target knows so many users by name, and needs no more.
ACCOUNTS = 500
# A browser keeps what a context has seen, and so do the slot's logs.
MOST_OF_A_CONTEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of one example. ``fresh``: on a page that nothing had been tried on.

    ``gained`` are the effects at the origin, ``verified`` how many of them are marked as a verified user's (None: the target
    has no mark). ``submits`` are the requests that act, as they arrived; ``drawn`` the texts that the client handed over.
    ``waited_ms`` is by how much the page's clock was moved, ``thrown`` what the callback threw into the client.
    ``asked``: the page has asked the client at all.
    """

    callbacks: Callbacks
    ending: Ending
    fresh: bool
    gained: int
    verified: int | None
    submits: tuple[OriginRequest, ...]
    drawn: frozenset[str]
    errors: tuple[PageError, ...]
    thrown: str
    waited_ms: int
    asked: bool = True
    died: str = ""


class Stand:
    """Tries examples on one flow's page. Use :meth:`open` and :meth:`close`; ``reuses`` is whether a page may be used again."""

    def __init__(self, workshop: Workshop, slot: Slot, flow: FlowSpec) -> None:
        self.flow = flow
        self.reuses = True
        self.reloads = 0
        self._bench = workshop.bench_of(flow.name)
        self._app_id = workshop.target.use_of(flow.name).app_id
        self._slot = slot
        self._stage: Stage | None = None
        self._open: OpenPage | None = None
        self._addresses = Addresses(workshop.target.client_ip_header, workshop.target.client_ip_ranges)
        self._account = 0
        self._effects = 0
        self._verified: int | None = None
        self._client: httpx.AsyncClient | None = None

    @property
    def app_id(self) -> str:
        """The app id of the flow's provider."""
        return self._app_id

    @property
    def limit_ms(self) -> int:
        """How long a page may leave its user waiting, in ms of page time."""
        return (self.flow.watchdog_ms or WATCHDOG_MS) + MORE_MS

    @property
    def history(self) -> tuple[Callbacks, ...]:
        """What was tried on the page that is open, the latest last."""
        return tuple(self._open.history) if self._open else ()

    @staticmethod
    def can(target: Target, flow: FlowSpec) -> bool:
        """Whether a flow has a page in a browser, and its provider a client that can be told what to hand over."""
        in_browser = flow.client == BROWSER and flow.browser is not None
        return in_browser and isinstance(PROVIDERS.get(target.use_of(flow.name).use), DrawsCallbacks)

    @property
    def tells_addresses(self) -> bool:
        """Whether the target tells one user's address from another's."""
        return self._addresses.header is not None

    async def open(self) -> None:
        """Start the target; raises UsageError for a flow whose client cannot be told what to hand over (:meth:`can`)."""
        provider = self._bench.provider
        if not isinstance(provider, DrawsCallbacks):
            raise UsageError(f"flows.{self.flow.name}: {provider.title} has no client whose callbacks can be drawn")
        slot, self._account = self._slot, 0
        self._stage = await Stage.set_up(self._bench, slot, provider.builds[0])
        slot.provider.responses.set(ENTRY, provider.drawn_client, "drawn")
        if header := self._addresses.header:
            slot.origin.client_ip = header, self._address
        if isinstance(slot.provider.emulator, BindsToVisitor):
            slot.provider.emulator.visitor_ip = self._address if self._addresses.header else None
        self._client = origin_client(self._stage.base_url)
        self._effects = size(await signals.counted(self._stage.base_url, self.flow, self._client))
        self._verified = await signals.marked_verified(self._stage.base_url, self.flow, self._client)

    async def close(self) -> None:
        """Close the page and end the target, the one whatever becomes of the other."""
        async with AsyncExitStack() as rest:
            if self._stage is not None:
                rest.push_async_callback(self._stage.stop)
            if self._client is not None:
                rest.push_async_callback(self._client.aclose)
            self._stage = self._client = None
            await self._leave()

    async def renew(self) -> None:
        """Go on with a target that has seen nothing."""
        await self.close()
        await self.open()

    async def attempt(self, callbacks: Callbacks, *, fresh: bool = False) -> Tried:
        """Try one example; on a page that was used before, unless ``fresh`` or nothing but a fresh one will do."""
        waits = callbacks.waits
        may_stay = self.usable and not fresh and not waits
        tried = await self._attempt(callbacks, fresh=not may_stay, behind_ms=self.limit_ms - MORE_MS if waits else 0)
        if not (tried.asked or tried.fresh):
            # What an earlier press had left behind has answered this one.
            return await self._attempt(callbacks, fresh=True, behind_ms=0)
        wrote_nothing = tried.ending == "dead" and not tried.submits
        if tried.waited_ms and not waits and not wrote_nothing:
            # The page's Date has run ahead of the world's: what it wrote then is of no moment. Once more, from behind.
            return await self._attempt(callbacks, fresh=True, behind_ms=self.limit_ms - MORE_MS)
        return tried

    @property
    def usable(self) -> bool:
        """Whether an example needs no reload: there is a page that nothing was tried on yet, or that may be used again."""
        open_ = self._open
        if open_ is not None and open_.ready_since is not None:
            return time.monotonic() - open_.ready_since < READY_FOR_S
        return self.reuses and open_ is not None and open_.again and open_.tried < MOST_OF_A_CONTEXT and not open_.advanced_ms

    async def make_ready(self) -> None:
        """Open a fresh page, up to where its user is about to press."""
        await self._turn_the_page(0)
        await self._to_the_button()

    async def _attempt(self, callbacks: Callbacks, *, fresh: bool, behind_ms: int) -> Tried:
        assert self._stage is not None
        if fresh:
            await self._turn_the_page(behind_ms)
        open_, log = self._open, self._slot.origin.log
        assert open_ is not None
        filling, now_s, moved_before = self._filling(callbacks), int(time.time()), open_.advanced_ms
        untouched = not open_.history
        if not untouched:
            open_.begin(len(log))
        handle = await self._press(open_, callbacks, as_script(callbacks, filling, now_s))
        ending = await self._ending(open_, handle, callbacks)
        open_.history.append(callbacks)
        open_.again = ending == "ready" and open_.drive is not None and open_.drive.done()
        requests = log[open_.arrived :]
        gained, verified = await self._gained(bool(requests), told=ending == "completed")
        return Tried(
            callbacks=callbacks, ending=ending, fresh=untouched, gained=gained, verified=verified,
            submits=tuple(one for one in requests if one.method != "GET" or is_submit(one, self.flow)),
            drawn=texts(callbacks, filling, now_s),
            errors=tuple(error for _visit, error in open_.heard.page_errors[open_.errors :]),
            thrown=open_.heard.thrown.get(handle.given, ""), waited_ms=open_.advanced_ms - moved_before,
            asked=handle.given in open_.heard.asked, died=self._stage.epitaph,
        )  # fmt: skip

    async def _turn_the_page(self, behind_ms: int) -> None:
        """Open a fresh page for a user who was never here; in the same window unless its clock is no longer right."""
        if self._account >= ACCOUNTS:
            await self.renew()
        open_ = self._open
        if open_ is None or open_.advanced_ms or behind_ms or open_.behind_ms or open_.tried >= MOST_OF_A_CONTEXT:
            await self._leave()
            self._slot.origin.log.clear()
            self._slot.provider.log.clear()
            open_ = self._open = await open_whole(self._bench, self._slot, profile=self.flow.profile, behind_ms=behind_ms)
        elif open_.drive is not None:
            await drop(open_.drive)
        self._account += 1
        self.reloads += 1
        open_.handle = open_.drive = None
        open_.again, open_.ready_since = False, None
        open_.history.clear()
        open_.begin(len(self._slot.origin.log))
        await open_.context.clear_cookies()

    async def _leave(self) -> None:
        if self._open is None:
            return
        if self._open.drive is not None:
            await drop(self._open.drive)
        await self._open.context.close()
        self._open = None

    async def _press(self, open_: OpenPage, callbacks: Callbacks, program: str) -> Told:
        handle = open_.handle or await self._to_the_button()
        open_.tried += 1
        open_.ready_since = None
        try:
            async with asyncio.timeout(PRESSED_WITHIN_S):
                await handle.press(program, reads_codes=callbacks.finishes)
        except TimeoutError:
            raise TargetError(f"flows.{self.flow.name}: its button took no press within {PRESSED_WITHIN_S:g} s") from None
        return handle

    async def _to_the_button(self) -> Told:
        open_ = self._open
        assert open_ is not None
        open_.heard.forget()
        handle = open_.handle = Told(self._user(open_.heard), open_.page, open_.heard)
        open_.drive = asyncio.ensure_future(self._bench.drives[self.flow.name](open_.page, handle))
        there = asyncio.ensure_future(handle.at_button.wait())
        await asyncio.wait({open_.drive, there}, timeout=PRESSED_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        try:
            if not handle.at_button.is_set():
                raise TargetError(f"flows.{self.flow.name}: its function did not come to flow.show{self._why(open_.drive)}")
        finally:
            await drop(there)
        open_.ready_since = time.monotonic()
        return handle

    def _why(self, drive: asyncio.Future[None]) -> str:
        assert self._stage is not None
        if self._stage.epitaph:
            return f": {self._stage.epitaph}"
        error = drive.exception() if drive.done() and not drive.cancelled() else None
        return f": {error}".splitlines()[0] if error else f" within {PRESSED_WITHIN_S:g} s"

    def _user(self, heard: Heard) -> User:
        assert self._stage is not None

        async def clicked() -> None:
            """Nothing waits for the click here."""

        account = self._bench.target.accounts.replace("{n}", str(self._account))
        return User(
            base_url=self._stage.base_url, spec=self.flow, account=account, behaviour=Behaviour(),
            human=self._bench.provider.human, recorder=heard, on_click=clicked,
        )  # fmt: skip

    def _address(self) -> str:
        return self._addresses.of_account(self._account)

    def _filling(self, callbacks: Callbacks) -> dict[Blank, str]:
        filling = {Blank.APP_ID: self._app_id, Blank.TICKET: "", Blank.RANDSTR: ""}
        if Blank.TICKET in blanks(callbacks):
            good = good_case(self._bench.provider.verdict_cases(self._slot.provider.emulator))
            filling |= {Blank.TICKET: good.ticket, Blank.RANDSTR: good.randstr}
        return filling

    async def _gained(self, touched: bool, *, told: bool) -> tuple[int, int | None]:
        """What the business has gained and how much of it is marked as verified; who was told of it may wait for the record."""
        assert self._stage is not None
        url = self._stage.base_url
        if not touched or self._stage.epitaph:
            return 0, None if self._verified is None else 0
        before, marked = self._effects, self._verified
        self._effects = size(await signals.counted(url, self.flow, self._client))
        if told and self._effects == before:
            self._effects = size(await settled(url, self.flow, lambda count: count > before))
        if self._effects == before:
            return 0, None if marked is None else 0
        self._verified = await signals.marked_verified(url, self.flow, self._client)
        newly = None if marked is None or self._verified is None else self._verified - marked
        return self._effects - before, newly

    async def _ending(self, open_: OpenPage, handle: Told, callbacks: Callbacks) -> Ending:
        """Wait until everything that the client was told to do is done and the page has come to rest."""
        watch = Watch(self, open_, handle, callbacks)
        try:
            async with asyncio.timeout(ENDED_WITHIN_S):
                return await watch.until_rest()
        except TimeoutError:
            return "dead"
        finally:
            handle.over.set()

    def quiet_s(self, open_: OpenPage) -> float:
        """For how long nothing has moved between page, client and target; 0 while a request of this example is under way."""
        flights = [flight for flight in open_.traffic.in_flight() if flight.began >= open_.since]
        if under_way(self._slot.origin.log[open_.arrived :], flights, self.flow):
            return 0.0
        return time.monotonic() - max(open_.traffic.changed, open_.heard.at)

    @property
    def alive(self) -> bool:
        """Whether the target lives."""
        return self._stage is not None and not self._stage.epitaph
