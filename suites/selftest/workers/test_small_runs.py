"""A small run pays for no more slots and controls than it is worth."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from harness.journal.model import Record
from harness.target.spec import Target
from suites.selftest.workers.made_up_run import SHOP, Asked, Run, scenarios, sound


async def everything_is_sound(asked: Asked) -> Record:
    return sound(asked.scenario)


def play(count: int, jobs: int | None, folder: Path, *, closing_controls: bool = True) -> Run:
    run = Run(play=everything_is_sound, jobs=jobs, closing_controls=closing_controls)

    async def main() -> None:
        async with run.engine(folder) as engine:
            engine.begin(scenarios(count))
            await engine.finish()

    asyncio.run(main())
    return run


def slots(run: Run) -> set[int]:
    return {one.slot for one in run.asked}


def test_twelve_scenarios_are_worth_four_slots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert len(slots(play(12, None, tmp_path))) == 4


def test_one_scenario_has_one_slot_and_two_controls(tmp_path: Path) -> None:
    run = play(1, None, tmp_path)
    assert Counter(one.is_control for one in run.asked) == {True: 2, False: 1}


def test_who_looks_for_findings_alone_controls_its_slot_before_and_not_after(tmp_path: Path) -> None:
    run = play(1, None, tmp_path, closing_controls=False)
    assert [one.is_control for one in run.asked] == [True, False]


def laboratories(folder: Path, target: Target) -> int:
    async def at_most() -> int:
        async with Run(play=everything_is_sound, jobs=5, target=target).engine(folder) as engine:
            return engine.jobs

    return asyncio.run(at_most())


def test_processes_that_live_on_have_data_of_their_own_or_no_neighbour(tmp_path: Path) -> None:
    """What one resets is what all of them use, where nothing tells one database from another."""
    one_database = {"DATABASE_URL": "postgresql:///app"}
    kept = replace(SHOP, isolation="slot", reset="{python} empty.py")
    targets = {"apart": kept, "together": replace(kept, env=one_database), "afresh": replace(SHOP, env=one_database)}
    found = {}
    for name, target in targets.items():
        (tmp_path / name).mkdir()
        found[name] = laboratories(tmp_path / name, target)
    assert found == {"apart": 5, "together": 1, "afresh": 5}


def test_many_scenarios_have_four_slots_for_each_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert len(slots(play(60, None, tmp_path))) == 8


def test_who_names_a_number_gets_it_unless_there_are_fewer_scenarios(tmp_path: Path) -> None:
    (tmp_path / "six").mkdir()
    assert len(slots(play(6, 5, tmp_path))) == 5
    assert len(slots(play(2, 5, tmp_path / "six"))) == 2


def test_a_slot_keeps_to_the_flow_it_has_controlled_while_that_one_has_scenarios(tmp_path: Path) -> None:
    flows = ("login", "checkout") * 6
    mixed = [replace(one, flow=flow) for one, flow in zip(scenarios(12), flows, strict=True)]
    run = Run(play=everything_is_sound, jobs=2)

    async def main() -> None:
        async with run.engine(tmp_path) as engine:
            engine.begin(mixed)
            await engine.finish()

    asyncio.run(main())
    for slot in slots(run):
        served = [one.scenario.flow for one in run.asked if one.slot == slot and not one.is_control]
        assert served == sorted(served, key=served.index), "each flow in one piece"
