"""An app that shows the captcha in a web view: what a flow with ``client = "app"`` is handed in a page's place.

The web view is a page of the front's browser context; the native part is the flow's script. Its requests go over connections of
its own through the same router, its timers by the page's time, and what the page says to it by the bridge.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Frame, Page
from playwright.async_api import Error as PlaywrightError

from harness.faults.base import BrowserControls, Receipt
from harness.lab.clock import LabClock
from harness.lab.controls import ContextControls
from harness.lab.fronts import Seat, Tab
from harness.lab.handle import Handle, User, drop
from harness.lab.recorder import Recorder
from harness.lab.scripted_bridge import BRIDGE, HEARD, Bridge
from harness.lab.scripted_clock import AppClock, PageTime
from harness.lab.scripted_device import DeviceHandle, Tasks, handed
from harness.lab.scripted_wire import DeviceTraffic, DeviceWire
from harness.lab.slot import Slot
from harness.lab.traffic import Flight, Traffic
from harness.lab.watching import keep_asking
from harness.lab.window import classifier
from harness.providers.scripted import Clock, World

CLOSED = "about:blank"
_BAD_STATUS = 400
_CLOSE_TRIES = 3


class App:
    """One screen of an app. ``clock`` is its time, ``webview`` the page in its web view.

    ``keep_cookies()`` gives the native part a cookie jar; the web view has its own.
    """

    def __init__(
        self,
        webview: Page,
        clock: Clock,
        bridge: Bridge,
        recorder: Recorder,
        settle: Callable[[], Awaitable[None]],
        keep_cookies: Callable[[], None],
    ) -> None:
        self.clock = clock
        self.keep_cookies = keep_cookies
        self.webview = webview
        self._bridge = bridge
        self._settle = settle
        self._recorder = recorder
        self.tasks = Tasks(recorder)

    async def bridge(self, name: str, heard: Callable[[str], None]) -> None:
        """Give the pages of the web view ``window.NAME.postMessage(text)``, before one is opened."""

        def arrived(text: str) -> None:
            self._recorder.mark(HEARD, link=BRIDGE, detail=text)
            self.tasks.begin(handed(heard, text))

        await self._bridge.expose(self.webview, name, arrived)

    async def open(self, url: str) -> str:
        """Load a page in the web view, as long as that takes; returns why it was not loaded, empty when it was."""
        try:
            answer = await self.webview.goto(url, wait_until="commit")
        except PlaywrightError as error:
            return error.message.splitlines()[0]
        return f"HTTP {answer.status}" if answer is not None and answer.status >= _BAD_STATUS else ""

    async def close(self) -> None:
        """Close the web view, whatever it was doing; what had arrived in it is read before."""
        await self._settle()
        for tries_left in reversed(range(_CLOSE_TRIES)):
            try:
                await self.webview.goto(CLOSED)
            except PlaywrightError as error:
                # Chromium shows its own page for one that failed, a moment after it has said so; and a try that it came in
                # between of may then get there before the next one.
                if self.webview.url == CLOSED:
                    return
                if not tries_left or "interrupted by another navigation" not in error.message:
                    raise
            else:
                return

    def begin(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something beside the flow until the screen is left; an error in it ends the visit."""
        self.tasks.begin(work)

    async def leave(self) -> None:
        """Leave the screen."""
        await self.tasks.end()
        await self.close()


def _shows_a_page(webview: Page) -> bool:
    return urlsplit(webview.url).scheme in ("http", "https")


