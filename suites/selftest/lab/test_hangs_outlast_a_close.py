"""A hang stands until it is healed, though the server behind it closes its connections after every answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from harness.certificates import Authority
from suites.selftest.lab.slots import slot_in_front_of, until
from suites.selftest.lab.sockets import LIMIT_S, Line, dialled
from suites.selftest.standins import in_a_thread

pytestmark = pytest.mark.anyio
# An end that Toxiproxy passes on arrives within a few milliseconds.
SILENCE_S = 1.0
LOGIN = b"POST /login HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n"
VERDICT = b"POST / HTTP/1.1\r\nHost: captcha.tencentcloudapi.com\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
def flask_port() -> Iterator[int]:
    """Flask's own server: it answers in HTTP/1.0 and closes."""
    app = Flask("closing")
    app.add_url_rule("/login", view_func=lambda: "welcome", methods=["POST"])
    with in_a_thread(make_server("127.0.0.1", 0, app, threaded=True)) as server:
        yield server.server_port


async def nobody(line: Line) -> None:
    """Stand in for a target that no test here asks."""
    await line.reader.read()


async def silent(line: Line) -> bool:
    """Whether neither a byte nor an end comes."""
    try:
        await asyncio.wait_for(line.reader.read(1), SILENCE_S)
    except TimeoutError:
        return True
    return False


async def test_a_submit_hangs_until_healed_though_the_target_closes_after_its_answer(
    flask_port: int, toxiproxy_path: Path, authority: Authority
) -> None:
    async with slot_in_front_of(nobody, toxiproxy_path, authority) as opened:
        bench = replace(opened, target_port=flask_port)
        bench.slot.point_at(flask_port)
        striker, _recorder = bench.striker("login-own-edge-submit-hang-warm")
        await striker.before_load()
        await striker.clicked()
        async with bench.target() as line:
            line.say(LOGIN)
            await until(lambda: any(request.answered for request in bench.slot.origin.log))
            assert striker.standing
            assert await silent(line)
            await striker.heal()
            assert (await asyncio.wait_for(line.how_it_ends(), LIMIT_S))[0] == b""
        async with bench.target() as again:
            again.say(LOGIN)
            heard, how = await again.how_it_ends()
            assert (heard.partition(b" ")[0], heard[-7:], how) == (b"HTTP/1.1", b"welcome", "FIN")


async def test_a_connection_that_stays_open_has_no_end_to_hold_and_its_next_request_is_answered(
    toxiproxy_path: Path, authority: Authority
) -> None:
    """Else the laboratory itself hangs the client, and that reads as a fault which nobody applied."""
    async with slot_in_front_of(nobody, toxiproxy_path, authority) as bench:
        bench.slot.provider.hold_ends("verdict")
        async with dialled(bench.slot.proxies["plain"].port) as line:
            for _ in range(2):
                line.say(VERDICT.replace(b"Connection: close\r\n", b""))
                head = await asyncio.wait_for(line.reader.readuntil(b"\r\n\r\n"), LIMIT_S)
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                await asyncio.wait_for(line.reader.readexactly(length), LIMIT_S)
        assert [arrival.link for arrival in bench.slot.provider.log] == ["verdict", "verdict"]


async def test_a_verdict_hangs_until_healed_though_the_client_asked_for_a_close(
    toxiproxy_path: Path, authority: Authority
) -> None:
    async with slot_in_front_of(nobody, toxiproxy_path, authority) as bench:
        slot = bench.slot
        striker, _recorder = bench.striker("login-2001-verdict-hang-warm")
        await striker.before_load()
        async with dialled(slot.proxies["plain"].port) as line:
            line.say(VERDICT)
            await until(lambda: any(arrival.answered for arrival in slot.provider.arrivals("verdict")))
            assert striker.standing
            assert await silent(line)
            await striker.heal()
            assert (await asyncio.wait_for(line.how_it_ends(), LIMIT_S))[0] == b""
        async with dialled(slot.proxies["plain"].port) as again:
            again.say(VERDICT)
            heard, how = await again.how_it_ends()
            assert (heard[:12], how) == (b"HTTP/1.1 200", "FIN")


async def test_of_two_links_that_hang_each_has_its_own_end(toxiproxy_path: Path, authority: Authority) -> None:
    config = b"GET /cap_union_prehandle?aid=1 HTTP/1.1\r\nHost: turing.captcha.qcloud.com\r\nConnection: close\r\n\r\n"
    async with slot_in_front_of(nobody, toxiproxy_path, authority) as bench:
        provider = bench.slot.provider
        provider.hold_ends("verdict")
        provider.hold_ends("config")
        async with dialled(provider.plain_port) as server, dialled(provider.plain_port) as browser:
            for line, asks, link in ((server, VERDICT, "verdict"), (browser, config, "config")):
                line.say(asks)
                await until(lambda link=link: any(arrival.answered for arrival in provider.arrivals(link)))
            provider.let_ends_pass("config")
            assert (await asyncio.wait_for(browser.how_it_ends(), LIMIT_S))[1] == "FIN"
            answered = asyncio.ensure_future(server.how_it_ends())
            assert not (await asyncio.wait({answered}, timeout=SILENCE_S))[0]
            provider.let_ends_pass("verdict")
            assert (await asyncio.wait_for(answered, LIMIT_S))[1] == "FIN"
