"""A page that keeps a request open has come to rest all the same; one that still waits for its submit has not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import async_playwright

from harness.explore.under_way import under_way
from harness.lab.origin import OriginGate, OriginRequest
from harness.lab.recorder import Recorder
from harness.lab.traffic import Flight, Traffic
from harness.setup.browser import find_browser
from harness.target.loader import find_target, load_target

LOGIN = load_target(find_target(None)).flows["login"]
assert LOGIN.submit is not None
SUBMIT = (LOGIN.submit.method, LOGIN.submit.path)
PAGE = b"<!DOCTYPE html><script>new EventSource('/events').onopen = () => document.title = 'open'</script>"


def asked(method: str, path: str, *, for_s: float) -> tuple[OriginRequest, Flight]:
    """A request without an answer, as the target's gate has it and as the page has it."""
    began = time.monotonic() - for_s
    flight = Flight(url=f"http://shop.example{path}", method=method, link="", host="shop.example", visit="", began=began)
    return OriginRequest(method=method, path=path, arrived=began), flight


@pytest.mark.parametrize(
    ("method", "path", "for_s", "waited_for"),
    [
        ("GET", "/poll", 9.0, True),
        ("GET", "/poll", 11.0, False),
        ("POST", "/beacon", 11.0, False),
        (*SUBMIT, 11.0, True),
    ],
)
def test_what_acts_is_waited_for_and_what_only_stays_open_is_not(
    method: str, path: str, for_s: float, waited_for: bool
) -> None:
    request, flight = asked(method, path, for_s=for_s)
    assert under_way([request], [], LOGIN) is waited_for
    assert under_way([], [flight], LOGIN) is waited_for


def test_an_open_stream_of_events_is_waited_for_at_no_time() -> None:
    async def seen() -> tuple[list[str], bool]:
        gate = OriginGate()
        async with async_playwright() as playwright, streaming(gate):
            browser = await playwright.chromium.launch(executable_path=(await find_browser()).path)
            context = await browser.new_context()
            traffic = Traffic(context, Recorder(), lambda _method, _url: "page")
            page = await context.new_page()
            await page.goto(f"http://127.0.0.1:{gate.port}/")
            await page.wait_for_function("document.title === 'open'")
            # A browser asks for an icon, too.
            flights = [one for one in traffic.in_flight() if one.url.endswith("/events")]
            requests = [one for one in gate.log if one.path == "/events"]
            still = [one.path for one in requests if one.answered is None] + [one.url[-7:] for one in flights]
            waited_for = under_way(requests, flights, LOGIN)
            await browser.close()
        return still, waited_for

    assert asyncio.run(seen()) == (["/events", "/events"], False)


@asynccontextmanager
async def streaming(gate: OriginGate) -> AsyncIterator[None]:
    """Open the gate in front of a target whose page listens to events."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0]
        if b" /events " in line:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: here\n\n")
            await writer.drain()
            await reader.read()
        else:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: "
            writer.write(head + str(len(PAGE)).encode() + b"\r\n\r\n" + PAGE)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        gate.target_port = server.sockets[0].getsockname()[1]
        await gate.start()
        yield
        await gate.stop()