class AppHandle(DeviceHandle):
    """What an app's flow uses besides. The page in its web view is asked for an answer while the honest visit goes on."""

    def __init__(self, user: User, world: World, app: App) -> None:
        super().__init__(user, world, app.tasks)
        self._webview = app.webview
        self._asking: asyncio.Future[None] | None = None

    def ready(self) -> None:
        """Say that the screen can be used."""
        super().ready()
        if self._user.keeps_asking:
            self._webview.on("framenavigated", self._navigated)

    async def stop(self) -> None:
        """Ask the page for no more answers."""
        if self._user.keeps_asking and self.usable is not None:
            self._webview.remove_listener("framenavigated", self._navigated)
        if self._asking is not None:
            await drop(self._asking)

    def _navigated(self, _frame: Frame) -> None:
        # From the moment on from which it is there: many a page is closed again before half a second is over.
        if self._asking is None and _shows_a_page(self._webview):
            self._asking = asyncio.ensure_future(keep_asking(self._webview, self._answered))

    def _answered(self, took_ms: float) -> None:
        # A web view that shows nothing answers at once, and says nothing of the page.
        if _shows_a_page(self._webview):
            self.usable_ms = max(took_ms, self.usable_ms or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppScreen:
    """An app as a seat."""

    page: App
    world: World

    def handle(self, user: User) -> Handle:
        """Make what the flow's function uses beside the app."""
        return AppHandle(user, self.world, self.page)

    async def draw(self, file: Path) -> bool:
        """Draw what the web view shows; one that the native part has closed shows nothing."""
        return self.page.webview.url != CLOSED and await Tab(page=self.page.webview).draw(file)

    async def leave(self) -> None:
        """Leave the screen."""
        await self.page.leave()


class AppControls(ContextControls):
    """A context's browser faults, and the bridge."""

    def __init__(self, context: BrowserContext, slot: Slot, bridge: Bridge, *, page_url: str) -> None:
        super().__init__(context, slot.router, page_url=page_url)
        self._bridge = bridge

    async def silence_bridge(self, after_messages: int) -> Receipt:
        """Let so many messages pass and no more."""
        return self._bridge.silence(after_messages)

    async def restore_bridge(self) -> Receipt:
        """Let every message pass."""
        return self._bridge.restore()


class AppTraffic:
    """What web view and native part have in flight, together."""

    def __init__(self, webview: Traffic, native: DeviceTraffic) -> None:
        self._parts = (webview, native)

    @property
    def changed(self) -> float:
        """When a request last began or ended (monotonic)."""
        return max(part.changed for part in self._parts)

    def seen(self) -> list[Flight]:
        """All of them."""
        return [flight for part in self._parts for flight in part.seen()]

    def in_flight(self) -> list[Flight]:
        """Requests that have begun and not ended."""
        return [flight for part in self._parts for flight in part.in_flight()]

    async def settle(self) -> None:
        """Wait until every answer that is looked into has been read."""
        for part in self._parts:
            await part.settle()


class AppFront:
    """One visitor's app: a browser context for its web views, connections of its native part, one clock for both."""

    def __init__(self, slot: Slot, recorder: Recorder, context: BrowserContext, traffic: Traffic) -> None:
        native = DeviceTraffic(recorder, classifier(slot))
        self.traffic = AppTraffic(traffic, native)
        self._recorder = recorder
        self._context = context
        self._bridge = Bridge(recorder)
        self._wire = DeviceWire(router_port=slot.router.port, ca_file=slot.ca_file, traffic=native)
        self._time = PageTime(recorder)
        self._world = World(wire=self._wire, clock=self._time)
        self._screens: list[App] = []

    async def open(self) -> Seat:
        """Open one more screen."""
        page, clock = await self._context.new_page(), self._world.clock
        app = App(page, clock, self._bridge, self._recorder, self.traffic.settle, self._wire.keep_cookies)
        self._screens.append(app)
        return AppScreen(page=app, world=self._world)

    def controls(self, slot: Slot, *, page_url: str) -> BrowserControls:
        """Policy, blocks and connectivity of the context, the router's names, and the bridge."""
        return AppControls(self._context, slot, self._bridge, page_url=page_url)

    def clock(self, recorder: Recorder, *, may_advance: Callable[[], bool], changed: Callable[[], float]) -> LabClock:
        """The context's clock; the native part's timers go by it."""
        return AppClock(self._time, self._context, recorder, may_advance=may_advance, changed=changed)

    async def close(self) -> None:
        """Leave every screen and close every connection, whichever of them fails."""
        async with contextlib.AsyncExitStack() as closing:
            closing.push_async_callback(self._context.close)
            closing.push_async_callback(self._wire.aclose)
            for screen in self._screens:
                closing.push_async_callback(screen.leave)
