"""An app's web view in a real browser: pages that do not load, closing at any moment, and a bridge with two ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.async_api import Browser

from harness.catalog import Behaviour, Side
from harness.certificates import Authority
from harness.lab.clock import SETTLE_S
from harness.lab.handle import User
from harness.lab.lab import Lab
from harness.lab.recorder import Recorder
from harness.lab.router import Connection, Router
from harness.lab.scripted_app import CLOSED, App, AppHandle, AppTraffic
from harness.lab.scripted_bridge import CALLED, HEARD, Bridge
from harness.lab.scripted_clock import AppClock, PageTime
from harness.lab.scripted_wire import DeviceTraffic, DeviceWire
from harness.lab.traffic import Traffic
from harness.lab.watching import ASK_EVERY_S
from harness.providers.scripted import World
from harness.target.ports import free_port
from suites.selftest.lab.sockets import LIMIT_S, Line, listening, routing

pytestmark = pytest.mark.anyio
NOBODY = "http://127.0.0.1:{port}/"
# The browser's own error page comes a moment after its error: sooner or later than what the app does next.
TRIES = 12
HUNG, SHOP = "127.0.0.1", "shop.example"
BUSY_MS = 2500
BUSY = b"<script>const until = Date.now() + %d; while (Date.now() < until);</script>" % BUSY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An app, its bridge and what was noted."""

    app: App
    bridge: Bridge
    recorder: Recorder

    def count(self, what: str) -> int:
        return sum(event.what == what for event in self.recorder.events)


async def nothing_to_read() -> None:
    """No answer is looked into."""


@pytest.fixture
async def opened(chromium: Browser) -> AsyncIterator[Opened]:
    recorder = Recorder()
    bridge = Bridge(recorder)
    page = await chromium.new_page()
    app = App(page, PageTime(recorder), bridge, recorder, nothing_to_read, lambda: None)
    yield Opened(app=app, bridge=bridge, recorder=recorder)
    await page.close()


async def page(line: Line) -> None:
    """``/missing`` is not there, ``/silent`` is never answered, ``/busy`` computes for a while, the rest is an empty page."""
    while head := await line.reader.readuntil(b"\r\n\r\n"):
        path = head.split(b" ")[1]
        if path == b"/silent":
            await line.reader.read()
            return
        status = b"404 Not Found" if path == b"/missing" else b"200 OK"
        body = b"<!DOCTYPE html>" + (BUSY if path == b"/busy" else b"")
        line.say(b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)


async def test_a_page_that_is_refused_can_be_closed_at_once_every_time(opened: Opened) -> None:
    for _ in range(TRIES):
        assert "ERR_CONNECTION_REFUSED" in await opened.app.open(NOBODY.format(port=free_port()))
        await opened.app.close()
        assert opened.app.webview.url == CLOSED


async def test_why_a_page_did_not_load_is_told_as_an_app_is_told(opened: Opened) -> None:
    async with listening(page) as port:
        assert await opened.app.open(f"http://127.0.0.1:{port}/") == ""
        assert await opened.app.open(f"http://127.0.0.1:{port}/missing") == "HTTP 404"
        opening = asyncio.ensure_future(opened.app.open(f"http://127.0.0.1:{port}/silent"))
        await opened.app.webview.wait_for_event("request")
        await opened.app.close()
        assert await asyncio.wait_for(opening, LIMIT_S) != ""


async def test_a_bridge_passes_what_it_is_told_until_it_is_silent_and_again_after(opened: Opened) -> None:
    first: list[str] = []
    later: list[str] = []
    async with listening(page) as port:
        await opened.app.bridge("ShopApp", first.append)
        await opened.app.open(f"http://127.0.0.1:{port}/")
        say = "text => window.ShopApp.postMessage(text)"
        await opened.app.webview.evaluate(say, "one")
        opened.bridge.silence(1)
        await opened.app.webview.evaluate(say, "two")
        await opened.app.webview.evaluate(say, "three")
        assert first == ["one", "two"]
        assert (opened.count(CALLED), opened.count(HEARD)) == (3, 2)
        # The next user of the same web view has a native part of his own.
        opened.bridge.restore()
        await opened.app.bridge("ShopApp", later.append)
        await opened.app.webview.evaluate(say, "four")
        assert (first, later) == (["one", "two"], ["four"])


