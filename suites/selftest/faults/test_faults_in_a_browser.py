"""What a real Chromium makes of a rewritten script and of the policy: load or error, and whether the global is there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.async_api import Browser, Route, async_playwright

import harness.providers.tencent_web.faults  # noqa: F401 (registers the vendor's own)
from harness.catalog import Answer, Asked
from harness.faults.base import FAULTS
from harness.faults.csp_blocked import policy_without
from harness.setup.browser import find_browser
from suites.selftest.faults.fault_parts import Recorder, edge
from suites.selftest.standins import in_a_thread

GOOD = Answer(
    headers=(("content-type", "text/javascript; charset=utf-8"), ("cache-control", "no-store")),
    body=b"window.TencentCaptcha = function () {}; window.got && got({});" + b" " * 4000,
)
PAGE = b"<!DOCTYPE html><title>page</title>"
LOAD = """url => new Promise(done => {
  const seen = {thrown: "", called: false};
  delete window.TencentCaptcha;
  window.got = () => { seen.called = true; };
  window.onerror = message => { seen.thrown = String(message); return true; };
  const end = event => {
    let made = "no global";
    try { new window.TencentCaptcha(); made = "made"; } catch (error) { if (window.TencentCaptcha) made = "constructor threw"; }
    done([event, made, seen.thrown !== "", seen.called]);
  };
  const script = document.createElement("script");
  script.onload = () => end("load");
  script.onerror = () => end("error");
  script.src = url;
  document.head.append(script);
})"""


@contextlib.contextmanager
def vendor() -> Iterator[str]:
    """Serve ``/<fault>?callback=…`` as the fault would have it answered; ``/good`` as it is, and ``/page``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            answer = self._made(parts.path[1:], dict(parse_qsl(parts.query)))
            self.send_response(answer.status)
            for name, value in (*answer.headers, ("content-length", str(len(answer.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut_at])

        def _made(self, fault: str, query: dict[str, str]) -> Answer:
            if fault == "page":
                return Answer(headers=(("content-type", "text/html"),), body=PAGE)
            if fault == "good":
                return GOOD
            recorder = Recorder()
            asyncio.run(FAULTS.get(fault).apply(edge(link="entry", parts=recorder)))
            asked = Asked(link="entry", host="vendor", method="GET", path="/", query=query)
            return recorder.rewrites["entry"](GOOD, asked)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with in_a_thread(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"127.0.0.1:{server.server_port}"


@pytest.fixture(scope="session")
def browser_path() -> Path:
    return asyncio.run(find_browser()).path


@contextlib.asynccontextmanager
async def chromium(path: Path):  # type: ignore[no-untyped-def]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path)
        try:
            yield browser
        finally:
            await browser.close()


# (the script element's event, what the constructor does, whether running it threw, whether the JSONP callback was called).
# Source: the notes on Chromium; a script that throws or defines nothing "loads", and so does one that cannot be parsed.
EXPECTED = {
    "good": ("load", "made", False, True),
    "status-404": ("error", "no global", False, False),
    "status-500": ("error", "no global", False, False),
    "status-503": ("error", "no global", False, False),
    "html": ("error", "no global", False, False),
    "wrong-mime": ("error", "no global", False, False),
    "truncated": ("error", "no global", False, False),
    "empty": ("load", "no global", False, False),
    "throws": ("load", "no global", True, False),
    "defines-nothing": ("load", "no global", False, False),
    "constructor-throws": ("load", "constructor threw", False, False),
    "garbage-jsonp": ("load", "no global", True, False),
    "config-garbage": ("load", "no global", True, False),
    "config-rate-limited": ("load", "no global", False, True),
    "drip-body": ("load", "made", False, True),
}


def test_a_script_meets_each_wrong_answer_as_the_notes_say(browser_path: Path) -> None:
    async def drive(address: str) -> dict[str, tuple[object, ...]]:
        async with chromium(browser_path) as browser:
            page = await browser.new_page()
            await page.goto(f"http://{address}/page")
            # Another name for the same server makes the script cross-origin, as the vendor's is.
            other = f"http://localhost:{address.partition(':')[2]}"
            return {name: tuple(await page.evaluate(LOAD, f"{other}/{name}?callback=got")) for name in EXPECTED}

    with vendor() as address:
        assert asyncio.run(drive(address)) == EXPECTED


def test_the_policy_stops_the_links_hosts_and_nothing_else(browser_path: Path) -> None:
    policy = policy_without(("a.example",), ("a.example", "cdn.example"))

    async def serve(route: Route) -> None:
        url = route.request.url
        if url == "https://shop.example/":
            await route.fulfill(body=PAGE.decode(), headers={"content-type": "text/html", "content-security-policy": policy})
        elif url.endswith(".html"):
            await route.fulfill(body="<p>frame</p>", content_type="text/html")
        else:
            await route.fulfill(body=GOOD.body, headers={"content-type": "text/javascript", "access-control-allow-origin": "*"})

    probe = """async host => {
      const script = await (%s)(`https://${host}/s.js`);
      const fetched = await fetch(`https://${host}/d.json`).then(() => "fetched", () => "refused");
      return [script[0], fetched];
    }""" % LOAD  # noqa: UP031 (braces are JavaScript's)

    async def met_by(browser: Browser, host: str) -> list[str]:
        page = await browser.new_page()
        try:
            await page.route("**/*", serve)
            await page.goto("https://shop.example/")
            met: list[str] = await page.evaluate(probe, host)
            await page.evaluate(
                """host => new Promise(done => {
                  const frame = document.createElement("iframe");
                  frame.onload = done; frame.src = `https://${host}/f.html`; document.body.append(frame);
                })""",
                host,
            )
            return [*met, "framed" if page.frames[-1].url == f"https://{host}/f.html" else "not framed"]
        finally:
            await page.close()

    async def drive() -> list[list[str]]:
        async with chromium(browser_path) as browser:
            return [await met_by(browser, host) for host in ("a.example", "cdn.example", "shop.example")]

    blocked, allowed, own = asyncio.run(drive())
    assert blocked == ["error", "refused", "not framed"]
    assert allowed == own == ["load", "fetched", "framed"]
