"""Strike several links of one flow, each fault at its own moment: they share the slot's barriers, in the schedule's order."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.browsers import stopped
from harness.catalog import Family, Link, Side
from harness.errors import HarnessError
from harness.faults.base import Edge, Fault
from harness.journal.model import Event, Scenario
from harness.lab.fault_window import Meters, Snapshot
from harness.lab.origin import OriginRequest
from harness.lab.recorder import Recorder
from harness.lab.router import Lookout
from harness.lab.slot import Slot
from harness.lab.striker import Striker
from harness.providers.serving import Arrival
from harness.target.spec import FlowSpec

Hook = Callable[..., Awaitable[None]]
_NO_NAME, _OFFLINE = "dns-failure", "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How the lab is looked at: the logs and a link's proxies, and the byte counters of the whole slot."""

    snapshot: Callable[[Link], Awaitable[Snapshot]]
    meters: Callable[[], Awaitable[Meters]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Barriers:
    """What strikers put into a slot's way: where requests and connections wait until their faults stand."""

    on_arrival: tuple[Hook, ...] = ()
    on_request: tuple[Hook, ...] = ()
    on_connect: tuple[Hook, ...] = ()
    close_after: frozenset[str] = frozenset()
    lookout: Lookout | None = None

    @classmethod
    def taken_from(cls, slot: Slot) -> Barriers:
        """Take what stands in a slot, and leave none there."""
        taken = cls(
            on_arrival=_some(slot.provider.on_arrival),
            on_request=_some(slot.origin.on_request),
            on_connect=_some(slot.router.on_connect),
            close_after=frozenset(slot.provider.close_after),
            lookout=slot.router.lookout,
        )
        cls().lay(slot)
        return taken

    def beside(self, other: Barriers) -> Barriers:
        """Both, these first."""
        return Barriers(
            on_arrival=self.on_arrival + other.on_arrival,
            on_request=self.on_request + other.on_request,
            on_connect=self.on_connect + other.on_connect,
            close_after=self.close_after | other.close_after,
            lookout=_joined(self.lookout, other.lookout),
        )

    def lay(self, slot: Slot) -> None:
        """Put them into a slot, in the place of what stands there."""
        slot.provider.on_arrival = _each(self.on_arrival)
        slot.origin.on_request = _each(self.on_request)
        slot.router.on_connect = _each(self.on_connect)
        slot.provider.close_after = set(self.close_after)
        slot.router.lookout = self.lookout


def _some(hook: Hook | None) -> tuple[Hook, ...]:
    return () if hook is None else (hook,)


def _each(hooks: tuple[Hook, ...]) -> Hook | None:
    if not hooks:
        return None

    async def one_by_one(*words: Any) -> None:
        for hook in hooks:
            await hook(*words)

    return one_by_one


def _joined(first: Lookout | None, second: Lookout | None) -> Lookout | None:
    """One for both, which are after the same request: the plan puts no two links that are told by path into a schedule."""
    if first is None or second is None:
        return first or second
    before = _each(tuple(one.before for one in (first, second) if one.before is not None))
    return replace(first, before=before)


class Stroked(Striker):
    """One fault of a schedule. It ends by itself when it has lasted, and what it met is looked at just before its end.

    Its time begins with the first request or connection that meets it: how long a page takes to come so far is no part of it.
    """

    def __init__(
        self,
        number: int,
        scenario: Scenario,
        fault: Fault,
        edge: Edge,
        link: Link,
        slot: Slot,
        recorder: Recorder,
        flow: FlowSpec,
        looks: Looks,
    ) -> None:
        super().__init__(scenario, fault, edge, link, slot, recorder, flow)
        self.number = number
        self.seen = Snapshot()
        self.meters = Meters(), Meters()
        self._looks = looks
        self._lasts_ms = scenario.schedule[number].stroke.lasts_ms
        self._passing = False

    @property
    def scenario(self) -> Scenario:
        """The schedule's scenario as that of this fault alone."""
        return self._scenario

    @property
    def link(self) -> Link:
        """The link that it strikes."""
        return self._link

    async def before_load(self) -> None:
        """Strike now if that is the moment, and let its time begin with the first who meets it; else lay the barriers."""
        await super().before_load()
        if self._lasts_ms is not None and self.standing:
            self._slot.router.on_connect = self._met_at_router
            self._slot.provider.on_arrival = self._met_at_far_end
            self._slot.origin.on_request = self._met_at_far_end
            self._recorder.listeners.append(self._met_in_browser)

    async def _met_at_router(self, host: str, side: Side) -> None:
        at_router = self._fault.family is Family.TRANSPORT or self._fault.name == _NO_NAME
        if at_router and host in self._link.hosts and side is self._link.side:
            self._begin_to_pass()

    def _met_in_browser(self, event: Event) -> None:
        if event.what not in ("request-failed", "console-error") or not stopped(self._fault.name, event.detail):
            return
        # A device without a network loses every request, whose ever it is.
        hosts = "|".join(map(re.escape, self._link.hosts))
        if self._fault.name == _OFFLINE or re.search(rf"//({hosts})(?![\w.-])", event.detail):
            self._begin_to_pass()

    async def _met_at_far_end(self, request: Arrival | OriginRequest) -> None:
        if request.link == self._link.name:
            self._begin_to_pass()

    async def apply(self) -> None:
        """Apply it once; where somebody is held until it stands, its time begins with them."""
        if self.struck is None:
            before = await self._looks.meters()
            self.meters = before, before
        await super().apply()
        if not self._at_once():
            self._begin_to_pass()

    def _begin_to_pass(self) -> None:
        if self._lasts_ms is not None and self.standing and not self._passing:
            self._passing = True
            self._aside(self._passes(self._lasts_ms / 1000))

    async def _passes(self, lasts_s: float) -> None:
        # That it lasts so long is the experiment.
        await asyncio.sleep(lasts_s)
        async with self._lock:
            await self._end()

    async def _end(self) -> None:
        if self.standing:
            self.seen = await self._looks.snapshot(self._link)
            await super()._end()
            self.meters = self.meters[0], await self._looks.meters()

    def _lay_down(self) -> None:
        # The barriers are the whole schedule's, which takes them away when all of it is over.
        self._over = True

    def _keep_ends_back(self, stands: bool) -> None:
        # The ends are those of the fault that hangs, whatever else comes and goes on its link.
        if self._fault.hangs:
            super()._keep_ends_back(stands)


class Strokes:
    """All faults of one schedule, as a lab sees them."""

    def __init__(self, strokes: Sequence[Stroked], slot: Slot) -> None:
        self.each = tuple(strokes)
        self._slot = slot

    @property
    def struck(self) -> float | None:
        """When the first of them began to be applied."""
        return min((one.struck for one in self.each if one.struck is not None), default=None)

    @property
    def applied(self) -> float | None:
        """When the first of them had been read back."""
        return min((one.applied for one in self.each if one.applied is not None), default=None)

    @property
    def healed(self) -> float | None:
        """When the last of them had ended; None while one stands."""
        return None if self.standing else max((one.healed for one in self.each if one.healed is not None), default=None)

    @property
    def error(self) -> HarnessError | None:
        """What went wrong first."""
        return next((one.error for one in self.each if one.error is not None), None)

    @property
    def standing(self) -> bool:
        """Whether any of them is on now."""
        return any(one.standing for one in self.each)

    @property
    def printed_meanwhile(self) -> str:
        """What the target printed from the first one on."""
        return next((one.printed_meanwhile for one in self.each if one.struck == self.struck), "")

    async def before_load(self) -> None:
        """Strike those whose moment it is, and lay the barriers of the others."""
        barriers = Barriers()
        for one in self.each:
            await one.before_load()
            barriers = barriers.beside(Barriers.taken_from(self._slot))
        barriers.lay(self._slot)

    async def clicked(self) -> None:
        """The user acts: from here on the submit may come."""
        lookout = self._slot.router.lookout
        for one in self.each:
            self._slot.router.lookout = None
            await one.clicked()
            lookout = self._slot.router.lookout = _joined(lookout, self._slot.router.lookout)

    def stop_reading(self) -> None:
        """Take no later word of the target for one about the honest user."""
        for one in self.each:
            one.stop_reading()

    async def heal(self) -> None:
        """End whatever stands, the last one first, and read each end back."""
        Barriers().lay(self._slot)
        for one in reversed(self.each):
            await one.heal()

    async def settled(self) -> None:
        """Wait for ends that have begun by themselves."""
        await asyncio.gather(*(one.settled() for one in self.each))
