"""The router hides nothing: a RST stays a RST, a FIN a FIN, and its log says how every connection ended."""

from __future__ import annotations

import asyncio
import time

import pytest

from harness.catalog import Side
from harness.lab.relay import End
from harness.lab.router import Connection, Router
from suites.selftest.lab.sockets import LIMIT_S, Line, by_connect, by_socks, dialled, listening, routing, unused_port

pytestmark = pytest.mark.anyio
HOST = "captcha.example"


async def echo(line: Line) -> None:
    while data := await line.reader.read(65536):
        line.say(data)


async def hang_up_with_a_reset(line: Line) -> None:
    await line.hear(5)
    line.reset()


async def say_goodbye(line: Line) -> None:
    line.say(b"goodbye")
    line.end()
    await line.reader.read()


async def ended(router: Router, number: int = 0) -> Connection:
    """Wait until a connection's end stands in the log."""
    async with asyncio.timeout(LIMIT_S):
        while len(router.log) <= number or router.log[number].ended is None:  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0)
    return router.log[number]


async def test_a_reset_by_the_far_side_reaches_the_browser_as_a_reset() -> None:
    async with listening(hang_up_with_a_reset) as port, routing() as router:
        router.route(HOST, 443, port)
        async with by_socks(router, HOST) as (_granted, line):
            line.say(b"hello")
            assert await line.how_it_ends() == (b"", "RST")
        assert (await ended(router)).ended_by == "upstream-reset"


async def test_a_reset_by_the_browser_reaches_the_far_side_as_a_reset() -> None:
    seen: asyncio.Future[tuple[bytes, str]] = asyncio.get_running_loop().create_future()

    async def wait_for_the_end(line: Line) -> None:
        seen.set_result(await line.how_it_ends())

    async with listening(wait_for_the_end) as port, routing() as router:
        router.route(HOST, 443, port)
        async with by_socks(router, HOST) as (_granted, line):
            line.reset()
            assert (await asyncio.wait_for(seen, LIMIT_S))[1] == "RST"
        assert (await ended(router)).ended_by == "client-reset"


async def test_an_ordinary_end_stays_an_ordinary_end() -> None:
    async with listening(say_goodbye) as port, routing() as router:
        router.route(HOST, 443, port)
        async with by_socks(router, HOST) as (_granted, line):
            assert await line.how_it_ends() == (b"goodbye", "FIN")
            line.end()
            assert (await ended(router)).ended_by == "upstream-eof"


async def test_a_side_that_has_said_its_last_word_still_hears_the_answer() -> None:
    async def answer_at_the_end(line: Line) -> None:
        line.say(b"answer to " + await line.reader.read())

    async with listening(answer_at_the_end) as port, routing() as router:
        router.route(HOST, 443, port)
        async with by_socks(router, HOST) as (_granted, line):
            line.say(b"question")
            line.end()
            assert await line.how_it_ends() == (b"answer to question", "FIN")
        assert (await ended(router)).ended_by == "client-eof"


async def test_a_fin_onto_a_socket_that_is_already_dead_breaks_nothing() -> None:
    async with listening(hang_up_with_a_reset) as port, dialled(port) as line:
        line.say(b"hello")
        assert (await line.how_it_ends())[1] == "RST"
        end = End(reader=line.reader, writer=line.writer)
        end.finish()
        end.reset()
        end.finish()
        await end.close()


async def test_the_router_serves_on_after_connections_that_died_on_it() -> None:
    async with listening(echo) as port, routing() as router:
        router.route(HOST, 443, port)
        async with dialled(router.port) as line:
            line.say(b"\x05")
            line.reset()
        async with dialled(router.port) as line:
            line.say(b"neither SOCKS nor HTTP\r\n\r\n")
            assert b"405" in (await line.how_it_ends())[0]
        async with by_socks(router, HOST) as (granted, line):
            line.say(b"still there?")
            assert (granted, await line.hear(12)) == (0, b"still there?")


@pytest.mark.parametrize("host", [HOST, "203.0.113.9", "2001:db8::9"])
async def test_socks_reaches_names_and_both_kinds_of_addresses(host: str) -> None:
    async with listening(echo) as port, routing() as router:
        router.route(host, 443, port)
        async with by_socks(router, host) as (granted, line):
            line.say(b"hello")
            assert (granted, await line.hear(5)) == (0, b"hello")
        connection = await ended(router)
        assert (connection.host, connection.port, connection.side) == (host, 443, Side.BROWSER)
        assert (connection.bytes_up, connection.bytes_down) == (5, 5)


