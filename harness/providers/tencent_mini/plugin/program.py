"""The mini program around the component: a user's acts, each a task of its own, and the events that came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from harness.providers.scripted import Heard, World
from harness.providers.tencent_mini.plugin.component import Component, Settings, Timers
from harness.providers.tencent_mini.plugin.wx_request import WxRequests
from harness.providers.tencent_mini.settings import settings_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a handler of the mini program was given: the event's name and its detail, at so many unix seconds."""

    name: str
    detail: Mapping[str, Any]
    at_s: float


class MiniProgram:
    """One page with one captcha on it, in a world. The acts return at once.

    What they lead to is read from ``events``; ``heard``, where there is one, is told of each as it comes.
    """

    def __init__(self, settings: Settings, world: World, *, heard: Heard | None = None, timers: Timers | None = None) -> None:
        self.clock = world.clock
        self.events: list[Event] = []
        self._told = heard
        requests = WxRequests(wire=world.wire, clock=world.clock)
        self.plugin = Component(settings, requests, world.clock, self._heard, timers or Timers())
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
        """Leave the page: whatever is under way ends. An error that an act ended by is raised here, and not lost."""
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        if error := next((one for one in ended if isinstance(one, Exception)), None):
            raise error

    def _begin(self, act: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(act)
        self._tasks.add(task)
        return task

    def _heard(self, name: str, detail: Mapping[str, Any]) -> None:
        self.events.append(Event(name=name, detail=detail, at_s=self.clock.now_s()))
        self._changed.set()
        if self._told is not None:
            self._told(name, detail)


def mini_client(
    world: World, heard: Heard, *, data_app_id: str = "", appid_property: str = "", aid_encrypted: str = ""
) -> MiniProgram:
    """Put the plug-in on a page of a mini program, with what the page gives it."""
    settings = Settings(
        data_app_id=data_app_id,
        appid_property=appid_property,
        aid_encrypted=aid_encrypted,
        host=settings_from(world.options).plugin_host,
    )
    return MiniProgram(settings, world, heard=heard)
