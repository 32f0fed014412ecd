"""When a fault has ended the next user waits for what the target still works on, and no longer than it can be waited for."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from harness.lab import owed
from harness.lab.origin import OriginGate
from harness.lab.owed import LINGER_LIMIT_S, Owed, owed_by, until_settled, until_still
from suites.selftest.lab.sockets import LIMIT_S, Line, dialled, listening

pytestmark = pytest.mark.anyio
UNHEARD_S = 0.3
POST = b"POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n"


@contextlib.asynccontextmanager
async def slow_shop(may_answer: asyncio.Event) -> AsyncIterator[OriginGate]:
    """A target that answers when it may, and closes as servers do when its client has hung up."""

    async def work(line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        waits = {asyncio.ensure_future(may_answer.wait()), asyncio.ensure_future(line.reader.read())}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for one in waits:
            one.cancel()
        line.say(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n" if may_answer.is_set() else b"")

    async with listening(work) as port:
        gate = OriginGate()
        await gate.start()
        gate.target_port = port
        try:
            yield gate
        finally:
            await gate.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not true():  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0.005)


def slot_with(gate: OriginGate) -> Any:
    return SimpleNamespace(origin=gate, last_activity=lambda: 0.0)


def in_no_wise() -> bool:
    """Whether a target asks that does not."""
    return False


def submits_at(path: str) -> Any:
    """A flow whose submit is a POST to this path, and whose code is sent to the order."""
    confirm = SimpleNamespace(method="POST", path="/orders/{order}/code")
    return SimpleNamespace(submit=SimpleNamespace(method="POST", path=path), step_up=SimpleNamespace(confirm=confirm), aid=None)


def owes(gate: OriginGate, *, clicked_s: float = 0.0, flow: Any = None) -> list[Owed]:
    return owed_by(gate, flow or submits_at("/orders"), clicked_s=clicked_s)


async def settled_s(gate: OriginGate, asks: Callable[[], bool] = in_no_wise, *, flow: Any = None) -> float:
    """Wait as a lab does, and say for how long."""
    began = time.monotonic()
    async with asyncio.timeout(LIMIT_S):
        await until_settled(slot_with(gate), lambda: owes(gate, flow=flow), asks, unheard_s=UNHEARD_S)
    return time.monotonic() - began


async def test_an_answer_that_can_come_is_waited_for() -> None:
    may_answer = asyncio.Event()
    async with slow_shop(may_answer) as gate, dialled(gate.port) as line:
        line.say(POST)
        await until(lambda: len(gate.log) == 1)
        waiting = asyncio.ensure_future(settled_s(gate))
        await asyncio.wait({waiting}, timeout=3 * UNHEARD_S)
        assert not waiting.done()
        may_answer.set()
        await waiting
        assert gate.log[0].status == 201


async def test_no_answer_is_waited_for_where_the_page_has_hung_up() -> None:
    async with slow_shop(asyncio.Event()) as gate:
        async with dialled(gate.port) as line:
            line.say(POST)
            await until(lambda: len(gate.log) == 1)
        await until(lambda: gate.log[0].cut_off is not None)
        assert UNHEARD_S <= await settled_s(gate) < LINGER_LIMIT_S / 10


async def test_who_hangs_up_while_it_is_waited_is_waited_for_no_longer() -> None:
    async with slow_shop(asyncio.Event()) as gate:
        async with dialled(gate.port) as line:
            line.say(POST)
            await until(lambda: len(gate.log) == 1)
            waiting = asyncio.ensure_future(settled_s(gate))
            await asyncio.wait({waiting}, timeout=UNHEARD_S)
            assert not waiting.done()
        assert await waiting < LINGER_LIMIT_S / 10


async def test_a_target_that_still_waits_for_the_provider_has_not_done_though_the_page_has_hung_up() -> None:
    asks = True
    async with slow_shop(asyncio.Event()) as gate:
        async with dialled(gate.port) as line:
            line.say(POST)
            await until(lambda: len(gate.log) == 1)
        await until(lambda: gate.log[0].cut_off is not None)
        waiting = asyncio.ensure_future(settled_s(gate, lambda: asks))
        await asyncio.wait({waiting}, timeout=3 * UNHEARD_S)
        assert not waiting.done()
        asks = False
        await waiting


async def test_what_never_reached_the_target_is_not_owed() -> None:
    async def lose(request: Any) -> None:
        request.drop = True

    async with slow_shop(asyncio.Event()) as gate, dialled(gate.port) as line:
        gate.on_request = lose
        line.say(POST)
        assert (await line.how_it_ends())[1] == "RST"
        assert gate.log
        assert owes(gate) == []


@pytest.mark.parametrize("head", [b"POST /orders", b"POST /orders/17/code"])
async def test_a_submit_and_its_code_are_owed_whenever_they_came(head: bytes) -> None:
    async with slow_shop(asyncio.Event()) as gate, dialled(gate.port) as line:
        line.say(head + b" HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n")
        await until(lambda: len(gate.log) == 1)
        assert [one.until_s for one in owes(gate, clicked_s=float("inf"))] == [float("inf")]


@pytest.mark.parametrize("head", [b"POST /poll", b"GET /events", b"GET /orders/17/code"])
async def test_what_a_page_keeps_open_is_not_owed(head: bytes) -> None:
    """A long poll that began before the click, server-sent events whenever they began."""
    async with slow_shop(asyncio.Event()) as gate, dialled(gate.port) as line:
        line.say(head + b" HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n")
        await until(lambda: len(gate.log) == 1)
        assert gate.busy
        assert owes(gate, clicked_s=time.monotonic()) == []
        assert bool(owes(gate)) is head.startswith(b"POST")
        if head.startswith(b"GET"):
            assert await still_s(gate) < 1, "an open GET keeps nobody waiting"


async def still_s(gate: OriginGate, *, limit_s: float = LIMIT_S) -> float:
    began = time.monotonic()
    async with asyncio.timeout(LIMIT_S):
        await until_still(slot_with(gate), 0.1, lambda: any(one.waited_for for one in owes(gate)), limit_s=limit_s)
    return time.monotonic() - began


async def test_a_post_after_the_click_that_never_ends_is_waited_for_a_short_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owed, "OTHERS_LIMIT_S", 0.4)
    async with slow_shop(asyncio.Event()) as gate, dialled(gate.port) as line:
        line.say(b"POST /poll HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n")
        await until(lambda: len(gate.log) == 1)
        assert 0.2 <= await settled_s(gate) < 2
        assert not owes(gate)


async def test_where_no_submit_is_named_any_post_after_the_click_may_be_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owed, "OTHERS_LIMIT_S", 0.0)
    unnamed = SimpleNamespace(submit=None, step_up=None, aid=None)
    async with slow_shop(asyncio.Event()) as gate, dialled(gate.port) as line:
        line.say(POST)
        await until(lambda: len(gate.log) == 1)
        assert [one.waited_for for one in owes(gate, flow=unnamed)] == [True]
        assert owes(gate, flow=unnamed, clicked_s=time.monotonic()) == []


async def test_who_never_rests_is_waited_for_no_longer_than_the_limit() -> None:
    async with slow_shop(asyncio.Event()) as gate, dialled(gate.port) as line:
        line.say(POST)
        await until(lambda: len(gate.log) == 1)
        assert 0.3 <= await still_s(gate, limit_s=0.3) < 2
