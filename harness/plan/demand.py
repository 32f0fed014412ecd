"""What the oracles need of a plan: a scenario that none of them looks at would be run for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.errors import UsageError, closest
from harness.journal.model import Scenario
from harness.judge.oracle import ORACLES


def looked_at(scenarios: Iterable[Scenario]) -> tuple[list[Scenario], list[str]]:
    """Part scenarios into those that some oracle speaks on, and a line for each of the others."""
    oracles = ORACLES.all().values()
    kept: list[Scenario] = []
    left_out: list[str] = []
    for scenario in scenarios:
        if any(oracle.applies(scenario) for oracle in oracles):
            kept.append(scenario)
        else:
            left_out.append(f"{scenario.id}: no oracle has anything to say on it")
    return kept, left_out


def needed_by(slugs: Sequence[str], scenarios: Iterable[Scenario]) -> list[Scenario]:
    """Keep what any of these oracles speaks on; raises UsageError with the closest match for one that there is not."""
    known = ORACLES.all()
    for slug in slugs:
        if slug not in known:
            raise UsageError(f"there is no oracle {slug!r}{closest(slug, known)}")
    return [scenario for scenario in scenarios if any(known[slug].applies(scenario) for slug in slugs)]
