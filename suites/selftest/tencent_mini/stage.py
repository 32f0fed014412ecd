"""A mini program on real parts: provider, Toxiproxy, router; and a clock that a test moves by hand."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from harness.certificates import Authority
from harness.faults.base import FAULTS
from harness.lab.controls import DeviceControls
from harness.lab.edges import edge_of
from harness.lab.recorder import Recorder
from harness.lab.router import Connection
from harness.lab.scripted_wire import DeviceTraffic, DeviceWire
from harness.lab.slot import Slot
from harness.providers.base import PROVIDERS
from harness.providers.scripted import Clock, World
from harness.providers.tencent_mini.plugin import Event, MiniProgram, Settings
from harness.target.spec import ProviderUse
from suites.selftest.one_slot import open_toxiproxy, slot_of
from suites.selftest.tencent_mini import plugin_notes as notes

APP_ID = "199999164"
# The machine may be busy; nothing here needs as long.
LIMIT_S = 30


class HandClock:
    """Time that passes only when a test says so. A timer is known by its length in milliseconds."""

    def __init__(self, start_s: float) -> None:
        self._start_s = start_s
        self.passed_ms = 0
        self._timers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._armed = asyncio.Event()

    def now_s(self) -> float:
        return self._start_s + self.passed_ms / 1000

    async def sleep(self, ms: int) -> None:
        timer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self.passed_ms + ms, ms, timer)
        self._timers.append(entry)
        self._armed.set()
        try:
            await timer
        finally:
            self._timers.remove(entry)

    def running(self) -> list[int]:
        return [ms for _due, ms, timer in self._timers if not timer.done()]

    async def armed(self, ms: int) -> None:
        """Wait until a timer of that length runs."""
        async with asyncio.timeout(LIMIT_S):
            while ms not in self.running():
                self._armed.clear()
                await self._armed.wait()

    async def advance(self, ms: int) -> None:
        """Let time pass, and everybody notice."""
        self.passed_ms += ms
        for due, _ms, timer in self._timers:
            if due <= self.passed_ms and not timer.done():
                timer.set_result(None)
        for _ in range(20):
            await asyncio.sleep(0)


class WorldClock:
    """The machine's own time."""

    def now_s(self) -> float:
        return time.time()

    async def sleep(self, ms: int) -> None:
        await asyncio.sleep(ms / 1000)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One slot, and the mini program in front of it."""

    slot: Slot
    program: MiniProgram
    clock: HandClock

    @contextlib.asynccontextmanager
    async def broken(self, link: str, fault: str) -> AsyncIterator[None]:
        """A fault on a link, as the lab puts it there, until the block ends."""
        edge = edge_of(self.slot, self.slot.links[link], browser=DeviceControls(self.slot.router))
        await FAULTS.get(fault).apply(edge)
        try:
            yield
        finally:
            await FAULTS.get(fault).heal(edge)

    def connections(self) -> list[Connection]:
        return list(self.slot.router.log)

    def sent_bytes(self) -> int:
        return sum(connection.bytes_up for connection in self.slot.router.log)

    def _has_sent_more_than(self, count: int) -> bool:
        return self.sent_bytes() > count

    def asked(self, link: str) -> int:
        return len(list(self.slot.provider.arrivals(link)))

    def names(self) -> list[str]:
        return [event.name for event in self.program.events]

    async def hangs(self, times: int = notes.TRIES) -> None:
        """Let that many requests wait their 15 s, no less, each once its bytes are really on their way."""
        start_ms, sent = self.clock.passed_ms, self.sent_bytes()
        for attempt in range(times):
            await self.clock.armed(notes.REQUEST_MS)
            await until(functools.partial(self._has_sent_more_than, sent))
            assert self.clock.passed_ms == start_ms + attempt * notes.REQUEST_MS
            await self.clock.advance(notes.REQUEST_MS - 1)
            assert self.clock.running() == [notes.REQUEST_MS]
            sent = self.sent_bytes()
            await self.clock.advance(1)

    async def shown(self) -> None:
        self.program.tap()
        await within(self.program.first("ready"))

    async def falls_back(self) -> Event:
        """Pass the documented 600 ms, no less, and return the event that comes then."""
        await self.clock.armed(notes.EMIT_MS)
        before = len(self.program.events)
        await self.clock.advance(notes.EMIT_MS - 1)
        assert len(self.program.events) == before
        await self.clock.advance(1)
        assert len(self.program.events) == before + 1
        return self.program.events[-1]


async def within(waited: Any) -> Any:
    return await asyncio.wait_for(waited, LIMIT_S)


async def until(true: Callable[[], object]) -> None:
    """Wait for something that only a log tells."""
    async with asyncio.timeout(LIMIT_S):
        while not true():  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0.001)


@contextlib.asynccontextmanager
async def slot_of_its_own(toxiproxy: Path, authority: Authority, options: Mapping[str, object]) -> AsyncIterator[Slot]:
    use = ProviderUse(use="tencent_mini", app_id=APP_ID, options=options)
    links = {link.name: link for link in PROVIDERS.get(use.use).links_with(options)}
    async with open_toxiproxy(toxiproxy) as client, slot_of(client, authority, use, links) as slot:
        yield slot


@contextlib.asynccontextmanager
async def on_stage(
    toxiproxy: Path, authority: Authority, *, clock: Clock | None = None, settings: Settings | None = None, **options: object
) -> AsyncIterator[Stage]:
    chosen = clock or HandClock(1_790_000_000)
    async with slot_of_its_own(toxiproxy, authority, options) as slot:
        traffic = DeviceTraffic(Recorder(), lambda _method, _url: "")
        wire = DeviceWire(router_port=slot.router.port, ca_file=slot.ca_file, traffic=traffic)
        program = MiniProgram(settings or Settings(data_app_id=APP_ID), World(wire=wire, clock=chosen))
        try:
            yield Stage(slot=slot, program=program, clock=cast(HandClock, chosen))
        finally:
            await program.leave()
            await wire.aclose()
