"""The mini program around the component: a user's acts, each a task of its own, and the events that came of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from harness.providers.tencent_mini.plugin.clock import Clock, WorldClock
from harness.providers.tencent_mini.plugin.component import Component, Settings, Timers
from harness.providers.tencent_mini.plugin.wx_request import TIMEOUT_MS, WxRequests


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a handler of the mini program was given: the event's name and its detail, at so many unix seconds."""

    name: str
    detail: Mapping[str, Any]
    at_s: float


class MiniProgram:
    """One page with one captcha on it. The acts return at once; what they lead to is read from ``events``."""

    def __init__(self, settings: Settings, requests: WxRequests, clock: Clock, timers: Timers) -> None:
        self.clock = clock
        self.events: list[Event] = []
        self.plugin = Component(settings, requests, clock, self._heard, timers)
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def tap(self) -> asyncio.Task[None]:
        """Touch what shows the captcha."""
        return self._begin(self.plugin.show())

    def refresh(self) -> asyncio.Task[None]:
        """Ask for another picture."""
        return self._begin(self.plugin.refresh())

    def drag(self, x: int) -> asyncio.Task[None]:
        """Drag the piece to ``x``, in pixels."""
        return self._begin(self.plugin.verify(x))

    def close(self) -> None:
        """Close the captcha without solving it."""
        self.plugin.close()

    async def first(self, *names: str) -> Event:
        """Return the first event of one of these names; wait for ever when none comes."""
        while True:
            self._changed.clear()
            for event in self.events:
                if event.name in names:
                    return event
            await self._changed.wait()

    async def leave(self) -> None:
        """Leave the page: whatever is under way ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, act: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(act)
        self._tasks.add(task)
        return task

    def _heard(self, name: str, detail: Mapping[str, Any]) -> None:
        self.events.append(Event(name=name, detail=detail, at_s=self.clock.now_s()))
        self._changed.set()


@contextlib.asynccontextmanager
async def mini_program(
    settings: Settings,
    *,
    proxy: str,
    ca_file: str,
    clock: Clock | None = None,
    timers: Timers | None = None,
) -> AsyncIterator[MiniProgram]:
    """Open a mini program whose network is an HTTP proxy that speaks CONNECT; everything ends with the block."""
    chosen = clock or WorldClock()
    requests = WxRequests(proxy=proxy, ca_file=ca_file, clock=chosen, timeout_ms=TIMEOUT_MS)
    program = MiniProgram(settings, requests, chosen, timers or Timers())
    try:
        yield program
    finally:
        await program.leave()
        await requests.aclose()
