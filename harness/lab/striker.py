"""Strike one link at the right moment, and end it.

Links that share a host are told apart at the origin: the provider holds the link's arriving request until the fault stands and
is read back (warm). For the cold form the answer before it ends with ``Connection: close`` and the router holds the next
connection instead; the submit has no such answer before it, so the router looks out for the request itself. Toggling on a
browser event struck the wrong link in 8 of 160 (PITFALLS.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Protocol

from harness.catalog import ONCE, Family, Link, Phase, Side, Warmth
from harness.errors import HarnessError
from harness.faults.base import Edge, Fault
from harness.journal.model import Scenario
from harness.lab.collect import is_submit, names_submit
from harness.lab.edges import AID
from harness.lab.fault_window import printed_between
from harness.lab.origin import OriginRequest
from harness.lab.recorder import Recorder
from harness.lab.router import Connection, Lookout
from harness.lab.slot import TARGET_HOST, Slot
from harness.providers.serving import Arrival
from harness.target.spec import FlowSpec

# Between the fault and the answers of its own end there is at most one event-loop turn: this only guards against a lost event.
HOLD_LIMIT_S = 10.0


class Strikes(Protocol):
    """What a lab knows of its fault, or faults; times are monotonic, None until they have come."""

    @property
    def struck(self) -> float | None: ...
    @property
    def applied(self) -> float | None: ...
    @property
    def healed(self) -> float | None: ...
    @property
    def error(self) -> HarnessError | None: ...
    @property
    def standing(self) -> bool: ...
    @property
    def printed_meanwhile(self) -> str: ...
    async def before_load(self) -> None: ...
    async def clicked(self) -> None: ...
    def stop_reading(self) -> None: ...
    async def heal(self) -> None: ...
    async def settled(self) -> None: ...


class Striker:
    """One fault on one edge. ``error`` says what went wrong.

    ``struck``, ``applied`` and ``healed`` are monotonic times, None until then: when the fault began to be applied (it may bite
    from there on), when it had been read back, and when it had ended. ``printed`` reads the target's output. ``number``: its
    place in a schedule.
    """

    number = 0

    def __init__(
        self, scenario: Scenario, fault: Fault, edge: Edge, link: Link, slot: Slot, recorder: Recorder, flow: FlowSpec
    ) -> None:
        self.struck: float | None = None
        self.applied: float | None = None
        self.healed: float | None = None
        self.error: HarnessError | None = None
        self.printed: Callable[[], str] = str
        self._printed_before = ""
        self._printed_at_heal: str | None = None
        self._scenario = scenario
        self._fault = fault
        self._edge = edge
        self._link = link
        self._slot = slot
        self._recorder = recorder
        self._flow = flow
        self._lock = asyncio.Lock()
        self._over = False
        self._clicked = False
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def standing(self) -> bool:
        """Whether the fault is on now."""
        return self.applied is not None and self.healed is None

    @property
    def printed_meanwhile(self) -> str:
        """What the target printed while the fault stood."""
        printed = self.printed() if self._printed_at_heal is None else self._printed_at_heal
        return printed_between(self._printed_before, printed)

    def stop_reading(self) -> None:
        """Take no later word of the target for one about the honest user, though the fault stands on."""
        if self._printed_at_heal is None:
            self._printed_at_heal = self.printed()

    async def before_load(self) -> None:
        """Strike now if that is the moment, else lay the barriers."""
        scenario, link, slot = self._scenario, self._link, self._slot
        if self._at_once():
            await self.apply()
        elif self._told_by_path:
            if scenario.warmth is Warmth.WARM:
                slot.origin.on_request = self._at_target
            elif link.name == AID:
                # A page may ask for it before the user's click: nothing else goes by that path.
                slot.router.lookout = Lookout(host=TARGET_HOST, wanted=self._is_aid, before=self.apply)
        else:
            slot.provider.on_arrival = self._at_provider
        if scenario.warmth is Warmth.COLD and not self._at_once() and link.after is not None:
            slot.provider.close_after = {link.after}
        if scenario.warmth is Warmth.COLD and not self._at_once() and not self._told_by_path:
            slot.router.on_connect = self._at_router
        if scenario.strikes == ONCE:
            slot.router.on_end = self._felt_once

    async def clicked(self) -> None:
        """The user acts: from here on the submit may come, and beside it whatever else the page asks the target for."""
        self._clicked = True
        if self._link.name != "submit" or self._over:
            return
        cold = self._scenario.warmth is Warmth.COLD
        self._slot.router.lookout = Lookout(
            host=TARGET_HOST,
            wanted=lambda method, path: names_submit(method, path, self._flow),
            before=self.apply if cold else None,
        )
        if cold:
            await self._slot.origin.close_connections(idle_only=True)

    @property
    def _told_by_path(self) -> bool:
        """Whether the link shares its connections with the page, so that only the request tells it."""
        return self._link.name in ("submit", AID)

    def _at_once(self) -> bool:
        if self._link.name == "submit" or (self._told_by_path and self._fault.family is Family.TRANSPORT):
            return False
        if self._fault.family is Family.RESPONSE and self._scenario.warmth is Warmth.WARM:
            # What the vendor alone knows of (a clock that has gone on) must not strike the links before.
            return False
        if self._fault.family is not Family.TRANSPORT and self._fault.name != "offline":
            return True
        if self._scenario.warmth is Warmth.WARM:
            return False
        return self._scenario.phase is Phase.BEFORE_LOAD or (self._link.after is None and self._one_source())

    def _one_source(self) -> bool:
        # A link whose later sources are hosts that earlier links need can only be struck when its own turn comes.
        others = {h for link in self._slot.links.values() if link.name != self._link.name for h in link.hosts}
        return self._link.side is Side.SERVER or not (set(self._link.hosts) & others)

    async def _at_provider(self, arrival: Arrival) -> None:
        if arrival.link == self._link.name:
            await self.apply()

    async def _at_target(self, request: OriginRequest) -> None:
        wanted = request.link == AID if self._link.name == AID else self._clicked and is_submit(request, self._flow)
        if wanted:
            await self.apply()

    def _is_aid(self, method: str, path: str) -> bool:
        return self._slot.origin.link_of(method, path) == AID

    async def _at_router(self, host: str, side: Side) -> None:
        if self.applied is not None or side is not self._link.side:
            return
        if host in self._first_tried and self._turn_has_come():
            await self.apply()

    @property
    def _first_tried(self) -> Sequence[str]:
        """The hosts whose connections set a cold fault off."""
        return self._link.hosts[:1]

    def _turn_has_come(self) -> bool:
        after = self._link.after
        return after is None or any(a.answered is not None for a in self._slot.provider.arrivals(after))

    async def apply(self) -> None:
        """Apply the fault and read it back, once; a failure is kept in ``error`` and the lab ends."""
        async with self._lock:
            if self.applied is not None or self.error is not None:
                return
            if self.struck is None:
                self._printed_before = self.printed()
                self.struck = time.monotonic()
            self._keep_ends_back(self._fault.hangs)
            try:
                receipts = await self._fault.apply(self._edge)
            except HarnessError as error:
                self._keep_ends_back(False)
                self.error = error
                return
            self.applied = time.monotonic()
            self._recorder.receipts("apply", receipts, stroke=self.number)

    async def heal(self) -> None:
        """End the fault and read that back, once; nothing happens when it never struck."""
        async with self._lock:
            self._lay_down()
            await self._end()

    async def _end(self) -> None:
        """End the fault where it stands, and read that back; whoever calls holds the lock."""
        if not self.standing:
            return
        self.stop_reading()
        try:
            receipts = await self._fault.heal(self._edge)
        except HarnessError as error:
            self.error = error
            return
        finally:
            self.healed = time.monotonic()
            self._keep_ends_back(False)
        self._recorder.receipts("heal", receipts, stroke=self.number)

    def _keep_ends_back(self, stands: bool) -> None:
        if TARGET_HOST in self._link.hosts:
            self._slot.origin.hold_ends = stands
        elif stands:
            self._slot.provider.hold_ends(self._link.name)
        else:
            self._slot.provider.let_ends_pass(self._link.name)

    def _lay_down(self) -> None:
        self._over = True
        slot = self._slot
        slot.provider.on_arrival = slot.origin.on_request = slot.router.on_connect = slot.router.on_end = None
        slot.router.lookout = None
        slot.provider.close_after = set()

    def _felt_once(self, connection: Connection) -> None:
        if self._felt_by(connection):
            self._aside(self._after_felt())

    def _felt_by(self, connection: Connection) -> bool:
        own = connection.carried if self._told_by_path else connection.host in self._edge.hosts
        return self.standing and own and connection.ended is not None

    async def _after_felt(self) -> None:
        await self.heal()

    def _aside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait for a heal that has begun by itself."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*self._tasks), HOLD_LIMIT_S)
