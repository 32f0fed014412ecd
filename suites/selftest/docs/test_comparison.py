"""What docs/comparison.md says was measured, measured again: a faked reset, and a real one, of a POST on an open connection."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

SHELLS = ("/usr/lib/chromium/chromium-headless-shell", shutil.which("chromium-headless-shell") or "")
_POST = "fetch('/orders', {method: 'POST', body: '1'}).then(answer => answer.status, () => 'failed')"
_RST = struct.pack("ii", 1, 0)


class Origin:
    """Answers every request and keeps the connection, but resets the one on which the first POST came; counts the POSTs."""

    def __init__(self) -> None:
        self.posts = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                visitor, _ = self._listening.accept()
            except OSError:  # closed: the test is over
                return
            threading.Thread(target=self._serve, args=(visitor,), daemon=True).start()

    def _serve(self, visitor: socket.socket) -> None:
        with visitor:
            while request := visitor.recv(65536):
                if request.startswith(b"POST"):
                    self.posts += 1
                    if self.posts == 1:
                        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
                        return
                visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok")


@pytest.fixture
def origin() -> Iterator[Origin]:
    origin = Origin()
    yield origin
    origin.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    shell = next((path for path in SHELLS if path and os.access(path, os.X_OK)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shell)
        yield browser
        browser.close()


@pytest.fixture
def page_and_posts(browser: Browser, origin: Origin) -> Iterator[tuple[Page, list[str]]]:
    """A page of the origin, its connection open, and the POSTs of which Playwright tells."""
    told: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: told.append(request.url) if request.method == "POST" else None)
    page.goto(origin.url)
    page.evaluate("fetch('/warm').then(answer => answer.text())")
    yield page, told
    page.close()


def test_a_real_reset_of_an_open_connection_sends_the_post_twice_and_the_browser_tells_of_one(
    origin: Origin, page_and_posts: tuple[Page, list[str]]
) -> None:
    page, told = page_and_posts
    assert page.evaluate(_POST) == 200
    assert (origin.posts, len(told)) == (2, 1)


def test_a_reset_that_a_route_fakes_never_reaches_the_wire(origin: Origin, page_and_posts: tuple[Page, list[str]]) -> None:
    page, told = page_and_posts

    def reset(route: Route) -> None:
        route.abort("connectionreset")

    page.route("**/orders", reset)
    assert page.evaluate(_POST) == "failed"
    assert (origin.posts, len(told)) == (0, 1)
