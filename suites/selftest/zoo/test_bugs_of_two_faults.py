"""Some bugs need two faults, one before the other: neither shows them alone, and the shop passes both together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harness.catalog import Schedule
from harness.engine.options import Options
from harness.errors import ConfigurationError
from harness.explore.trials import open_trials
from harness.journal.model import Judgement, Verdict
from harness.plan.build import make_plan
from harness.plan.schedules import scheduled
from harness.target.loader import find_target, load_target
from harness.zoo.animals import Animal, load_animal, load_animals, zoo_folder
from harness.zoo.materialise import materialised
from harness.zoo.run import plan_animal

OF_TWO_FAULTS = tuple(one for one in load_animals(zoo_folder()) if one.schedules)


def judged(folder: Path, flow: str, schedules: Sequence[Schedule], out: Path) -> list[Judgement]:
    """What became of each schedule, one after the other in one laboratory."""
    target = load_target(find_target(str(folder)))
    plan = make_plan(target)

    async def go() -> list[Judgement]:
        async with open_trials(target, plan, Options(out=out)) as trials:
            return [(await trials.run(scheduled(plan, target, flow, one)))[1] for one in schedules]

    return asyncio.run(go())


def test_three_animals_need_two_faults() -> None:
    assert len(OF_TWO_FAULTS) == 3
    assert {len(one.schedule) for animal in OF_TWO_FAULTS for one in animal.schedules} == {2}


@pytest.mark.parametrize("animal", OF_TWO_FAULTS, ids=lambda animal: animal.name)
def test_an_animal_is_run_on_its_schedules_and_its_findings_speak_of_them(animal: Animal, tmp_path: Path) -> None:
    planned = plan_animal(animal, tmp_path, whole=False)
    (scenario,) = planned.scenarios
    assert scenario.strokes == animal.schedules[0].schedule
    assert all(finding.speaks_of(scenario) for finding in animal.findings)


@pytest.mark.nightly
@pytest.mark.timeout(600)
@pytest.mark.parametrize("animal", OF_TWO_FAULTS, ids=lambda animal: animal.name)
def test_neither_fault_shows_the_bug_alone(animal: Animal, tmp_path: Path) -> None:
    (struck,) = animal.schedules
    alone = [Schedule(strokes=(one,)) for one in struck.schedule.strokes]
    with materialised(animal.name) as folder:
        assert [one.verdict for one in judged(folder, struck.flow, alone, tmp_path / "run")] == [Verdict.PASS] * 2


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_the_other_way_round_there_is_no_second_try(tmp_path: Path) -> None:
    (animal,) = (one for one in OF_TWO_FAULTS if one.name == "second-try-is-unguarded")
    (struck,) = animal.schedules
    first, second = struck.schedule.strokes
    swapped = Schedule(strokes=(replace(second, lasts_ms=first.lasts_ms), replace(first, lasts_ms=None)))
    with materialised(animal.name) as folder:
        (judgement,) = judged(folder, struck.flow, [swapped], tmp_path / "run")
    assert not judgement.findings


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_the_shop_is_without_a_finding_on_what_kills_them(tmp_path: Path) -> None:
    (flow,) = {one.flow for animal in OF_TWO_FAULTS for one in animal.schedules}
    schedules = [one.schedule for animal in OF_TWO_FAULTS for one in animal.schedules]
    shop = find_target(None).parent
    assert [one.findings for one in judged(shop, flow, schedules, tmp_path / "run")] == [()] * len(schedules)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ('fault = "refused"', "[[schedules]].strokes[0] has no field 'falt'; did you mean 'fault'"),
        ('flow = "mini-profile"', "[[schedules]]: flow must be said"),
        ("[[schedules]]", "run or [[schedules]] must be said"),
    ],
)
def test_a_mistake_in_a_schedule_is_one_sentence(tmp_path: Path, wrong: str, says: str) -> None:
    folder = tmp_path / "second-try-is-unguarded"
    folder.mkdir()
    for file in (zoo_folder() / folder.name).iterdir():
        (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    file = folder / "expected.toml"
    mistaken = {'fault = "refused"': 'falt = "refused"', "[[schedules]]": "[[other]]"}.get(wrong, "")
    file.write_text(file.read_text(encoding="utf-8").replace(wrong, mistaken, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_animal(folder)
    assert says in str(refused.value)
