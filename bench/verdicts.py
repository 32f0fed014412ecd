"""Run the same scenarios several times and say where the verdicts differ."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping, Sequence

from bench.busy import busy_cores
from bench.runs import run_once
from harness.journal.model import Scenario, Verdict
from harness.plan.build import Plan
from harness.target.spec import Target


def differences(runs: Sequence[Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Scenario → its verdict in each run, for those that are not the same in all; ``missing`` where a run has none."""
    ids = dict.fromkeys(scenario_id for run in runs for scenario_id in run)
    seen = {scenario_id: tuple(run.get(scenario_id, "missing") for run in runs) for scenario_id in ids}
    return {scenario_id: verdicts for scenario_id, verdicts in seen.items() if len(set(verdicts)) > 1}


def alarms(runs: Sequence[Mapping[str, str]]) -> list[str]:
    """Scenarios that failed in any run, each once: on a target that is right every one is a false alarm."""
    return list(dict.fromkeys(name for run in runs for name, verdict in run.items() if verdict == Verdict.FAIL))


def unknowns(runs: Sequence[Mapping[str, str]]) -> list[str]:
    """Scenarios that were unknown in any run, each once."""
    return list(dict.fromkeys(name for run in runs for name, verdict in run.items() if verdict == Verdict.UNKNOWN))


async def compare(
    target: Target, plan: Plan, scenarios: Sequence[Scenario], *, runs: int, busy: int = 0, may_fail: bool = True,
    jobs: int | None, toxiproxy: str | None, browser: str | None,
) -> bool:
    """Run ``runs`` times, the last ``busy`` of them on a loaded machine, and print every difference.

    Returns whether all verdicts were the same and none unknown; without ``may_fail`` none may be a fail, either.
    """
    seen: list[dict[str, str]] = []
    because: dict[str, str] = {}
    for number in range(1, runs + 1):
        loaded = number > runs - busy
        with busy_cores() if loaded else contextlib.nullcontext():
            run = await run_once(target, plan, scenarios, jobs=jobs, toxiproxy=toxiproxy, browser=browser)
        seen.append({name: judgement.verdict.value for name, judgement in run.judgements.items()})
        because |= {name: judgement.unknown_because for name, judgement in run.judgements.items() if judgement.unknown_because}
        counts = ", ".join(f"{sum(v == verdict for v in seen[-1].values())} {verdict.value}" for verdict in Verdict)
        beside = ", every core busy besides" if loaded else ""
        sys.stdout.write(f"run {number}/{runs}: {counts}, {run.repeats} repeats, {run.wall_s:.1f} s{beside}\n")
        sys.stdout.flush()
    different, unknown, failed = differences(seen), unknowns(seen), [] if may_fail else alarms(seen)
    for name, verdicts in different.items():
        sys.stdout.write(f"differs  {name}: {' '.join(verdicts)}\n")
    for name in unknown:
        sys.stdout.write(f"unknown  {name}: {because.get(name, '')}\n")
    for name in failed:
        sys.stdout.write(f"false alarm  {name}\n")
    said = f"{len(seen[0])} verdicts in {runs} runs: {len(different)} differ, {len(unknown)} unknown"
    sys.stdout.write(f"{said}\n" if may_fail else f"{said}, {len(failed)} false alarms\n")
    return not different and not unknown and not failed
