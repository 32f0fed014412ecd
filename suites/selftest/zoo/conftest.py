"""Run chosen scenarios of the animals and of the documents' pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from harness.engine.engine import open_engine
from harness.engine.options import Options
from harness.journal.model import Judgement, Scenario, Verdict
from harness.plan.build import make_plan
from harness.target.loader import find_target, load_target

FIXTURES = Path(__file__).parents[3] / "fixtures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What ran (without the controls), and what was judged (with them)."""

    scenarios: Sequence[Scenario]
    judgements: Mapping[str, Judgement]


class Silence:
    """A listener that says nothing."""

    def scenario_started(self, scenario_id: str) -> None:
        """Nothing."""

    def scenario_done(self, scenario_id: str, verdict: Verdict, real_ms: float) -> None:
        """Nothing."""

    def message(self, text: str) -> None:
        """Nothing."""


RunScenarios = Callable[[Path, Sequence[str]], Ran]


def run_chosen(folder: Path, patterns: Sequence[str], *, out: Path, jobs: int) -> Ran:
    """Run the scenarios of the target in ``folder`` whose ids match one of these patterns (``*`` stands for anything)."""
    target = load_target(find_target(str(folder)))
    plan = make_plan(target)
    for pattern in patterns:
        assert any(fnmatchcase(scenario.id, pattern) for scenario in plan.scenarios), f"no scenario is called {pattern}"
    chosen = [s for s in plan.scenarios if any(fnmatchcase(s.id, pattern) for pattern in patterns)]

    async def go() -> Ran:
        async with open_engine(target, plan, Options(out=out, jobs=min(jobs, len(chosen))), Silence()) as engine:
            engine.begin(chosen)
            return Ran(scenarios=chosen, judgements=await engine.finish())

    return asyncio.run(go())


@pytest.fixture
def run_scenarios(tmp_path: Path) -> RunScenarios:
    """Return a function that runs scenarios of a target's folder and returns what was judged."""
    return lambda folder, patterns: run_chosen(folder, patterns, out=tmp_path, jobs=4)
