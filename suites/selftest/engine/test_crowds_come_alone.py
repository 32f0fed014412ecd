"""A crowd has the machine alone whenever it comes: the first time, and each time that it is called once more."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.engine.engine import Engine
from harness.engine.options import Options
from harness.engine.turns import Turns
from harness.journal.model import Judgement, Record, Scenario, Verdict
from harness.journal.writer import JournalWriter
from harness.target.loader import find_target, load_target
from suites.selftest.judge.records import control
from suites.selftest.judge.test_judge_load import OFFERED, a_crowd, but

SHOP = load_target(find_target(None))
LATE = but(a_crowd(), "outage", "honest", real_ms=5100.0)
SLOW_IN_HEALTH = but(a_crowd(), "before", "honest", real_ms=1100.0)
NEVER_OVER = but(a_crowd(), "after", "honest", **OFFERED)


class NotedTurns(Turns):
    """Turns that keep which kind was taken."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[str] = []

    @contextlib.asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        self.taken.append("shared")
        async with super().shared():
            yield

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        self.taken.append("alone")
        async with super().alone():
            yield


class Listening:
    def scenario_started(self, scenario_id: str) -> None: ...
    def scenario_done(self, scenario_id: str, verdict: Verdict, real_ms: float) -> None: ...
    def message(self, text: str) -> None: ...


class ScriptedLab:
    """A lab in which these things happen, one after the other, however often it is asked."""

    def __init__(self, records: list[Record]) -> None:
        self._records = records
        self.reasons: list[str] = []

    async def run(self, *, attempt: int = 1, repeat_reason: str = "") -> Record:
        self.reasons.append(repeat_reason)
        return replace(self._records[attempt - 1], attempt=attempt, repeat_reason=repeat_reason)


class ScriptedEngine(Engine):
    """The engine, over a lab of which only what it records is there."""

    lab: ScriptedLab

    def _lab(self, scenario: Scenario, slot: Any, *, real_time: bool) -> Any:
        return self.lab

    async def one(self, scenario: Scenario) -> Judgement:
        self.outcome.records.append(control())
        self.results[scenario.id] = asyncio.get_running_loop().create_future()
        emulator = SimpleNamespace(credentials=SimpleNamespace(secrets=lambda: ()))
        provider = SimpleNamespace(emulator=emulator)
        await self._one(scenario, cast("Any", SimpleNamespace(number=0, provider=provider, keeping=None)))
        return (await self.results[scenario.id])[1]


@pytest.mark.parametrize(
    ("records", "reasons", "verdict"),
    [
        ([a_crowd()], [""], Verdict.PASS),
        ([LATE, a_crowd()], ["", "time near budget"], Verdict.PASS),
        ([LATE, LATE], ["", "time near budget"], Verdict.FAIL),
        ([SLOW_IN_HEALTH, a_crowd()], ["", "time near budget"], Verdict.PASS),
        ([SLOW_IN_HEALTH, SLOW_IN_HEALTH], ["", "time near budget"], Verdict.UNKNOWN),
        ([NEVER_OVER, a_crowd()], ["", "given up near budget"], Verdict.PASS),
        ([NEVER_OVER, LATE, LATE], ["", "given up near budget", "time near budget"], Verdict.FAIL),
    ],
    ids=[
        "good at once",
        "late once",
        "late twice",
        "slow in health once",
        "slow in health twice",
        "never over once",
        "never over, then late",
    ],
)
def test_a_crowd_that_was_late_is_called_once_more_and_never_beside_others(
    records: list[Record], reasons: list[str], verdict: Verdict, tmp_path: Path
) -> None:
    async def run() -> Judgement:
        with JournalWriter(tmp_path / "journal.jsonl") as journal:
            workshop = cast("Any", SimpleNamespace(plan=SimpleNamespace(controls=()), target=SHOP))
            engine = ScriptedEngine(workshop, Options(out=tmp_path), journal, Listening(), turns)
            engine.lab = lab
            return await engine.one(records[0].scenario)

    turns, lab = NotedTurns(), ScriptedLab(records)
    assert asyncio.run(run()).verdict is verdict
    assert lab.reasons == reasons
    assert turns.taken == ["alone"] * len(reasons)
