"""A response fault at the target's own edge alters the answers on its link, in every way that answers fail, and no others."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
from collections.abc import AsyncIterator

import pytest

from harness.catalog import Place
from harness.faults.base import FAULTS
from harness.lab.origin import OriginGate
from suites.selftest.lab.sockets import LIMIT_S, Handler, Line, dialled, listening

pytestmark = pytest.mark.anyio
OWN = b'{"value": "MDEy"}'
# The captive portal of docs/faults.md, by what a reader of it would look for.
PORTAL = b"Please log in"


def plain(path: bytes) -> bytes:
    body = OWN if b"/captcha/aid" in path else b"<p>page</p>"
    return b"HTTP/1.1 200 OK\r\nX-Own: yes\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def chunked(_path: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (OWN[:5], 12, OWN[5:])


def packed(_path: bytes) -> bytes:
    body = gzip.compress(OWN)
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def answering(make: object, *, closes: bool = False) -> Handler:
    async def target(line: Line) -> None:
        while True:
            head = await line.reader.readuntil(b"\r\n\r\n")
            line.say(make(head.split(b" ")[1]))  # type: ignore[operator]  # one of the three above
            if closes:
                line.end()
                return

    return target


@contextlib.asynccontextmanager
async def gated(target: Handler) -> AsyncIterator[OriginGate]:
    async with listening(target) as port:
        gate = OriginGate()
        await gate.start()
        gate.target_port, gate.paths = port, {"/captcha/aid": "aid"}
        try:
            yield gate
        finally:
            await gate.stop()


def stands(gate: OriginGate, fault: str) -> None:
    rewrite = FAULTS.get(fault).make({})  # type: ignore[attr-defined]  # a response fault
    receipt = gate.responses.set("aid", rewrite, fault)
    assert (receipt.place, receipt.read_back) == (Place.ORIGIN, f"aid: {fault}")


async def test_an_answer_on_the_link_is_altered_and_its_neighbours_on_one_connection_are_not() -> None:
    async with gated(answering(plain)) as gate, dialled(gate.port) as line:
        stands(gate, "html")
        assert (await line.ask("GET", "/login", "shop"))[2] == b"<p>page</p>"
        status, headers, body = await line.ask("GET", "/captcha/aid?now=1", "shop")
        assert (status, headers["x-own"], headers["content-type"]) == (200, "yes", "text/html; charset=utf-8")
        assert PORTAL in body
        assert (await line.ask("GET", "/login", "shop"))[2] == b"<p>page</p>"
        gate.responses.clear("aid")
        assert (await line.ask("GET", "/captcha/aid", "shop"))[2] == OWN
    assert [(r.link, r.rewritten) for r in gate.log] == [("page", ""), ("aid", "html"), ("page", ""), ("aid", "")]
    assert [r.sha256 for r in gate.log] == ["", hashlib.sha256(body).hexdigest(), "", ""]
    assert bytes(gate.log[1].answer) == OWN, "what the target itself said is kept too"


@pytest.mark.parametrize("target", [chunked, packed])
async def test_an_altered_answer_is_packed_anew(target: object) -> None:
    async with gated(answering(target)) as gate, dialled(gate.port) as line:
        stands(gate, "html")
        _status, headers, body = await line.ask("GET", "/captcha/aid", "shop")
        assert PORTAL in body
        assert headers.keys() & {"transfer-encoding", "content-encoding"} == set()


async def test_the_answer_of_a_target_that_hangs_up_after_it_is_altered_too() -> None:
    async def old(line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        line.say(b"HTTP/1.0 200 OK\r\n\r\n" + OWN)
        line.end()

    async with gated(old) as gate, dialled(gate.port) as line:
        stands(gate, "status-503")
        assert (await line.ask("GET", "/captcha/aid", "shop"))[0] == 503


@pytest.mark.parametrize(("fault", "ends"), [("reset-unanswered", "RST"), ("closed-unanswered", "FIN")])
async def test_a_connection_may_end_without_a_byte(fault: str, ends: str) -> None:
    async with gated(answering(plain)) as gate, dialled(gate.port) as line:
        stands(gate, fault)
        line.say(b"GET /captcha/aid HTTP/1.1\r\nHost: shop\r\n\r\n")
        assert await line.how_it_ends() == (b"", ends)


async def test_an_answer_may_be_cut_in_its_middle() -> None:
    async with gated(answering(plain)) as gate, dialled(gate.port) as line:
        stands(gate, "half-answer")
        line.say(b"GET /captcha/aid HTTP/1.1\r\nHost: shop\r\n\r\n")
        head = await asyncio.wait_for(line.reader.readuntil(b"\r\n\r\n"), LIMIT_S)
        assert b"content-length: %d" % len(OWN) in head
        assert await line.hear(len(OWN) // 2) == OWN[: len(OWN) // 2]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.reader.read(1), 0.2)


async def test_an_answer_that_never_comes_leaves_the_connection_open_and_the_request_acted_on() -> None:
    async with gated(answering(plain)) as gate, dialled(gate.port) as line:
        stands(gate, "no-answer")
        line.say(b"GET /captcha/aid HTTP/1.1\r\nHost: shop\r\n\r\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.reader.read(1), 0.2)
        [request] = gate.log
        assert (request.status, request.answered is not None, gate.busy) == (200, True, False)


async def test_an_answer_may_be_late_in_head_and_in_body() -> None:
    async with gated(answering(plain)) as gate, dialled(gate.port) as line:
        rewrite = FAULTS.get("late-twice").make({"head_ms": 150, "body_ms": 150})  # type: ignore[attr-defined]  # as above
        gate.responses.set("aid", rewrite, "late-twice")
        began = asyncio.get_running_loop().time()
        assert (await line.ask("GET", "/captcha/aid", "shop"))[2] == OWN
        assert asyncio.get_running_loop().time() - began >= 0.3


async def test_a_reset_forgets_what_is_altered_and_which_paths_are_links() -> None:
    async with gated(answering(plain)) as gate:
        stands(gate, "html")
        gate.reset()
        assert (gate.responses.get("aid"), gate.link_of("GET", "/captcha/aid")) == (None, "page")
