"""Exactly-once is counted at the gate: it sees every request that arrives, and changes not a byte."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Request

from harness.lab.origin import MAX_KEPT_BYTES, OriginGate, OriginRequest
from suites.selftest.lab.sockets import LIMIT_S, Handler, Line, dialled, listening

pytestmark = pytest.mark.anyio
PAGE = b"<!DOCTYPE html><title>page</title>"


@contextlib.asynccontextmanager
async def gated(target: Handler) -> AsyncIterator[OriginGate]:
    async with listening(target) as port:
        gate = OriginGate()
        await gate.start()
        gate.target_port = port
        try:
            yield gate
        finally:
            await gate.stop()


async def shop(line: Line) -> None:
    """Answer every request with a page, as long as the connection stands; bodies are read and counted in the answer."""
    while True:
        head = await line.reader.readuntil(b"\r\n\r\n")
        length = 0
        for header in head.lower().split(b"\r\n"):
            if header.startswith(b"content-length:"):
                length = int(header.split(b":")[1])
        if b"transfer-encoding: chunked" in head.lower():
            await line.reader.readuntil(b"0\r\n\r\n")
        body = await line.reader.readexactly(length)
        answer = PAGE + b"<p>%d bytes" % len(body)
        line.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))


async def count(gate: OriginGate, answered: int) -> list[OriginRequest]:
    async with asyncio.timeout(LIMIT_S):
        while sum(request.answered is not None for request in gate.log) < answered:  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0)
    return gate.log


async def test_a_request_and_its_answer_are_read_beside_the_relay() -> None:
    async with gated(shop) as gate, dialled(gate.port) as line:
        status, _headers, body = await line.ask("POST", "/orders?x=1", "shop", b"ticket=t03abc")
        assert (status, body) == (200, PAGE + b"<p>13 bytes")
        [request] = await count(gate, 1)
        assert (request.method, request.path, bytes(request.body)) == ("POST", "/orders?x=1", b"ticket=t03abc")
        assert (request.status, bytes(request.answer)) == (200, body)


async def test_a_post_that_chromium_sends_again_by_itself_counts_twice_here_and_once_in_the_browser(chromium: Browser) -> None:
    async def lose_the_first_post(request: OriginRequest) -> None:
        request.drop = request.method == "POST" and sum(r.method == "POST" for r in gate.log) == 1

    told: list[str] = []

    def note(request: Request) -> None:
        told.append(request.method)

    async with gated(shop) as gate:
        gate.on_request = lose_the_first_post
        context = await chromium.new_context()
        page = await context.new_page()
        page.on("request", note)
        await page.goto(f"http://127.0.0.1:{gate.port}/")
        status = await page.evaluate("fetch('/orders', {method: 'POST', body: 'ticket=t03abc'}).then(answer => answer.status)")
        await context.close()
        posts = [bytes(request.body) for request in gate.log if request.method == "POST"]
        assert status == 200
        assert posts == [b"ticket=t03abc", b"ticket=t03abc"]
        assert told.count("POST") == 1
        assert [r.status for r in gate.log if r.method == "POST"] == [None, 200]


async def test_a_request_is_held_until_it_is_let_go() -> None:
    held, let_go, reached = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def note(line: Line) -> None:
        await line.hear(1)
        reached.set()
        await line.reader.readuntil(b"\r\n\r\n")
        line.say(b"HTTP/1.1 204 No Content\r\n\r\n")

    async def hold(_request: OriginRequest) -> None:
        held.set()
        await let_go.wait()

    async with gated(note) as gate, dialled(gate.port) as line:
        gate.on_request = hold
        asking = asyncio.create_task(line.ask("POST", "/orders", "shop"))
        await asyncio.wait_for(held.wait(), LIMIT_S)
        assert not reached.is_set()
        assert gate.log[0].status is None
        let_go.set()
        assert (await asyncio.wait_for(asking, LIMIT_S))[0] == 204


async def test_a_dropped_request_never_reaches_the_target() -> None:
    async def never(line: Line) -> None:
        assert await line.reader.read(1) == b""

    async def drop(request: OriginRequest) -> None:
        request.drop = True

    async with gated(never) as gate, dialled(gate.port) as line:
        gate.on_request = drop
        line.say(b"POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n")
        assert await line.how_it_ends() == (b"", "RST")


async def test_only_the_beginning_of_a_body_is_kept_and_all_of_it_passes() -> None:
    async with gated(shop) as gate, dialled(gate.port) as line:
        body = b"x" * (5 * MAX_KEPT_BYTES)
        assert (await line.ask("POST", "/upload", "shop", body))[2].endswith(b"<p>%d bytes" % len(body))
        [request] = await count(gate, 1)
        assert len(request.body) == MAX_KEPT_BYTES


async def test_pipelined_requests_are_told_apart_with_their_own_answers() -> None:
    async with gated(shop) as gate, dialled(gate.port) as line:
        asked = (b"POST /%d HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n%s" % (n, n, b"x" * n) for n in (1, 2, 3))
        line.say(b"".join(asked))
        log = await count(gate, 3)
        assert [(r.path, bytes(r.body), r.status, bytes(r.answer).removeprefix(PAGE)) for r in log] == [
            ("/1", b"x", 200, b"<p>1 bytes"),
            ("/2", b"xx", 200, b"<p>2 bytes"),
            ("/3", b"xxx", 200, b"<p>3 bytes"),
        ]


async def test_a_chunked_body_is_put_together() -> None:
    async with gated(shop) as gate, dialled(gate.port) as line:
        line.say(b"POST /orders HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n")
        line.say(b"7\r\nticket=\r\n")
        line.say(b"6\r\nt03abc\r\n0\r\n\r\n")
        [request] = await count(gate, 1)
        assert bytes(request.body) == b"ticket=t03abc"


async def test_a_request_in_small_pieces_is_one_request() -> None:
    async with gated(shop) as gate, dialled(gate.port) as line:
        for byte in b"POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nabc":
            line.say(bytes([byte]))
            await line.writer.drain()
            await asyncio.sleep(0)
        [request] = await count(gate, 1)
        assert (request.path, bytes(request.body)) == ("/orders", b"abc")


@pytest.mark.parametrize("noise", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x00" * 70_000, b"GET nonsense\r\n\r\n"])
async def test_what_is_no_http_passes_untouched(noise: bytes) -> None:
    async def echo(line: Line) -> None:
        while data := await line.reader.read(65536):
            line.say(data)

    async with gated(echo) as gate, dialled(gate.port) as line:
        line.say(noise)
        assert await line.hear(len(noise)) == noise
        line.say(b"and more")
        assert await line.hear(8) == b"and more"
        assert gate.log == []


async def test_idle_connections_are_closed_on_demand_and_busy_ones_are_left() -> None:
    held, let_go = asyncio.Event(), asyncio.Event()

    async def hold_posts(request: OriginRequest) -> None:
        if request.method == "POST":
            held.set()
            await let_go.wait()

    async with gated(shop) as gate, dialled(gate.port) as idle, dialled(gate.port) as busy:
        gate.on_request = hold_posts
        assert (await idle.ask("GET", "/", "shop"))[0] == 200
        await count(gate, 1)
        asking = asyncio.create_task(busy.ask("POST", "/orders", "shop"))
        await asyncio.wait_for(held.wait(), LIMIT_S)
        await gate.close_connections(idle_only=True)
        assert await idle.how_it_ends() == (b"", "FIN")
        let_go.set()
        assert (await asyncio.wait_for(asking, LIMIT_S))[0] == 200


async def test_a_target_that_is_not_there_is_a_reset_not_a_silence() -> None:
    async with gated(shop) as gate:
        gate.target_port = 1
        async with dialled(gate.port) as line:
            assert (await line.how_it_ends())[1] == "RST"


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_an_answer_without_a_length_is_whole_when_the_target_closes(version: bytes) -> None:
    async def close_after(line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        line.say(b"HTTP/%s 200 OK\r\n\r\nwelcome" % version)

    told: list[str] = []
    async with gated(close_after) as gate, dialled(gate.port) as line:
        gate.on_answer = lambda request: told.append(request.path)
        line.say(b"POST /login HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n")
        assert (await line.how_it_ends())[1] == "FIN"
        [request] = gate.log
        assert (request.status, bytes(request.answer), told) == (200, b"welcome", ["/login"])
        assert request.answered is not None
        assert request.arrived <= request.answered


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        (b"", "FIN"),
        (b"HTTP/1.0 200 OK\r\nContent-Ty", "FIN"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nwelc", "FIN"),
        (b"HTTP/1.0 200 OK\r\n\r\nwelc", "RST"),
    ],
)
async def test_an_answer_that_breaks_off_is_none(answer: bytes, how: str) -> None:
    passed = asyncio.Event()

    async def break_off(line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        line.say(answer)
        if how == "RST":
            await passed.wait()
            line.reset()

    async with gated(break_off) as gate, dialled(gate.port) as line:
        line.say(b"POST /login HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n")
        heard = await line.hear(len(answer))
        passed.set()
        assert (heard, await line.how_it_ends()) == (answer, (b"", how))
        assert [request.answered for request in gate.log] == [None]