async def answers_of(opened: Opened, path: str | None, *, keeps_asking: bool = True) -> float | None:
    """How long the page of this path took to answer while a user was there; None where nothing was measured."""

    async def nothing() -> None:
        return

    unused, plain = cast(Any, None), cast(Any, SimpleNamespace(step_up=None))
    user = User(
        base_url="", spec=plain, account="", behaviour=Behaviour(), human=unused, recorder=opened.recorder, on_click=nothing,
        keeps_asking=keeps_asking,
    )  # fmt: skip
    handle = AppHandle(user, World(wire=unused, clock=opened.app.clock), opened.app)
    handle.ready()
    if path is not None:
        async with listening(page) as port:
            await opened.app.open(f"http://127.0.0.1:{port}{path}")
            await opened.app.webview.wait_for_load_state()
    await asyncio.sleep(ASK_EVERY_S * 2)  # that it says nothing more cannot be awaited
    await handle.stop()
    return handle.usable_ms


async def test_a_page_that_freezes_in_the_web_view_is_measured(opened: Opened) -> None:
    assert (await answers_of(opened, "/busy") or 0) > 1000


async def test_one_that_does_not_is_measured_too(opened: Opened) -> None:
    assert 0 < (await answers_of(opened, "/") or 0) < 1000


async def test_a_web_view_that_shows_nothing_is_no_page_that_answers(opened: Opened) -> None:
    assert await answers_of(opened, None) is None


async def test_later_visitors_are_not_measured(opened: Opened) -> None:
    assert await answers_of(opened, "/", keeps_asking=False) is None


async def test_the_native_parts_timers_are_not_stepped_over(chromium: Browser) -> None:
    recorder = Recorder()
    timers, context = PageTime(recorder), await chromium.new_context()
    clock = AppClock(timers, context, recorder, may_advance=lambda: True, changed=lambda: 0.0)
    recorder.begin("honest")
    web = await context.new_page()
    due_ms = [recorder.moment().page_ms + ms for ms in (9_000, 8_050, 8_200)]
    sleeping = [asyncio.ensure_future(timers.sleep(ms)) for ms in (9_000, 8_050, 8_200)]
    await asyncio.sleep(0)
    await clock.install(behind_ms=0)
    await web.evaluate("() => { setTimeout(() => { window.fired = true; }, 8100); }")
    await asyncio.wait_for(asyncio.gather(*sleeping), LIMIT_S)
    await clock.stop()
    assert await web.evaluate("window.fired")
    await context.close()
    steps = [(recorder.moment(at_s).page_ms, total) for at_s, total in recorder.advances]
    before = [0.0, *(total for _after, total in steps)]
    crossed = [
        due for due in due_ms for (after, total), was in zip(steps, before, strict=False)
        if after - (total - was) < due - 2 and after > due + 2
    ]  # fmt: skip
    assert len(steps) >= 17
    assert crossed == []


def hangs(router: Router) -> Any:
    """A lab whose fault hangs the web view's host, with one silent connection to it."""
    router.log.append(Connection(host=HUNG, port=80, side=Side.BROWSER, opened=1.0, bytes_up=100, last_up=2.0))
    lab: Any = object.__new__(Lab)
    lab._link = SimpleNamespace(name="frame", hosts=(HUNG,))
    lab._recorder = Recorder()
    lab._slot = SimpleNamespace(router=router, provider=SimpleNamespace(log=[]), origin=SimpleNamespace(busy=False))
    return lab


async def test_no_time_is_stepped_over_while_the_native_part_is_owed_an_answer(chromium: Browser, authority: Authority) -> None:
    recorder, context, answers = Recorder(), await chromium.new_context(), asyncio.Event()

    async def slow(line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        await answers.wait()
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def classify(_method: str, url: str) -> str:
        return "submit" if SHOP in url else "frame"

    web, native = Traffic(context, recorder, classify), DeviceTraffic(recorder, classify)
    both = AppTraffic(web, native)
    async with listening(page) as hung_port, listening(slow) as slow_port, routing() as router:
        lab, striker = hangs(router), SimpleNamespace(applied=1.5, standing=True)
        router.route(SHOP, 80, slow_port)
        wire = DeviceWire(router_port=router.port, ca_file=str(authority.ca_file), traffic=native)
        clock = AppClock(
            PageTime(recorder), context, recorder,
            may_advance=lambda: bool(lab._only_timers_can_end_it(striker, both)), changed=lambda: both.changed,
        )  # fmt: skip
        await clock.install(behind_ms=0)
        view = await context.new_page()
        await view.goto(f"http://{HUNG}:{hung_port}/")
        asked = asyncio.ensure_future(wire.send("POST", f"http://{SHOP}/orders"))
        await view.evaluate("() => { fetch('/silent'); }")
        await asyncio.sleep(SETTLE_S * 4)  # that no time is moved on cannot be awaited
        assert {flight.host for flight in both.in_flight()} == {HUNG, SHOP}
        assert recorder.advances == []
        answers.set()
        assert (await asked).status == 200
        await asyncio.wait_for(recorder.until_page_ms(recorder.moment().page_ms + 60_000), LIMIT_S)
        await clock.stop()
        await wire.aclose()
        await context.close()
