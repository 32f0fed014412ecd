"""Run scenarios one after the other, each chosen when the last has been judged: replays, searches and shrinks stand on it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from harness.engine.engine import Engine, open_engine
from harness.engine.options import Options
from harness.journal.model import Finding, Judgement, Record, Scenario, Verdict
from harness.plan.build import Plan
from harness.target.spec import Target

# What parts an id from the number of its run: no id of a plan has it.
AGAIN = "~"
Kind = tuple[str, str]


class Trials:
    """Runs of one target in one lab; use :func:`open_trials`. ``count`` is how many have been run."""

    def __init__(self, engine: Engine) -> None:
        self.count = 0
        self._engine = engine
        self._runs: dict[str, int] = {}

    async def run(self, scenario: Scenario) -> tuple[Record, Judgement]:
        """Run a scenario, again where it has been run; raises what breaks the laboratory."""
        times = self._runs[scenario.id] = self._runs.get(scenario.id, 0) + 1
        named = scenario if times == 1 else replace(scenario, id=f"{scenario.id}{AGAIN}{times}")
        self._engine.add(named)
        result = await self._engine.results[named.id]
        self.count += 1
        return result


class _Quiet:
    """Listens to an engine and hands on what it says beside its scenarios."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def scenario_started(self, scenario_id: str) -> None:
        """Nothing: whoever asked for it says so."""

    def scenario_done(self, scenario_id: str, verdict: Verdict, real_ms: float) -> None:
        """Nothing."""

    def message(self, text: str) -> None:
        """Hand it on."""
        self._tell(text)


@contextlib.asynccontextmanager
async def open_trials(
    target: Target, plan: Plan, options: Options, tell: Callable[[str], None] = lambda _line: None
) -> AsyncIterator[Trials]:
    """Open one lab, let trials be run in it, and end its run as any other: controls at both ends, verdicts in the journal."""
    async with open_engine(target, plan, replace(options, jobs=1), _Quiet(tell)) as engine:
        engine.begin([], more_to_come=True)
        yield Trials(engine)
        engine.no_more()
        await engine.finish()


def kind_of(finding: Finding) -> Kind:
    """What makes two findings the same: who found it and what was expected, figures left out."""
    return finding.oracle, re.sub(r"\d+", "#", finding.expected)


def kinds_of(judgement: Judgement) -> frozenset[Kind]:
    """The kinds of all that was found."""
    return frozenset(kind_of(finding) for finding in judgement.findings)
