"""Run chosen scenarios of the shop (or another target) through the real engine, once per test module."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.browsers import engine_named
from harness.engine.budget import Budget
from harness.engine.engine import open_engine
from harness.engine.options import Options
from harness.faults.base import Fault
from harness.journal.model import Judgement, Record, Scenario, Verdict
from harness.plan.build import Plan, make_plan
from harness.target.loader import find_target, load_target

REPOSITORY = Path(__file__).parents[3]
FEW = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one run left behind."""

    records: Sequence[Record]
    judgements: Mapping[str, Judgement]
    out: Path

    def record(self, scenario_id: str) -> Record:
        """The last record of a scenario."""
        return [record for record in self.records if record.scenario.id == scenario_id][-1]

    def first(self, scenario_id: str) -> Record:
        """The first record of a scenario, before anything was repeated."""
        return next(record for record in self.records if record.scenario.id == scenario_id)


class Silence:
    """A listener that says nothing."""

    def scenario_started(self, scenario_id: str) -> None:
        """Nothing."""

    def scenario_done(self, scenario_id: str, verdict: Verdict, real_ms: float) -> None:
        """Nothing."""

    def message(self, text: str) -> None:
        """Nothing."""


RunScenarios = Callable[..., Ran]


@pytest.fixture(scope="session")
def run_scenarios(tmp_path_factory: pytest.TempPathFactory) -> RunScenarios:
    """Return a function that runs the scenarios of these ids and returns what was recorded and judged.

    ``also`` makes scenarios that no plan has, to run beside them; ``wrap`` puts every fault into something else. ``in_order``:
    they are begun in this order, not the longest first. ``engine``: the browser's, by its name. Slots are controlled at their
    beginning alone, and a few scenarios have one slot: half of what such a run would do are controls otherwise.
    """

    def run(
        *ids: str,
        target: str | None = None,
        real_time: bool = False,
        jobs: int | None = None,
        wrap: Callable[[Fault], Fault] | None = None,
        also: Callable[[Plan], Sequence[Scenario]] = lambda plan: (),
        in_order: bool = False,
        engine: str = "chromium",
    ) -> Ran:
        out = tmp_path_factory.mktemp("run")
        spec = load_target(find_target(target))
        plan = make_plan(spec, engine=engine_named(engine))
        chosen = [scenario for scenario in plan.scenarios if scenario.id in ids]
        assert {scenario.id for scenario in chosen} == set(ids), "the plan has no such scenario"
        chosen.sort(key=lambda scenario: ids.index(scenario.id))
        chosen += also(plan)

        async def go() -> Ran:
            # Whoever has a budget has an order, too.
            budget = Budget(3600.0 if in_order else None)
            options = Options(
                out=out,
                jobs=min(jobs or 2, len(chosen)) if jobs or len(chosen) > FEW else 1,
                real_time=real_time,
                budget=budget,
                browser_engine=engine,
                closing_controls=False,
            )
            async with open_engine(spec, plan, options, Silence()) as opened:
                if wrap is not None:
                    opened.replace_faults(wrap)
                opened.begin(chosen)
                judgements = await opened.finish()
                return Ran(records=tuple(opened.outcome.records), judgements=judgements, out=out)

        return asyncio.run(go())

    return run
