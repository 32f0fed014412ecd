"""On real parts: a schedule that breaks a shop with a known bug fails again each time, and shrinks to what does it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.catalog import Phase, Schedule, Stroke, Warmth
from harness.cli.main import main
from harness.engine.options import Options
from harness.explore.trials import open_trials
from harness.journal.model import Scenario, Verdict
from harness.plan.build import make_plan
from harness.plan.schedules import scheduled
from harness.target.loader import find_target, load_target
from harness.zoo.materialise import materialised

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(900)]
# B8 (fixtures/zoo): an exception of the verdict call escapes. Only a refused connection raises one; the others are bystanders.
THREE = Schedule(
    strokes=(
        Stroke(link="config", fault="latency", parameters=(("latency_ms", 500),), phase=Phase.BEFORE_SHOW, warmth=Warmth.WARM),
        Stroke(link="verify", fault="slicer", phase=Phase.MID_CHALLENGE, warmth=Warmth.WARM),
        Stroke(link="verdict", fault="refused", phase=Phase.DURING_VERDICT),
    )
)


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Scenario]]:
    """A run's folder, and the scenario in it that failed; the animal stays while it is replayed."""
    run = tmp_path_factory.mktemp("schedules") / "run"
    with materialised("B8") as folder:
        target = load_target(find_target(str(folder)))
        plan = make_plan(target)
        scenario = scheduled(plan, target, "login", THREE)

        async def go() -> Verdict:
            async with open_trials(target, plan, Options(out=run, target_words=str(folder))) as trials:
                return (await trials.run(scenario))[1].verdict

        run.mkdir()
        assert asyncio.run(go()) is Verdict.FAIL
        yield run, scenario


def test_it_fails_again_each_time(failed: tuple[Path, Scenario], capsys: pytest.CaptureFixture[str]) -> None:
    run, scenario = failed
    assert main(["replay", str(run), scenario.id, "--times", "3", "--out", str(run.parent / "again")]) == 0
    assert f"the same verdict in 3 of 3: {scenario.id}, fail" in capsys.readouterr().out


def test_it_shrinks_to_the_one_fault_and_that_is_replayed_in_its_turn(
    failed: tuple[Path, Scenario], capsys: pytest.CaptureFixture[str]
) -> None:
    run, scenario = failed
    small = run.parent / "small"
    assert main(["replay", str(run), scenario.id, "--minimise", "--out", str(small)]) == 0
    said = capsys.readouterr().out
    assert "3 faults before, 1 now" in said
    assert "now:    verdict refused, cold, during-verdict, for 200 ms" in said
    found = said.split()[-1]
    assert main(["replay", str(small), found, "--out", str(run.parent / "once-more")]) == 0
