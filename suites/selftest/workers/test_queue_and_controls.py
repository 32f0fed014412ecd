"""Scenarios in their order, none forgotten that comes back; and which controls they need first."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from harness.engine.controls import Controls
from harness.engine.queue import Queue
from harness.journal.model import Scenario
from suites.selftest.judge import records
from suites.selftest.workers.made_up_run import LIMIT_S, scenarios, turns_of_the_loop

ONE, TWO, THREE = scenarios(3)


def within_limit(scene: Coroutine[Any, Any, None]) -> None:
    async def main() -> None:
        async with asyncio.timeout(LIMIT_S):
            await scene

    asyncio.run(main())


def control(flow: str, build: str) -> Scenario:
    return replace(records.control().scenario, id=f"{flow}-control-{build}", flow=flow, build=build)


def scenario(flow: str, build: str) -> Scenario:
    return replace(records.SCENARIO, flow=flow, build=build)


LOGIN, LOGIN_NEWER, CHECKOUT = control("login", "classic"), control("login", "newer"), control("checkout", "classic")


def test_what_is_given_back_is_the_next_to_be_taken() -> None:
    async def scene() -> None:
        queue = Queue()
        queue.add(ONE)
        queue.add(TWO)
        assert await queue.take() is ONE
        queue.give_back(ONE)
        assert [await queue.take(), await queue.take()] == [ONE, TWO]

    within_limit(scene())


def test_nobody_goes_home_before_all_that_was_taken_is_settled() -> None:
    async def scene() -> None:
        queue = Queue()
        queue.add(ONE)
        await queue.take()
        waiting = asyncio.create_task(queue.take())
        await turns_of_the_loop()
        assert not waiting.done()
        queue.settle()
        assert await waiting is None

    within_limit(scene())


def test_an_open_queue_is_waited_for_and_a_closed_one_is_emptied_first() -> None:
    async def scene() -> None:
        queue = Queue()
        queue.open = True
        first = asyncio.create_task(queue.take())
        await turns_of_the_loop()
        queue.add(ONE)
        assert await first is ONE
        queue.settle()
        queue.add(TWO)
        queue.close()
        assert await queue.take() is TWO
        queue.settle()
        assert await queue.take() is None

    within_limit(scene())


def test_what_is_cleared_is_returned_and_gone() -> None:
    async def scene() -> None:
        queue = Queue()
        queue.add(ONE)
        queue.add(TWO)
        assert queue.clear() == [ONE, TWO]
        assert await queue.take() is None

    within_limit(scene())


def test_each_slot_needs_the_control_of_each_flow_once() -> None:
    controls = Controls((LOGIN, LOGIN_NEWER, CHECKOUT))
    assert controls.due(scenario("login", "classic"), 0) == (LOGIN,)
    controls.ran(LOGIN, 0)
    assert controls.due(scenario("login", "classic"), 0) == ()
    assert controls.due(scenario("login", "classic"), 1) == (LOGIN,)
    assert controls.due(scenario("checkout", "classic"), 0) == (CHECKOUT,)


def test_each_build_needs_its_control_on_a_flow_once_in_any_slot() -> None:
    controls = Controls((LOGIN, LOGIN_NEWER, CHECKOUT))
    controls.ran(LOGIN, 0)
    controls.ran(LOGIN, 1)
    assert controls.due(scenario("login", "newer"), 0) == (LOGIN_NEWER,)
    controls.ran(LOGIN_NEWER, 0)
    assert controls.due(scenario("login", "newer"), 1) == ()


def test_a_slot_ends_with_the_first_control_of_each_flow_that_it_served() -> None:
    controls = Controls((LOGIN, LOGIN_NEWER, CHECKOUT))
    for ran, slot in ((LOGIN, 0), (LOGIN_NEWER, 0), (CHECKOUT, 0), (LOGIN, 1)):
        controls.ran(ran, slot)
    assert controls.closing(0) == (LOGIN, CHECKOUT)
    assert controls.closing(1) == (LOGIN,)
    assert controls.closing(2) == ()


def test_what_is_preferred_is_taken_before_what_waits_longer_and_the_rest_in_their_order() -> None:
    async def scene() -> None:
        queue = Queue()
        for one in (ONE, TWO, THREE):
            queue.add(one)
        assert await queue.take(lambda one: one is TWO) is TWO
        assert [await queue.take(lambda _: False), await queue.take(lambda _: False)] == [ONE, THREE]

    within_limit(scene())
