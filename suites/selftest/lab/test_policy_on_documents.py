"""The content policy that csp-blocked adds: on what the browser fetches, and on nothing else about it."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.async_api import Browser

from harness.lab import controls as controls_module
from harness.lab.controls import ContextControls
from suites.selftest.standins import in_a_thread

pytestmark = pytest.mark.anyio
POLICY = "script-src 'self'"
PAGE = b"<!DOCTYPE html><title>page</title><form method=post action=/sent><button>send</button></form>"


class Redirecting(BaseHTTPRequestHandler):
    """``/old`` moves to ``/new``; a sent form is answered with a redirect, as after a login; every answer sets two cookies."""

    def do_GET(self) -> None:
        if self.path == "/old":
            self._answer(302, location="/new")
        else:
            self._answer(200)

    def do_POST(self) -> None:
        self._answer(303, location="/new")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it so
        pass

    def _answer(self, status: int, location: str = "") -> None:
        self.server.asked.append(f"{self.command} {self.path}")  # type: ignore[attr-defined]
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        for name in ("one", "two"):
            self.send_header("Set-Cookie", f"{name}-{self.path[1:]}=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT")
        self.send_header("Content-Security-Policy", "img-src 'self'")
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    """The server's address, and what it was asked for."""
    with in_a_thread(ThreadingHTTPServer(("127.0.0.1", 0), Redirecting)) as server:
        server.asked = []  # type: ignore[attr-defined]
        yield f"http://127.0.0.1:{server.server_port}", server.asked  # type: ignore[attr-defined]


async def test_the_policy_is_added_to_the_documents_own(chromium: Browser, site: tuple[str, list[str]]) -> None:
    url, _asked = site
    context = await chromium.new_context()
    controls = ContextControls(context, None, page_url=url)  # type: ignore[arg-type]  # no names are refused here
    await controls.add_policy(POLICY)
    answer = await (await context.new_page()).goto(f"{url}/form")
    assert answer is not None
    assert (await answer.all_headers())["content-security-policy"] == f"img-src 'self', {POLICY}"
    assert {cookie["name"] for cookie in await context.cookies()} == {"one-form", "two-form"}
    await context.close()


async def test_a_redirected_document_stands_under_its_own_address(chromium: Browser, site: tuple[str, list[str]]) -> None:
    url, asked = site
    context = await chromium.new_context()
    controls = ContextControls(context, None, page_url=url)  # type: ignore[arg-type]  # no names are refused here
    await controls.add_policy(POLICY)
    page = await context.new_page()
    await page.goto(f"{url}/old")
    assert page.url == f"{url}/new"
    assert asked == ["GET /old", "GET /new"]
    assert {cookie["name"] for cookie in await context.cookies()} == {"one-old", "two-old", "one-new", "two-new"}
    await context.close()


async def test_where_no_redirect_can_be_answered_the_browser_follows_it_and_nothing_hangs(
    chromium: Browser, site: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Playwright answers none in WebKit; Chromium, told apart by its name alone, goes WebKit's way here."""
    monkeypatch.setattr(controls_module, "_ANSWERS_NO_REDIRECT", chromium.browser_type.name)
    url, asked = site
    context = await chromium.new_context()
    controls = ContextControls(context, None, page_url=url)  # type: ignore[arg-type]  # no names are refused here
    await controls.add_policy(POLICY)
    page = await context.new_page()
    moved, plain = await page.goto(f"{url}/old"), await page.goto(f"{url}/form")
    assert moved is not None
    assert plain is not None
    assert moved.url == f"{url}/new"
    assert asked == ["GET /old", "GET /old", "GET /new", "GET /form"]
    assert POLICY not in (await moved.all_headers())["content-security-policy"]
    assert POLICY in (await plain.all_headers())["content-security-policy"]
    await context.close()


async def test_a_sent_form_arrives_once_and_is_left_alone(chromium: Browser, site: tuple[str, list[str]]) -> None:
    url, asked = site
    context = await chromium.new_context()
    controls = ContextControls(context, None, page_url=url)  # type: ignore[arg-type]  # no names are refused here
    await controls.add_policy(POLICY)
    page = await context.new_page()
    await page.goto(f"{url}/form")
    await page.click("button")
    await page.wait_for_url(f"{url}/new")
    assert asked == ["GET /form", "POST /sent", "GET /new"]
    assert {cookie["name"] for cookie in await context.cookies()} >= {"one-sent", "two-sent"}
    await context.close()
