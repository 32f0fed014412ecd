"""The crowd that Locust makes: it comes when it is told to, whatever became of those before, and says what it met."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator

import pytest

from harness.errors import LaboratoryError
from harness.load.crowd import Crowd, crowd_at
from harness.load.wave import Call

LIMIT_S = 60.0
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Server:
    """Answers 201 with what it was sent; one that ``holds`` keeps every answer back until it lets go."""

    def __init__(self, *, holds: bool = False) -> None:
        self.asked: list[bytes] = []
        self.url = ""
        self.lets_go = asyncio.Event()
        self.all_here = asyncio.Event()
        self.awaited = 0
        self.here: set[asyncio.Task[None]] = set()
        if not holds:
            self.lets_go.set()

    async def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self.here.add(task)
        await task

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length.group(1))) if length else b""
                self.asked.append(head + body)
                if len(self.asked) >= self.awaited:
                    self.all_here.set()
                await self.lets_go.wait()
                writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def serving(server: Server) -> AsyncIterator[Server]:
    listening = await asyncio.start_server(server.welcome, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        server.lets_go.set()
        await asyncio.gather(*server.here)


def post(who: str, at_s: float = 0.0, body: str = '{"sku": "A1"}') -> Call:
    headers = {"content-type": "application/json", "x-forwarded-for": "203.0.113.9"}
    return Call(at_s=at_s, who=who, method="POST", path="/orders?from=crowd", body=body, headers=headers)


def test_each_call_arrives_as_it_was_written_and_its_answer_is_told() -> None:
    async def come() -> tuple[Crowd, Server]:
        async with serving(Server()) as server, crowd_at(server.url, marks={}) as crowd:
            await crowd.send([post("anna"), Call(at_s=0.0, who="page", method="GET", path="/healthz")])
            await crowd.answered(limit_s=LIMIT_S)
            return crowd, server

    crowd, server = asyncio.run(come())
    heard = {one.who: one for one in crowd.heard}
    assert (heard["anna"].status, heard["anna"].text, heard["anna"].error) == (201, '{"sku": "A1"}', "")
    assert heard["page"].status == 201
    submit = next(asked for asked in server.asked if asked.startswith(b"POST"))
    assert submit.startswith(b"POST /orders?from=crowd HTTP/1.1\r\n")
    assert b"x-forwarded-for: 203.0.113.9\r\n" in submit.lower()
    assert submit.endswith(b'\r\n\r\n{"sku": "A1"}')
    assert all(b"anna" not in asked for asked in server.asked)


def test_who_arrives_does_not_wait_for_those_who_came_before() -> None:
    """An open model: thirty are in the shop at once, because nobody there is served."""

    async def come() -> tuple[Crowd, Server]:
        async with serving(Server(holds=True)) as server, crowd_at(server.url, marks={}) as crowd:
            server.awaited = 30
            await crowd.send([post(str(number), at_s=number * 0.01) for number in range(30)])
            async with asyncio.timeout(LIMIT_S):
                await server.all_here.wait()
            assert not crowd.heard
            server.lets_go.set()
            await crowd.answered(limit_s=LIMIT_S)
            return crowd, server

    crowd, _ = asyncio.run(come())
    assert sorted(int(one.who) for one in crowd.heard) == list(range(30))
    assert [one.status for one in crowd.heard] == [201] * 30


def test_a_second_wave_begins_while_the_first_still_waits() -> None:
    async def come() -> Crowd:
        async with serving(Server(holds=True)) as server, crowd_at(server.url, marks={}) as crowd:
            server.awaited = 1
            await crowd.send([post("first")])
            async with asyncio.timeout(LIMIT_S):
                await server.all_here.wait()
            server.lets_go.set()
            await crowd.send([post("second")])
            await crowd.answered(limit_s=LIMIT_S)
            return crowd

    assert {one.who for one in asyncio.run(come()).heard} == {"first", "second"}


def test_a_server_that_is_not_there_is_told_as_no_answer() -> None:
    async def come() -> Crowd:
        async with serving(Server()) as server:
            url = server.url
        async with crowd_at(url, marks={}) as crowd:
            await crowd.send([post("anna")])
            await crowd.answered(limit_s=LIMIT_S)
            return crowd

    (heard,) = asyncio.run(come()).heard
    assert heard.status is None
    assert heard.error.startswith("ConnectionRefusedError")


def test_a_crowd_whose_answers_do_not_come_in_time_is_an_error_with_figures() -> None:
    async def come() -> None:
        async with serving(Server(holds=True)) as server, crowd_at(server.url, marks={}) as crowd:
            server.awaited = 2
            await crowd.send([post("anna"), post("berta")])
            async with asyncio.timeout(LIMIT_S):
                await server.all_here.wait()
            await crowd.answered(limit_s=0.1)

    with pytest.raises(LaboratoryError, match="the crowd made 0 of 2 calls and stopped"):
        asyncio.run(come())


def test_the_process_is_gone_with_the_block_and_carries_the_runs_marks() -> None:
    async def come() -> tuple[int, bytes]:
        async with serving(Server()) as server, crowd_at(server.url, marks={"CAPTCHAOS_TEST_MARK": "crowd"}) as crowd:
            await crowd.send([post("anna")])
            await crowd.answered(limit_s=LIMIT_S)
            pid = crowd.pid
            with open(f"/proc/{pid}/environ", "rb") as environ:  # noqa: ASYNC230 - a file of the kernel's
                return pid, environ.read()

    pid, environ = asyncio.run(come())
    assert b"CAPTCHAOS_TEST_MARK=crowd" in environ
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
