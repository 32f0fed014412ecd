"""Run animals beside each other on shared ground, a slot each, and say what became of each of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.engine.engine import open_engine
from harness.engine.ground import Ground
from harness.engine.options import Options
from harness.errors import ConfigurationError, LaboratoryError, UsageError
from harness.journal.model import Scenario, Verdict
from harness.journal.reader import read_journal
from harness.journal.writer import FILE_NAME
from harness.judge.verdict import judge_run
from harness.plan.build import Plan, make_plan
from harness.plan.schedules import scheduled
from harness.plan.select import select
from harness.report.build import build_report
from harness.target.loader import find_target, load_target
from harness.target.spec import Target
from harness.zoo.animals import Animal
from harness.zoo.materialise import materialise
from harness.zoo.outcome import Outcome, broken, outcome_of


class Listener(Protocol):
    """Who is told what happens, as it happens."""

    def scenario_started(self, scenario_id: str) -> None: ...
    def scenario_done(self, scenario_id: str, verdict: Verdict, real_ms: float) -> None: ...
    def message(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An animal that is ready to be run: its target, and the scenarios that must kill it."""

    animal: Animal
    target: Target
    plan: Plan
    scenarios: tuple[Scenario, ...]


def plan_animal(animal: Animal, into: Path, *, whole: bool) -> Planned:
    """Materialise an animal under ``into`` and choose its scenarios: those that its file names, or all of its flows."""
    target = load_target(find_target(str(materialise(animal, into))))
    plan = make_plan(target)
    try:
        chosen = {one.id: one for selection in animal.run for one in select(plan.scenarios, selection)}
        struck = tuple(scheduled(plan, target, one.flow, one.schedule) for one in animal.schedules)
    except UsageError as error:
        raise ConfigurationError(f"animal {animal.name}: run: {error}") from error
    _demand_something_to_find(animal, (*chosen.values(), *struck, *plan.controls))
    flows = {one.flow for one in (*chosen.values(), *struck)}
    planned = tuple(one for one in plan.scenarios if (one.flow in flows if whole else one.id in chosen))
    return Planned(animal=animal, target=target, plan=plan, scenarios=(*planned, *struck))


def _demand_something_to_find(animal: Animal, scenarios: Iterable[Scenario]) -> None:
    known = tuple(scenarios)
    for finding in animal.findings:
        if not any(finding.speaks_of(one) for one in known):
            raise ConfigurationError(f"animal {animal.name}: {finding} speaks of none of the scenarios that run chooses")


def _patience_ms(planned: Planned) -> float:
    """How long its users may wait at most: who waits longest begins first, for nobody else should wait for him at the end.

    Crowds come last: each has the machine alone, and whoever still waits for something else would wait for the crowd, too.
    """
    if any(one.kind == "load" for one in planned.scenarios):
        return -1.0
    return sum(one.expect.business_budget_ms for one in planned.scenarios)


async def run_animals(
    planned: Sequence[Planned],
    ground: Ground,
    *,
    out: Path,
    jobs: int,
    whole: bool,
    listen: Callable[[Planned], Listener],
    done: Callable[[Outcome], None],
) -> None:
    """Run every animal, at most ``jobs`` laboratories at once; ``done`` is told what became of each as soon as it is known."""
    turns = asyncio.Semaphore(1 if whole else jobs)
    # A slot pays for its own controls: one for each animal, unless there are fewer of them than laboratories.
    each = jobs if whole else max(1, jobs // len(planned))

    async def one(animal: Planned) -> None:
        async with turns:
            done(await _run_one(animal, ground, out=out, jobs=each, whole=whole, listener=listen(animal)))

    try:
        async with asyncio.TaskGroup() as group:
            for animal in sorted(planned, key=_patience_ms, reverse=True):
                group.create_task(one(animal))
    except BaseExceptionGroup as broke:
        # The first is why the others were cancelled.
        raise broke.exceptions[0] from broke


async def _run_one(
    planned: Planned, ground: Ground, *, out: Path, jobs: int, whole: bool, listener: Listener
) -> Outcome:
    animal, folder, began = planned.animal, out / planned.animal.name, time.monotonic()
    options = Options(
        out=folder,
        jobs=jobs,
        target_words=f"DIR/{animal.name}",
        controls_fail=animal.controls_fail,
        late=animal.late,
        # An animal is there to be found out: on the few scenarios that must do it, nothing is asked that a pass would answer.
        closing_controls=whole,
    )
    try:
        async with open_engine(planned.target, planned.plan, options, listener, ground) as engine:
            engine.begin(planned.scenarios)
            await engine.finish()
        journal = read_journal(folder / FILE_NAME)
        judgements = judge_run(journal.records)
        build_report(journal, judgements, folder, lang="en")
    except LaboratoryError as error:
        return broken(animal, str(error), seconds=time.monotonic() - began)
    scenarios = {record.scenario.id: record.scenario for record in journal.records}
    return outcome_of(
        animal, tuple(scenarios.values()), judgements, whole=whole, seconds=time.monotonic() - began
    )
