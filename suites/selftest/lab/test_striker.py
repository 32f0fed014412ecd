"""A fault strikes its own link at its own moment, though four links share a host; what was not applied is never a pass."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.certificates import Authority
from harness.errors import ToxiproxyError
from harness.faults.base import FAULTS, Edge, Receipt
from suites.selftest.lab.slots import Bench, slot_in_front_of, until
from suites.selftest.lab.sockets import LIMIT_S, Line, by_socks

pytestmark = pytest.mark.anyio
API = "turing.captcha.qcloud.com"
PATHS = {
    "entry": ("GET", "/TCaptcha.js"),
    "config": ("GET", "/cap_union_prehandle?aid=199999164&callback=_aq_1"),
    "refresh": ("POST", "/cap_union_new_getsig"),
    "verify": ("POST", "/cap_union_new_verify"),
}
STRUCK = (ConnectionResetError, asyncio.IncompleteReadError, BrokenPipeError)


async def shop(line: Line) -> None:
    """Answer every request with 201."""
    while await line.reader.readuntil(b"\r\n\r\n"):
        line.say(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")


async def ask(line: Line, link: str) -> int:
    method, path = PATHS[link]
    return (await line.ask(method, path, API))[0]


def ends(bench: Bench, host: str) -> list[str]:
    return [connection.ended_by for connection in bench.slot.router.log if connection.host == host]


@pytest.mark.parametrize("struck", ["config", "refresh", "verify"])
async def test_a_warm_fault_waits_for_its_own_links_request(struck: str, toxiproxy_path: Path, authority: Authority) -> None:
    neighbours = [link for link in PATHS if link != struck]
    code = {"config": 1006, "refresh": 1012, "verify": 1013}[struck]
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench, bench.vendor(API) as line:
        striker, recorder = bench.striker(f"login-{code}-{struck}-reset-warm")
        await striker.before_load()
        for link in neighbours:
            assert await ask(line, link) < 500
        assert striker.applied is None
        with pytest.raises(STRUCK):
            await ask(line, struck)
        [arrival] = bench.slot.provider.arrivals(struck)
        assert striker.struck is not None
        assert arrival.arrived <= striker.struck
        assert [applied.action for applied in recorder.applied] == ["apply"]
        assert "reset_peer" in recorder.applied[0].receipts[0].partition("→")[2], "the read-back is what the server itself said"
        # Toxiproxy ends connections that were open before the fault with a FIN: this one was warm.
        await until(lambda: ends(bench, API) == ["upstream-eof"])
        await striker.heal()
        async with bench.vendor(API) as fresh:
            assert await ask(fresh, struck) < 500


async def test_a_cold_fault_strikes_a_connection_that_is_opened_after_it(toxiproxy_path: Path, authority: Authority) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench:
        striker, _recorder = bench.striker("login-1006-config-reset-cold")
        await striker.before_load()
        async with bench.vendor(API) as line:
            _status, headers, _body = await line.ask(*PATHS["entry"], API)
            assert headers["connection"] == "close"
            assert (await line.how_it_ends())[1] == "FIN"
        await until(lambda: bench.slot.router.log[0].ended is not None)
        assert striker.applied is None
        with pytest.raises(STRUCK):
            async with bench.vendor(API) as fresh:
                await ask(fresh, "config")
        assert striker.applied is not None
        # Toxiproxy sends a RST on connections that were opened after the fault only.
        await until(lambda: ends(bench, API)[-1] == "upstream-reset")
        warm, cold = bench.slot.router.log
        assert warm.ended is not None
        assert striker.struck is not None
        assert warm.ended <= striker.struck
        assert cold.bytes_down == 0
        assert list(bench.slot.provider.arrivals("config")) == []


async def test_an_early_connection_to_a_shared_host_is_not_taken_for_the_links_own(
    toxiproxy_path: Path, authority: Authority
) -> None:
    """A browser opens spare connections: before the link's turn has come none of them may set the fault off."""
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench:
        striker, _recorder = bench.striker("login-1013-verify-reset-cold")
        await striker.before_load()
        async with bench.vendor(API) as line:
            async with by_socks(bench.slot.router, API) as (granted, _spare):
                assert granted == 0
                assert await ask(line, "entry") == 200
            assert striker.applied is None
            await ask(line, "config")
        assert striker.applied is None
        async with by_socks(bench.slot.router, API):
            assert striker.applied is not None


async def test_a_fault_that_strikes_once_is_gone_after_the_first_connection_that_felt_it(
    toxiproxy_path: Path, authority: Authority
) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench:
        striker, recorder = bench.striker("login-own-edge-submit-answer-lost-warm")
        await striker.before_load()
        async with bench.target() as line:
            assert (await line.ask("GET", "/", "shop"))[0] == 201
            assert (await line.ask("POST", "/warm-up", "shop"))[0] == 201
            assert striker.applied is None, "a POST before the user has acted is none of the link's"
            await striker.clicked()
            async with bench.target() as neighbour:
                assert (await neighbour.ask("POST", "/telemetry", "shop"))[0] == 201
                assert striker.applied is None, "a neighbour that posts beside the submit is none of the link's"
                with pytest.raises(STRUCK):
                    await line.ask("POST", "/login", "shop")
        await until(lambda: striker.healed is not None)
        await striker.settled()
        async with bench.target() as again:
            assert (await again.ask("POST", "/login", "shop"))[0] == 201
        assert [applied.action for applied in recorder.applied] == ["apply", "heal"]
        assert [request.path for request in bench.slot.origin.log] == ["/", "/warm-up", "/telemetry", "/login", "/login"]


