"""A device that runs a provider's scripted client: what a flow with ``client = "NAME"`` is handed in a page's place."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.faults.base import BrowserControls
from harness.lab.clock import LabClock
from harness.lab.controls import DeviceControls
from harness.lab.fronts import Seat
from harness.lab.handle import Handle, User, drop
from harness.lab.recorder import Recorder
from harness.lab.scripted_answers import Answers, Reply
from harness.lab.scripted_clock import DeviceClock, PageTime
from harness.lab.scripted_wire import DeviceTraffic, DeviceWire
from harness.lab.slot import Slot
from harness.lab.window import classifier
from harness.providers.scripted import Clock, Heard, MakesClient, ScriptedClient, World

REQUEST_LIMIT_MS = 60_000


class Tasks:
    """What a screen does beside the flow, as a page's own script does.

    An error in it is recorded, and told to ``on_error``: to the visit that goes on.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.on_error: Callable[[str], None] = lambda _error: None
        self._recorder = recorder
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do one thing more."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def end(self) -> None:
        """Stop all of it."""
        await drop(*self._tasks)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            told = f"{type(error).__name__}: {error}"
            self._recorder.mark("console-error", detail=told)
            self.on_error(told)


async def handed(heard: Callable[..., object], *said: object) -> None:
    """Hand something to the flow's script: an error in there is the script's, and nobody's who calls it."""
    heard(*said)


class Device:
    """One screen of a device. ``clock`` is its time: whatever a flow waits for must go by it.

    ``keep_cookies()`` gives the device a cookie jar.
    """

    def __init__(self, world: World, make: MakesClient, recorder: Recorder, keep_cookies: Callable[[], None]) -> None:
        self.clock: Clock = world.clock
        self.keep_cookies = keep_cookies
        self.tasks = Tasks(recorder)
        self._world = world
        self._make = make
        self._recorder = recorder
        self._clients: list[ScriptedClient] = []

    def begin(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something beside the flow until the screen is left; an error in it ends the visit."""
        self.tasks.begin(work)

    def client(self, heard: Heard, **said: Any) -> Any:
        """Make the provider's client with what it is told; ``heard`` is called with each event's name and detail."""

        def told(name: str, detail: Mapping[str, Any]) -> None:
            self._recorder.callback(json.dumps({"event": name, **detail}, ensure_ascii=False))
            self.tasks.begin(handed(heard, name, detail))

        client = self._make(self._world, told, **said)
        self._clients.append(client)
        return client

    async def leave(self) -> None:
        """Leave the screen: its clients end, and whatever goes on there."""
        await self.tasks.end()
        while self._clients:
            await self._clients.pop().leave()


class DeviceHandle(Handle):
    """What a device's flow uses besides: ``ready``, ``show``, ``captcha``, ``request`` and ``shows``."""

    def __init__(self, user: User, world: World, tasks: Tasks) -> None:
        super().__init__(user)
        self._clock = world.clock
        self._tasks = tasks
        tasks.on_error = self._break
        self._answers = Answers(world.wire, world.clock, user.base_url, user.spec)

    def ready(self) -> None:
        """Say that the screen can be used."""
        self.usable = self._user.recorder.mark("page-usable")

    async def show(self, tap: Callable[[], object]) -> None:
        """Ask for the captcha as this scenario's user does: after its pause, by a touch, for which ``tap`` is called."""
        if self.usable is None:
            self.ready()
        if pause_ms := self._user.behaviour.pause_before_show_ms:
            await self._clock.sleep(pause_ms)
        await self._click("")
        tap()

    async def captcha(self, client: Any) -> None:
        """Solve what the client shows when it can be solved; return at once when the flow has gone on without it."""
        await self._human(client)

    async def request(
        self,
        method: str,
        path: str,
        said: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_ms: int = REQUEST_LIMIT_MS,
    ) -> Reply:
        """Send a request to the target, ``said`` as JSON; the flow's submit is known by its method and path."""
        return await self._answers.request(method, path, said, headers=headers, timeout_ms=timeout_ms)

    def shows(self, what: str, send: Callable[[str], object] | None = None) -> None:
        """Say what the client's screen shows now: ``done``, ``failed``, or ``code``, a form that ``send`` sends a code from."""
        self._answers.shows(what, send)
        self._user.recorder.mark("screen-shows", detail=what)

    async def gone_on(self) -> int:
        """Return 0 when the business is completed, 1 when a second factor is offered: answered so, and shown."""
        return await self._answers.gone_on()

    async def step_up(self) -> None:
        """Give the code to the client's form, and wait for the business to complete."""
        code = await self._code_sent()
        self._tasks.begin(handed(self._answers.form_for(code), code))
        await self._answers.completed()

    def unfinished(self) -> str:
        """Say in what answers and screen differ."""
        return self._answers.unfinished()

    def _break(self, error: str) -> None:
        if not self.broken.done():
            self.broken.set_result(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A device as a seat."""

    page: Device
    world: World

    def handle(self, user: User) -> Handle:
        """Make what the flow's function uses beside the device."""
        return DeviceHandle(user, self.world, self.page.tasks)

    async def draw(self, file: Path) -> bool:
        """Nothing is drawn: a scripted client has no picture."""
        return False

    async def leave(self) -> None:
        """Leave the screen."""
        await self.page.leave()


class DeviceFront:
    """One visitor's device: its connections and its clock, and a screen for each seat."""

    def __init__(self, slot: Slot, recorder: Recorder, make: MakesClient, options: Mapping[str, object]) -> None:
        self.traffic = DeviceTraffic(recorder, classifier(slot))
        self._recorder = recorder
        self._make = make
        self._time = PageTime(recorder)
        self._wire = DeviceWire(router_port=slot.router.port, ca_file=slot.ca_file, traffic=self.traffic)
        self._world = World(wire=self._wire, clock=self._time, options=options)
        self._screens: list[Device] = []

    async def open(self) -> Seat:
        """Open one more screen."""
        device = Device(self._world, self._make, self._recorder, self._wire.keep_cookies)
        self._screens.append(device)
        return Screen(page=device, world=self._world)

    def controls(self, slot: Slot, *, page_url: str) -> BrowserControls:
        """The names, which may not resolve."""
        return DeviceControls(slot.router)

    def clock(self, recorder: Recorder, *, may_advance: Callable[[], bool], changed: Callable[[], float]) -> LabClock:
        """The device's clock."""
        return DeviceClock(self._time, recorder, may_advance=may_advance, changed=changed)

    async def close(self) -> None:
        """Leave every screen and close every connection, whichever of them fails."""
        async with contextlib.AsyncExitStack() as closing:
            closing.push_async_callback(self._wire.aclose)
            for screen in self._screens:
                closing.push_async_callback(screen.leave)
