"""Faults that do not simply stand until the lab ends them: one that flaps, a short one, one that ends before the submit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from harness.catalog import BRIEFLY, FLAP_TIMES, FLAPS, UNTIL_SUBMIT, Link, Side
from harness.faults.base import Edge, Fault
from harness.journal.model import Scenario
from harness.lab.collect import is_submit
from harness.lab.origin import OriginRequest
from harness.lab.recorder import Recorder
from harness.lab.router import Connection
from harness.lab.slot import Slot
from harness.lab.striker import Striker
from harness.target.spec import FlowSpec

# How long a short outage is: longer than a round trip, shorter than any of the vendors' timers.
BRIEFLY_S = 1.0
_BROKEN = ("refused", "no-such-name", "upstream-reset")


class Flapping(Striker):
    """Ends when it was felt, and stands again at the next try, :data:`~harness.catalog.FLAP_TIMES` times in all."""

    _times_left = FLAP_TIMES
    _last: tuple[float | None, float | None] | None = None
    _at_rest: asyncio.Event

    async def before_load(self) -> None:
        """Strike now or lay the barriers, and hold every later connection until the fault stands again."""
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        await super().before_load()
        self._slot.router.on_connect = self._at_router
        self._slot.router.on_end = self._felt_once

    async def _at_router(self, host: str, side: Side) -> None:
        # Between two of its times a connection waits: it must meet the whole of the next one, or nothing of the last.
        await self._at_rest.wait()
        await super()._at_router(host, side)

    def _felt_once(self, connection: Connection) -> None:
        # A connection that ends by itself, an older one on a shared host, has not felt it.
        if connection.ended_by in _BROKEN and self._at_rest.is_set() and self._felt_by(connection):
            self._at_rest.clear()
            self._aside(self._after_felt())

    @property
    def _first_tried(self) -> Sequence[str]:
        return self._link.hosts[:1] if self.struck is None else self._link.hosts

    async def _after_felt(self) -> None:
        async with self._lock:
            await self._end()
            self._times_left -= 1
            if self._times_left <= 0:
                self._lay_down()
            elif self.error is None and not self._over:
                self._last = self.applied, self.healed
                self.applied = self.healed = None
        self._at_rest.set()

    def _lay_down(self) -> None:
        super()._lay_down()
        # Nothing stands again after this: whoever still waits for the next time must not do so for ever.
        self._at_rest.set()

    async def heal(self) -> None:
        """End it for good; where it has not come back, its last end is the end."""
        await super().heal()
        if self.applied is None and self._last is not None:
            self.applied, self.healed = self._last


class FlapsByUser(Striker):
    """Stands for one user, ends, and stands again for the next: a server may well try more than once for one and the same."""

    async def come_back(self) -> None:
        """End it for the user who has met it, and let it stand for the next one."""
        async with self._lock:
            await self._end()
            if self.error is None:
                self.applied = self.healed = None
        await self.apply()


class Brief(Striker):
    """Stands for :data:`BRIEFLY_S` seconds: that it lasts so long is the experiment."""

    async def apply(self) -> None:
        """Apply it once, and begin its time."""
        before = self.applied
        await super().apply()
        if before is None and self.standing:
            self._aside(self._passes())

    async def _passes(self) -> None:
        # No wait for anything: for so long this fault is to stand.
        await asyncio.sleep(BRIEFLY_S)
        async with self._lock:
            await self._end()


class UntilSubmit(Striker):
    """Ends when the flow's submit is at the target's door: it goes in when the end has been read back."""

    async def before_load(self) -> None:
        """Strike now or lay the barriers, and wait at the door."""
        await super().before_load()
        self._slot.origin.on_request = self._at_the_door

    async def _at_the_door(self, request: OriginRequest) -> None:
        if self._clicked and is_submit(request, self._flow):
            await self.heal()


_COURSES: dict[str, type[Striker]] = {BRIEFLY: Brief, UNTIL_SUBMIT: UntilSubmit}


def striker_of(
    scenario: Scenario, fault: Fault, edge: Edge, link: Link, slot: Slot, recorder: Recorder, flow: FlowSpec
) -> Striker:
    """Make the striker that goes as the scenario's fault does."""
    flaps = FlapsByUser if link.side is Side.SERVER else Flapping
    course = flaps if scenario.strikes == FLAPS else _COURSES.get(scenario.strikes, Striker)
    return course(scenario, fault, edge, link, slot, recorder, flow)