async def test_a_cold_submit_comes_on_a_fresh_connection(toxiproxy_path: Path, authority: Authority) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench:
        striker, _recorder = bench.striker("login-own-edge-submit-reset-cold")
        await striker.before_load()
        async with bench.target() as line:
            assert (await line.ask("GET", "/", "shop"))[0] == 201
            await until(lambda: bench.slot.origin.log[0].answered is not None)
            await striker.clicked()
            assert (await line.how_it_ends())[1] == "FIN"
        assert striker.applied is None
        async with by_socks(bench.slot.router, "127.0.0.1", bench.target_port) as (_granted, fresh):
            fresh.say(b"POST /login HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n")
            assert await fresh.how_it_ends() == (b"", "RST")
        assert striker.applied is not None


async def test_a_request_beside_a_cold_submit_meets_no_fault_and_the_submit_does(
    toxiproxy_path: Path, authority: Authority
) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench:
        striker, _recorder = bench.striker("login-own-edge-submit-reset-cold")
        await striker.before_load()
        await striker.clicked()
        async with bench.target() as spare, bench.target() as neighbour:
            assert (await neighbour.ask("GET", "/healthz", "shop"))[0] == 201
            assert (await neighbour.ask("POST", "/telemetry", "shop"))[0] == 201
            assert striker.applied is None
            spare.say(b"POST /lo")
            spare.say(b"gin HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n")
            assert await spare.how_it_ends() == (b"", "RST")
        await until(lambda: striker.healed is not None)
        struck = [connection.ended_by for connection in bench.slot.router.log if connection.carried]
        assert struck == ["upstream-reset"]
        async with bench.target() as again:
            assert (await again.ask("POST", "/login", "shop"))[0] == 201


async def test_a_cold_submit_on_a_neighbours_connection_must_come_again_on_a_fresh_one(
    toxiproxy_path: Path, authority: Authority
) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench:
        striker, _recorder = bench.striker("login-own-edge-submit-reset-cold")
        await striker.before_load()
        await striker.clicked()
        async with bench.target() as neighbour:
            assert (await neighbour.ask("GET", "/healthz", "shop"))[0] == 201
            with pytest.raises(STRUCK):
                await neighbour.ask("POST", "/login", "shop")
        assert striker.applied is None
        assert [request.path for request in bench.slot.origin.log] == ["/healthz"]
        async with bench.target() as fresh:
            with pytest.raises(STRUCK):
                await fresh.ask("POST", "/login", "shop")
        assert striker.applied is not None


async def test_only_the_end_of_the_connection_that_carried_the_submit_ends_a_fault_that_strikes_once(
    toxiproxy_path: Path, authority: Authority
) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench:
        striker, _recorder = bench.striker("login-own-edge-submit-hang-warm")
        await striker.before_load()
        await striker.clicked()
        async with bench.target() as line, bench.target() as neighbour:
            line.say(b"POST /login HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n")
            await until(lambda: striker.applied is not None)
            neighbour.reset()
            await until(lambda: bench.slot.router.log[1].ended is not None)
            await striker.settled()
            assert striker.standing
            line.reset()
            await until(lambda: striker.healed is not None)
        await striker.settled()


async def test_healing_what_never_struck_changes_nothing(toxiproxy_path: Path, authority: Authority) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench:
        striker, recorder = bench.striker("login-1006-config-reset-warm")
        await striker.before_load()
        await striker.heal()
        assert (striker.applied, striker.healed, recorder.applied) == (None, None, [])
        async with bench.vendor(API) as line:
            assert await ask(line, "config") == 200
        assert striker.applied is None


class Refusing:
    """A fault whose server will not have it."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        raise ToxiproxyError("Toxiproxy did not do what it accepted")

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        return []


async def test_a_fault_that_cannot_be_applied_is_kept_as_an_error_and_the_request_goes_on(
    toxiproxy_path: Path, authority: Authority
) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench, bench.vendor(API) as line:
        striker, recorder = bench.striker("login-1006-config-reset-warm", Refusing(FAULTS.get("reset")))
        await striker.before_load()
        assert await asyncio.wait_for(ask(line, "config"), LIMIT_S) == 200
        assert isinstance(striker.error, ToxiproxyError)
        assert (striker.applied, recorder.applied) == (None, [])
        await striker.heal()
        assert striker.healed is None


async def test_a_slot_that_is_reset_keeps_nothing_of_the_last_lab(toxiproxy_path: Path, authority: Authority) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench:
        striker, _recorder = bench.striker("login-1004-frame-refused-cold")
        await striker.before_load()
        await striker.apply()
        bench.slot.origin.hold_ends = True
        bench.slot.provider.hold_ends("frame")
        await bench.slot.reset(build="classic")
        slot = bench.slot
        assert (slot.origin.hold_ends, slot.provider.held_links) == (False, frozenset())
        assert (slot.router.on_connect, slot.provider.on_arrival, slot.origin.on_request, slot.provider.close_after) == (
            None, None, None, set(),
        )  # fmt: skip
        assert (slot.router.log, slot.provider.log, slot.origin.log) == ([], [], [])
        async with bench.vendor("turing.captcha.gtimg.com"):
            pass
        async with by_socks(slot.router, "127.0.0.1", bench.target_port) as (reply, _line):
            assert reply == 2, "the last lab's target is nobody's any more"
