"""Shared turns run beside each other; a lone one waits for them, and nobody begins before it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from harness.engine.turns import Turns
from suites.selftest.workers.made_up_run import LIMIT_S, turns_of_the_loop


class Stage:
    """Who has a turn, in the order in which turns began; each ends when it is told to."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.inside: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def ask(self, name: str) -> None:
        """Ask for a turn, a lone one where the name begins with "alone", and let everybody go on."""
        self._ends[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._turn(name))
        await turns_of_the_loop()

    async def end(self, *names: str) -> None:
        """End turns."""
        for name in names:
            self._ends[name].set()
        await turns_of_the_loop()

    async def cancel(self, name: str, times: int = 1) -> None:
        """Cancel whoever has or waits for a turn, and once more while it cleans up."""
        for _ in range(times):
            self._tasks[name].cancel()
            await asyncio.sleep(0)
        with contextlib.suppress(asyncio.CancelledError):
            await self._tasks[name]
        await turns_of_the_loop()

    async def _turn(self, name: str) -> None:
        async with self.turns.alone() if name.startswith("alone") else self.turns.shared():
            self.inside.append(name)
            try:
                await self._ends[name].wait()
            finally:
                self.inside.remove(name)


@pytest.fixture
def on_stage() -> Callable[[Callable[[Stage], Coroutine[Any, Any, None]]], None]:
    def play(scene: Callable[[Stage], Coroutine[Any, Any, None]]) -> None:
        async def main() -> None:
            async with asyncio.timeout(LIMIT_S):
                await scene(Stage())

        asyncio.run(main())

    return play


Play = Callable[[Callable[[Stage], Coroutine[Any, Any, None]]], None]


def test_shared_turns_run_beside_each_other(on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        await stage.ask("a")
        await stage.ask("b")
        assert stage.inside == ["a", "b"]

    on_stage(scene)


def test_a_lone_turn_begins_when_the_last_shared_one_has_ended(on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        for name in ("a", "b", "alone"):
            await stage.ask(name)
        await stage.end("a")
        assert stage.inside == ["b"]
        await stage.end("b")
        assert stage.inside == ["alone"]

    on_stage(scene)


def test_nobody_begins_while_a_lone_turn_waits_or_runs(on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        for name in ("a", "alone", "b"):
            await stage.ask(name)
        assert stage.inside == ["a"]
        await stage.end("a")
        await stage.ask("c")
        assert stage.inside == ["alone"]
        await stage.end("alone")
        assert stage.inside == ["b", "c"]

    on_stage(scene)


def test_two_lone_turns_come_one_after_the_other(on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        await stage.ask("alone 1")
        await stage.ask("alone 2")
        assert stage.inside == ["alone 1"]
        await stage.end("alone 1")
        assert stage.inside == ["alone 2"]

    on_stage(scene)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("cancelled", ["a", "alone"])
def test_a_turn_that_is_cancelled_is_given_back(cancelled: str, times: int, on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        await stage.ask(cancelled)
        await stage.cancel(cancelled, times)
        await _all_can_have_turns(stage)

    on_stage(scene)


def test_one_that_is_cancelled_while_it_waits_for_a_lone_turn_holds_nobody_up(on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        for name in ("a", "alone", "b"):
            await stage.ask(name)
        await stage.cancel("alone")
        assert stage.inside == ["a", "b"]
        await stage.end("a", "b")
        await _all_can_have_turns(stage)

    on_stage(scene)


@pytest.mark.parametrize("waiting", ["a", "alone 2"])
def test_one_that_is_cancelled_while_it_waits_behind_a_lone_turn_leaves_that_one_alone(waiting: str, on_stage: Play) -> None:
    async def scene(stage: Stage) -> None:
        for name in ("alone 1", waiting, "c"):
            await stage.ask(name)
        await stage.cancel(waiting)
        assert stage.inside == ["alone 1"]
        await stage.end("alone 1")
        assert stage.inside == ["c"]
        await stage.end("c")
        await _all_can_have_turns(stage)

    on_stage(scene)


async def _all_can_have_turns(stage: Stage) -> None:
    await stage.ask("later")
    assert stage.inside == ["later"]
    await stage.end("later")
    await stage.ask("alone later")
    assert stage.inside == ["alone later"]
    await stage.end("alone later")
    assert stage.inside == []
