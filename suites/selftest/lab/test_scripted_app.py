"""An app's web view in a real browser: pages that do not load, closing at any moment, and a bridge with two ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser

from harness.lab.recorder import Recorder
from harness.lab.scripted_app import CLOSED, App
from harness.lab.scripted_bridge import CALLED, HEARD, Bridge
from harness.lab.scripted_clock import PageTime
from harness.target.ports import free_port
from suites.selftest.lab.sockets import LIMIT_S, Line, listening

pytestmark = pytest.mark.anyio
NOBODY = "http://127.0.0.1:{port}/"
# The browser's own error page comes a moment after its error: sooner or later than what the app does next.
TRIES = 12


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
    yield Opened(app=App(page, PageTime(recorder), bridge, recorder, nothing_to_read), bridge=bridge, recorder=recorder)
    await page.close()


async def page(line: Line) -> None:
    """``/missing`` is not there, ``/silent`` is never answered, the rest is an empty page."""
    while head := await line.reader.readuntil(b"\r\n\r\n"):
        path = head.split(b" ")[1]
        if path == b"/silent":
            await line.reader.read()
            return
        status = b"404 Not Found" if path == b"/missing" else b"200 OK"
        line.say(b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<!DOCTYPE html>" % status)


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
