"""A scripted client's network and time: through the router as a browser's, and advanced no further than the next timer."""

from __future__ import annotations

import asyncio
import time as real
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest

from harness.catalog import Place, Side
from harness.certificates import Authority
from harness.journal.model import Event, Moment
from harness.lab.recorder import Recorder
from harness.lab.router import Router
from harness.lab.scripted_clock import DeviceClock, PageTime
from harness.lab.scripted_sightings import at_the_bridge
from harness.lab.scripted_wire import DeviceTraffic, DeviceWire
from suites.selftest.lab.sockets import LIMIT_S, Line, listening

pytestmark = pytest.mark.anyio
HOST = "captcha.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A device's wire, the router it goes through, and what was noted of its requests."""

    wire: DeviceWire
    router: Router
    traffic: DeviceTraffic
    recorder: Recorder


@pytest.fixture
async def network(authority: Authority) -> AsyncIterator[Network]:
    router, recorder = Router(), Recorder()
    traffic = DeviceTraffic(recorder, lambda _method, _url: "config")
    await router.start()
    wire = DeviceWire(router_port=router.port, ca_file=str(authority.ca_file), traffic=traffic)
    yield Network(wire=wire, router=router, traffic=traffic, recorder=recorder)
    await wire.aclose()
    await router.stop()


async def test_a_host_that_nothing_maps_fails_in_the_routers_words(network: Network) -> None:
    answer = await network.wire.send("GET", f"https://{HOST}/")
    assert (answer.status, answer.failure) == (None, "ConnectError nothing maps this host")
    assert network.router.refused_hosts() == (f"{HOST}:443",)
    assert [connection.side for connection in network.router.log] == [Side.BROWSER]


async def test_a_name_that_does_not_resolve_fails_as_one(network: Network) -> None:
    network.router.route(HOST, 443, 1)
    network.router.refuse_name(HOST)
    assert (await network.wire.send("GET", f"https://{HOST}/")).failure == "ConnectError no such name"


async def test_a_port_where_nobody_listens_is_a_refused_connection_and_noted_as_such(network: Network) -> None:
    network.router.route(HOST, 443, 1)
    assert (await network.wire.send("GET", f"https://{HOST}/a")).failure == "ConnectError connection refused"
    (flight,) = network.traffic.seen()
    assert (flight.link, flight.failure, flight.status) == ("config", "ConnectError connection refused", None)
    assert [event.what for event in network.recorder.events] == ["request", "request-failed"]


async def test_a_request_that_is_given_up_in_its_handshake_leaves_no_connection_behind(network: Network) -> None:
    async def silent(line: Line) -> None:
        await line.reader.read()

    async with listening(silent) as port:
        network.router.route(HOST, 443, port)
        asking = asyncio.ensure_future(network.wire.send("GET", f"https://{HOST}/"))
        async with asyncio.timeout(LIMIT_S):
            while not any(connection.bytes_up for connection in network.router.log):  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0.001)
        assert len(network.traffic.in_flight()) == 1
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert network.traffic.in_flight() == []
        assert network.traffic.seen()[0].failure == "given up by the client"
        async with asyncio.timeout(LIMIT_S):
            while network.router.log[0].ended is None:  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0.001)


async def test_an_answer_is_read_whole_and_its_connection_is_used_again(network: Network) -> None:
    async def answering(line: Line) -> None:
        while await line.reader.readuntil(b"\r\n\r\n"):
            line.say(b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\ntold")

    async with listening(answering) as port:
        network.router.route(HOST, 80, port)
        for _ in range(2):
            answer = await network.wire.send("GET", f"http://{HOST}/")
            assert (answer.status, answer.body, answer.failure) == (201, b"told", "")
        assert len(network.router.log) == 1
        await network.router.drop_all()


async def test_each_timer_sees_the_time_it_was_set_for_in_its_order() -> None:
    recorder, woken = Recorder(), []
    time = PageTime(recorder)
    clock = DeviceClock(time, recorder, may_advance=lambda: True, changed=lambda: 0.0)
    recorder.begin("honest")

    async def sleeps(ms: int) -> None:
        began_ms = recorder.moment().page_ms
        await time.sleep(ms)
        woken.append((ms, recorder.moment().page_ms - began_ms))

    sleeping = [asyncio.ensure_future(sleeps(ms)) for ms in (15_000, 600, 8_000, 7_900)]
    await asyncio.sleep(0)
    now_s = time.now_s()
    await clock.install(behind_ms=0)
    await asyncio.wait_for(asyncio.gather(*sleeping), LIMIT_S)
    await clock.stop()
    assert [ms for ms, _passed in woken] == [600, 7_900, 8_000, 15_000]
    # A machine that is busy wakes late in real time; a step past the timer would be up to 500 ms more.
    assert all(ms <= passed < ms + 400 for ms, passed in woken)
    assert time.now_s() - now_s > 14.99
    assert recorder.advanced_ms > 10_000


async def test_a_device_whose_clock_nobody_moves_has_the_worlds_time_whatever_became_of_anothers() -> None:
    recorder = Recorder()
    moved, others = PageTime(recorder), PageTime(recorder)
    clock = DeviceClock(moved, recorder, may_advance=lambda: False, changed=lambda: 0.0)
    await clock.install(behind_ms=45_000)
    recorder.advance(20_000)
    assert moved.now_s() == pytest.approx(real.time() - 25, abs=0.5)
    assert others.now_s() == pytest.approx(real.time(), abs=0.5)
    await clock.stop()


def events(*whats: str) -> Sequence[Event]:
    return [Event(what=what, moment=Moment(at_ms=at, page_ms=at), visit="honest") for at, what in enumerate(whats)]


def test_a_bridge_is_silent_only_where_one_end_says_more_than_the_other_hears() -> None:
    def seen(link: str, *whats: str) -> list[Place]:
        return [one.place for one in at_the_bridge(link, events(*whats), "honest", from_ms=0, to_ms=100)]

    called, heard = "bridge-called", "bridge-heard"
    assert seen("bridge", called, heard, called) == [Place.BROWSER, Place.NATIVE]
    assert seen("bridge", called, heard) == []
    assert seen("bridge") == []
    assert seen("page", called) == []
