"""The lab's edge tells a target who its client is, as a reverse proxy does, and who claims to be somebody else tells nobody."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncIterator

import pytest

from harness.lab.address_book import Book
from harness.lab.addresses import Addresses
from harness.lab.origin import OriginGate
from harness.lab.recorder import Recorder
from suites.selftest.lab.sockets import LIMIT_S, Handler, Line, dialled, listening

pytestmark = pytest.mark.anyio
HEADER = "X-Forwarded-For"
OF_TWO_SERVICES = ("100.64.0.0/25", "10.9.0.0/24")


@contextlib.asynccontextmanager
async def edge(target: Handler, *, address: str = "198.51.100.7") -> AsyncIterator[OriginGate]:
    async with listening(target) as port:
        gate = OriginGate()
        await gate.start()
        gate.target_port, gate.client_ip = port, (HEADER, lambda: address)
        try:
            yield gate
        finally:
            await gate.stop()


class Heard:
    """A target that keeps the bytes it was sent and answers each request of known length."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []

    async def __call__(self, line: Line) -> None:
        while True:
            head = await line.reader.readuntil(b"\r\n\r\n")
            length = next((int(h.split(b":")[1]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")), 0)
            self.heads.append(head)
            self.bodies.append(await line.reader.readexactly(length))
            line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


async def test_each_request_of_a_connection_says_who_its_client_is() -> None:
    target = Heard()
    async with edge(target) as gate, dialled(gate.port) as line:
        for path in ("/login", "/orders"):
            assert (await line.ask("POST", path, "shop", b"ticket=t03abc"))[0] == 200
    assert [head.count(b"X-Forwarded-For: 198.51.100.7\r\n") for head in target.heads] == [1, 1]
    assert [head.splitlines()[0] for head in target.heads] == [b"POST /login HTTP/1.1", b"POST /orders HTTP/1.1"]
    assert target.bodies == [b"ticket=t03abc"] * 2


async def test_what_a_client_claims_stays_in_front_and_in_the_same_line() -> None:
    target = Heard()
    async with edge(target) as gate, dialled(gate.port) as line:
        line.say(b"GET / HTTP/1.1\r\nHost: shop\r\nx-forwarded-FOR: 203.0.113.9\r\n")
        line.say(b"X-Forwarded-For: 127.0.0.1\r\nX-Odd:  a b \r\n\r\n")
        await line.hear(len(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    told = target.heads[0].split(b"\r\n")
    assert [header for header in told if b"forwarded" in header.lower()] == [
        b"X-Forwarded-For: 203.0.113.9, 127.0.0.1, 198.51.100.7"
    ]
    assert b"X-Odd: a b" in told


async def test_a_request_in_small_pieces_and_pipelined_ones_reach_the_target_whole() -> None:
    target = Heard()
    sent = b"".join(b"POST /%d HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nab%d" % (n, n) for n in (1, 2))
    async with edge(target) as gate, dialled(gate.port) as line:
        for byte in sent:
            line.say(bytes([byte]))
            await line.writer.drain()
        line.say(sent)
        await line.hear(4 * len(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    assert target.bodies == [b"ab1", b"ab2"] * 2
    assert all(head.endswith(b"X-Forwarded-For: 198.51.100.7\r\n\r\n") for head in target.heads)


async def test_a_chunked_body_passes_byte_by_byte_as_it_was_sent() -> None:
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def target(line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        heard.set_result(await line.reader.readuntil(b"0\r\n\r\n"))

    async with edge(target) as gate, dialled(gate.port) as line:
        line.say(b"POST /orders HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n7;x=y\r\nticket=\r\n")
        line.say(b"6\r\nt03abc\r\n0\r\n\r\n")
        assert await asyncio.wait_for(heard, LIMIT_S) == b"7;x=y\r\nticket=\r\n6\r\nt03abc\r\n0\r\n\r\n"


async def test_a_websocket_goes_on_in_frames_that_nobody_touches() -> None:
    async def target(line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        line.say(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
        while data := await line.reader.read(65536):
            line.say(data)

    async with edge(target) as gate, dialled(gate.port) as line:
        line.say(b"GET /ws HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        await asyncio.wait_for(line.reader.readuntil(b"\r\n\r\n"), LIMIT_S)
        for frame in (b"\x81\x85abcd12345", b"\x81\x80wxyz"):
            line.say(frame)
            assert await line.hear(len(frame)) == frame


async def test_what_is_no_http_passes_untouched() -> None:
    async def echo(line: Line) -> None:
        while data := await line.reader.read(65536):
            line.say(data)

    async with edge(echo) as gate, dialled(gate.port) as line:
        for noise in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET nonsense\r\n\r\n"):
            line.say(noise)
            assert await line.hear(len(noise)) == noise


def test_a_person_keeps_their_address_from_tab_to_tab_and_nobody_else_has_it() -> None:
    addresses = Addresses(HEADER)
    assert addresses.of("honest") == addresses.of("same-tab") == addresses.of("new-tab")
    apart = {addresses.of(name) for name in ("honest", "new-visitor", "control", "forger", "other-way")}
    assert len(apart) == 5
    assert all(ipaddress.ip_address(address).is_global for address in apart), "libraries skip those that are private"


def test_a_forger_is_one_machine_whatever_he_claims() -> None:
    addresses = Addresses(HEADER)
    assert addresses.of("forger") == addresses.of("replayer")
    claimed = [addresses.claimed_by(account) for account in range(100, 160)]
    assert len(set(claimed)) > 20
    assert all(ipaddress.ip_address(address).is_global for address in claimed)
    assert addresses.of("forger") not in claimed
    assert addresses.claimed_by(100) == claimed[0]


def test_each_of_a_crowd_comes_from_somewhere_else_and_again_from_the_same_place() -> None:
    addresses = Addresses(HEADER, ["192.175.48.0/24"])
    crowd = [addresses.of_account(account) for account in range(200, 250)]
    assert len(set(crowd)) == 50
    assert all(ipaddress.ip_address(address) in ipaddress.ip_network("192.175.48.0/24") for address in crowd)
    assert [addresses.of_account(account) for account in range(200, 250)] == crowd
    assert {Addresses(None).of_account(account) for account in (200, 201)} == {"127.0.0.1"}


def test_a_claim_in_another_proxys_header_is_another_one_for_each_account_and_nobodys_own() -> None:
    addresses = Addresses(HEADER)
    everybody = {addresses.of(f"visitor-{n}") for n in range(50)} | {addresses.claimed_by(n) for n in range(50)}
    claims = [addresses.claims_besides(account) for account in range(400, 440)]
    assert all(set(claim) == {"Forwarded", "X-Real-IP"} for claim in claims), "the proxy's own header is the proxy's to tell"
    assert len({claim["X-Real-IP"] for claim in claims} - everybody) == 40
    assert all(ipaddress.ip_address(claim["X-Real-IP"]).is_global for claim in claims)


def test_who_names_ranges_has_everybody_come_from_there() -> None:
    book, nets = Book.of(OF_TWO_SERVICES), [ipaddress.ip_network(text) for text in OF_TWO_SERVICES]
    assert all(any(ipaddress.ip_address(one) in net for net in nets) for one in (*book.everybody, book.proxy_saw))
    assert len(set(book.everybody)) == len(book.everybody) == 126 + 254 - 1, "each is used for one thing"
    addresses = Addresses(HEADER, OF_TWO_SERVICES)
    assert addresses.of("honest") in book.visitors
    assert addresses.claimed_by(7) in book.claimed
    assert addresses.claims_besides(7)["X-Real-IP"] in book.besides


def test_of_a_huge_range_no_more_is_taken_than_a_lab_needs() -> None:
    assert len(Book.of(["10.0.0.0/8"]).everybody) < 2000


def test_another_lab_has_other_addresses() -> None:
    assert len({Addresses(HEADER).of("honest") for _lab in range(20)}) > 5


def test_without_a_header_everybody_comes_from_this_machine() -> None:
    addresses, recorder = Addresses(None), Recorder()
    recorder.begin("honest")
    recorder.begin("new-visitor")
    assert addresses.seen(recorder) == (("honest", "127.0.0.1"), ("new-visitor", "127.0.0.1"))
    assert addresses.claimed_by(1) == ""