@pytest.mark.parametrize(("authority", "host"), [(f"{HOST}:443", HOST), ("[2001:db8::9]:443", "2001:db8::9")])
async def test_connect_is_the_servers_way(authority: str, host: str) -> None:
    async with listening(echo) as port, routing() as router:
        router.route(host, 443, port)
        async with by_connect(router, authority) as (status, line):
            line.say(b"hello")
            assert (status, await line.hear(5)) == ("HTTP/1.1 200 Connection established", b"hello")
        assert (await ended(router)).side is Side.SERVER


# SOCKS reply codes are RFC 1928's: 2 not allowed, 4 host unreachable, 5 connection refused.
@pytest.mark.parametrize(
    ("case", "code", "status", "ended_by"),
    [
        ("refused", 5, "HTTP/1.1 502 Connection refused", "refused"),
        ("name refused", 4, "HTTP/1.1 502 No such host", "no-such-name"),
        ("unmapped", 2, "HTTP/1.1 403 Nothing maps this host", "unmapped"),
    ],
)
async def test_why_there_is_no_way_is_told_to_clients_and_log(case: str, code: int, status: str, ended_by: str) -> None:
    async with routing() as router:
        if case != "unmapped":
            router.route(HOST, 443, unused_port())
        if case == "name refused":
            router.refuse_name(HOST)
        async with by_socks(router, HOST) as (reply, line):
            assert (reply, await line.how_it_ends()) == (code, (b"", "FIN"))
        async with by_connect(router, f"{HOST}:443") as (said, _line):
            assert said == status
        await ended(router, 1)
        assert [connection.ended_by for connection in router.log] == [ended_by, ended_by]
        assert router.refused_hosts() == ((f"{HOST}:443",) if case == "unmapped" else ())


async def test_a_name_that_is_given_back_resolves_again() -> None:
    async with listening(echo) as port, routing() as router:
        router.route(HOST, 443, port)
        assert router.refuse_name(HOST).read_back == f"{HOST}: no such name"
        assert router.restore_name(HOST).read_back == f"{HOST}: resolves"
        async with by_socks(router, HOST) as (granted, _line):
            assert granted == 0


async def test_a_mapped_host_on_another_port_is_a_stranger() -> None:
    async with listening(echo) as port, routing() as router:
        router.route(HOST, 443, port)
        async with by_socks(router, HOST, 80) as (reply, _line):
            assert reply == 2
        assert router.refused_hosts() == (f"{HOST}:80",)


async def test_the_longest_exchange_is_measured_from_question_to_answer() -> None:
    pauses = iter((0.0, 0.4, 0.0))

    async def answer_when_ready(line: Line) -> None:
        for pause in pauses:
            await line.hear(1)
            await asyncio.sleep(pause)  # the time that is measured
            line.say(b"!")

    async with listening(answer_when_ready) as port, routing() as router:
        router.route(HOST, 443, port)
        async with by_socks(router, HOST) as (_granted, line):
            longest = 0.0
            await asyncio.sleep(0.6)  # a pause before the question is no part of the exchange
            for _ in range(3):
                began = time.monotonic()
                line.say(b"?")
                await line.hear(1)
                longest = max(longest, time.monotonic() - began)
            assert 0.4 <= max(router.log[0].exchanges.values()) <= longest


async def test_a_held_connection_waits_until_it_is_let_go() -> None:
    held, let_go = asyncio.Event(), asyncio.Event()
    reached = asyncio.Event()

    async def note(line: Line) -> None:
        reached.set()
        await echo(line)

    async def hold(host: str, side: Side) -> None:
        assert (host, side) == (HOST, Side.BROWSER)
        held.set()
        await let_go.wait()

    async def visit(router: Router) -> bytes:
        async with by_socks(router, HOST) as (_granted, line):
            line.say(b"hello")
            return await line.hear(5)

    async with listening(note) as port, routing() as router:
        router.route(HOST, 443, port)
        router.on_connect = hold
        visiting = asyncio.create_task(visit(router))
        await asyncio.wait_for(held.wait(), LIMIT_S)
        assert not reached.is_set()
        assert not visiting.done()
        let_go.set()
        assert await asyncio.wait_for(visiting, LIMIT_S) == b"hello"


async def test_what_was_open_when_the_lab_ended_is_logged_so() -> None:
    async with listening(echo) as port, routing() as router:
        router.route(HOST, 443, port)
        ends: list[str] = []
        router.on_end = lambda connection: ends.append(connection.ended_by)
        async with by_socks(router, HOST):
            await router.drop_all()
        assert ends == [connection.ended_by for connection in router.log] == ["lab-closed"]
