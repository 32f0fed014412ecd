"""The zoo's table: animal × finding, and below it what did not come as it should have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.report.text import duration, one_line
from harness.zoo.outcome import Demand, Fate, Outcome

FOUND, MISSED, ALSO, BLANK = "●", "○", "+", "·"
LEGEND = f"{FOUND} expected and found   {MISSED} expected and missed   {ALSO} found besides   {BLANK} silent"


def table(outcomes: Sequence[Outcome]) -> list[str]:
    """The table's lines, a column for each oracle that spoke or should have; none of nothing."""
    if not outcomes:
        return []
    slugs = sorted({slug for one in outcomes for slug in (*one.heard, *(d.finding.oracle for d in one.demands))})
    width = max((len(one.animal.name) for one in outcomes), default=0)
    fates = max(len(fate.value) for fate in Fate)
    head = [f"{number:>2} {slug}" for number, slug in enumerate(slugs, start=1)]
    numbers = " ".join(f"{number:>2}" for number in range(1, len(slugs) + 1))
    lines = [*head, "", f"{'':<{width}}  {numbers}"]
    for one in outcomes:
        marks = " ".join(f" {_mark(one, slug)}" for slug in slugs)
        lines.append(f"{one.animal.name:<{width}}  {marks}  {one.fate.value:<{fates}}  {duration(one.seconds * 1000)}")
    return [*lines, LEGEND, *troubles(outcomes)]


def troubles(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Say of each animal that was not killed as expected what was missed, and what was accused without reason."""
    for one in outcomes:
        if one.broke:
            yield f"{one.animal.name}: unknown: {one_line(one.broke)}"
        if one.fate is Fate.EXPECTED:
            continue
        for demand in one.demands:
            for scenario_id in demand.missed:
                yield f"{one.animal.name}: {_missed(demand, scenario_id)}: {demand.finding.why}"
            for scenario_id in demand.unknown:
                yield f"{one.animal.name}: unknown {scenario_id}: {one_line(one.unknown[scenario_id])}"
        for slug in one.accused:
            yield f"{one.animal.name}: {slug} spoke in {', '.join(one.heard[slug])}, and must find nothing"


def _missed(demand: Demand, scenario_id: str) -> str:
    said = demand.instead.get(scenario_id)
    if said is None:
        return f"{demand.finding.oracle} found nothing in {scenario_id}"
    return f"{demand.finding.oracle} saw {one_line(said)!r} in {scenario_id}, and never /{demand.finding.seen}/"


def _mark(one: Outcome, slug: str) -> str:
    demanded = [demand for demand in one.demands if demand.finding.oracle == slug]
    if demanded:
        return FOUND if all(demand.found for demand in demanded) else MISSED
    return ALSO if slug in one.heard else BLANK
