"""Behind a third party's script that hangs, nothing that a flow waits for holds its user up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.async_api import Browser, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from harness.lab import impatience
from suites.selftest.standins import in_a_thread

pytestmark = pytest.mark.anyio
# Longer than a browser takes from a document's first bytes to the next step of a flow.
LATE_S = 0.4
BEGUN, REST = b"<!DOCTYPE html><title>late</title><p>begun</p>" + b" " * 4096, b"<h1>there</h1>"
PAGE = b'<!DOCTYPE html><title>page</title><script async src="/hangs.js"></script><a href="/next">on</a>'


class Hanging(BaseHTTPRequestHandler):
    """Every path is a page, one of them in two parts, but for a script whose answer does not come before the test is over."""

    def do_GET(self) -> None:
        if self.path == "/hangs.js":
            self.server.over.wait()  # type: ignore[attr-defined]
            return
        late = self.path == "/late"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(BEGUN + REST if late else PAGE)))
        self.end_headers()
        self.wfile.write(BEGUN if late else PAGE)
        if late:
            self.server.over.wait(LATE_S)  # type: ignore[attr-defined]
            self.wfile.write(REST)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it so
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hanging)
    server.daemon_threads = True
    server.over = threading.Event()  # type: ignore[attr-defined]
    with in_a_thread(server):
        yield f"http://127.0.0.1:{server.server_port}"
        server.over.set()  # type: ignore[attr-defined]


async def clicks_and_expects(page: Page) -> None:
    async with page.expect_navigation():
        await page.click("a")


async def clicks_and_waits_for_the_address(page: Page) -> None:
    await page.click("a")
    await page.wait_for_url("**/next")


STEPS: list[Callable[[Page], Awaitable[object]]] = [
    lambda page: page.reload(),
    lambda page: page.wait_for_load_state(),
    lambda page: page.wait_for_load_state("networkidle"),
    clicks_and_waits_for_the_address,
    lambda page: page.go_back(),
    lambda page: page.go_forward(),
    lambda page: page.go_back(wait_until="domcontentloaded"),
    clicks_and_expects,
]


async def test_no_step_of_a_flow_waits_for_what_nobody_sees(
    site: str, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impatience, "PATIENCE_MS", 100)
    context = await chromium.new_context()
    context.set_default_timeout(0)
    page = await context.new_page()
    impatience.go_on_when_it_shows(page)
    try:
        async with asyncio.timeout(30):
            answer = await page.goto(f"{site}/")
            assert answer is not None
            assert answer.status == 200
            for step in STEPS:
                await step(page)
            assert page.url == f"{site}/next"
            with pytest.raises(PlaywrightTimeout):
                await page.wait_for_load_state(timeout=50)
    finally:
        await context.close()


@pytest.mark.parametrize("asked", [{}, {"wait_until": "domcontentloaded"}], ids=["load", "domcontentloaded"])
async def test_whoever_is_led_to_another_page_reads_all_of_it(site: str, chromium: Browser, asked: dict[str, Any]) -> None:
    context = await chromium.new_context()
    page = await context.new_page()
    impatience.go_on_when_it_shows(page)
    try:
        await page.goto(f"{site}/next", wait_until="commit")
        async with page.expect_navigation(**asked) as led:
            await page.evaluate("location.href = '/late'")
        answer = await led.value
        assert answer is not None
        assert answer.status == 200
        assert await page.evaluate("document.querySelector('h1')?.textContent") == "there"
    finally:
        await context.close()
