"""Run scenarios in an engine as ``captchaos run`` does, and keep what the figures need."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.faultless import faultless, nothing
from bench.memory import Usage, watched
from harness.engine.engine import open_engine
from harness.engine.options import Options
from harness.journal.model import Judgement, Record, Scenario, Verdict
from harness.plan.build import Plan
from harness.target.spec import Target


class Silent:
    """A listener that says nothing."""

    def scenario_started(self, scenario_id: str) -> None:
        """Say nothing."""

    def scenario_done(self, scenario_id: str, verdict: Verdict, real_ms: float) -> None:
        """Say nothing."""

    def message(self, text: str) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run. ``wall_s``: from the first slot's opening to the last verdict; ``load`` is the machine's, when it began."""

    wall_s: float
    jobs: int
    scenarios: int
    load: float
    records: tuple[Record, ...]
    judgements: dict[str, Judgement]
    usage: Usage
    parts: str

    @property
    def faulty(self) -> tuple[Record, ...]:
        """The records that are no controls."""
        return tuple(record for record in self.records if record.scenario.kind != "control")

    @property
    def repeats(self) -> int:
        """How many records are second or later attempts."""
        return sum(record.attempt > 1 for record in self.records)


async def run_once(
    target: Target, plan: Plan, scenarios: Sequence[Scenario], *, jobs: int | None = None, faults: bool = True,
    toxiproxy: str | None = None, browser: str | None = None,
) -> Run:
    """Run the scenarios with their faults, or (``faults=False``) the same steps without."""
    with tempfile.TemporaryDirectory(prefix="captchaos-bench-") as folder:
        options = Options(out=Path(folder) / "run", jobs=jobs, toxiproxy=toxiproxy, browser=browser)
        async with open_engine(target, plan, options, Silent()) as engine:
            if not faults:
                engine.replace_faults(nothing)
                scenarios = [faultless(scenario) for scenario in scenarios]
            load = os.getloadavg()[0]
            with watched() as usage:
                began = time.monotonic()
                engine.begin(scenarios)
                judgements = await engine.finish()
                wall_s = time.monotonic() - began
            return Run(
                wall_s=wall_s, jobs=engine.jobs, scenarios=len(scenarios), load=load, records=tuple(engine.outcome.records),
                judgements=judgements, usage=usage, parts=engine.parts,
            )
