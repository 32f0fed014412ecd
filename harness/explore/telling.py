"""What a search says in the end: each failure with the input that a person understands, and of what its examples were."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from harness.explore.cases import Case, Rerun
from harness.explore.finding import Discovery
from harness.explore.kinds import Outcome
from harness.explore.pairs import links_together
from harness.report.text import one_line
from harness.target.problems import display

_ALSO = 3


def told(found: Discovery) -> Iterator[str]:
    """One failure in a few lines."""
    failure = found.failure
    if found.repeatable:
        yield f"{failure.rule} at {found.flow} ({found.health}), by {failure.cause}:"
    else:
        yield f"unknown: {failure.rule} at {found.flow} ({found.health}) is not repeatable, seen {found.seen} of {found.of}:"
    yield f"  sent      {one_line(found.shown, 200)}"
    yield f"  expected  {one_line(failure.expected, 200)}"
    first, *last_output = failure.seen.splitlines() or [""]
    yield f"  seen      {one_line(first, 200)}"
    yield from (f"            {one_line(line, 160)}" for line in last_output[-6:])
    if found.also:
        some = sorted(found.also)
        more = f" and {len(some) - _ALSO} more" if len(some) > _ALSO else ""
        yield f"  also      {one_line('; '.join(some[:_ALSO]), 200)}{more}"
    if found.case is not None:
        yield f"  case      {one_line(display(found.case), 300)}"


def table(outcome: Outcome) -> Iterator[str]:
    """How many examples of which label there were, and what became of them."""
    if not outcome.labels:
        return
    became = list(dict.fromkeys(word for row in outcome.labels.values() for word in row))
    width = max(len(one_line(label, 40)) for label in outcome.labels)
    yield f"{'':<{width}}  {'examples':>8}  " + "  ".join(f"{word:>11}" for word in became)
    rows = sorted(outcome.labels.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    for label, row in rows:
        cells = "  ".join(f"{row.get(word, '') or '·':>11}" for word in became)
        yield f"{one_line(label, 40):<{width}}  {sum(row.values()):>8}  {cells}"


def beside(outcome: Outcome) -> Iterator[str]:
    """What stands beside the table: notes, the places that had no example, or no drawn one, and the flows not proven."""
    yield from dict.fromkeys(outcome.notes)
    if links := links_together(outcome.coverage.pairs):
        yield one_line(links, 500)
    for missed in (outcome.coverage.not_reached(), outcome.coverage.nothing_drawn()):
        if missed:
            yield one_line(missed, 2000)
    yield from (one_line(sentence, 300) for sentence in outcome.coverage.unproven())


def summary(outcome: Outcome) -> str:
    """The last line: examples, what one cost, and what was found."""
    repeatable = Counter(found.repeatable for found in outcome.discoveries)
    each = max(1, outcome.examples)
    cost = f"{1000 * outcome.making_s / each:.1f} ms to draw one, {1000 * outcome.asking_s / each:.1f} ms to ask"
    found = f"{repeatable[True]} failures" if repeatable[True] else "nothing found"
    unknown = f", {repeatable[False]} not repeatable" if repeatable[False] else ""
    return f"{outcome.examples} examples of {len(outcome.labels)} kinds ({cost}): {found}{unknown}"


def where(case: Case) -> str:
    """Which rule a case is about, and where; a case is a file, in which anybody may have written."""
    return f"{one_line(case.finding.rule, 80)} at {one_line(case.flow, 80)} ({one_line(case.health, 80)})"


def failed_again(case: Case, again: Rerun) -> Iterator[str]:
    """What a case still shows."""
    failure = again.failures[0] if again.failures else case.finding
    yield f"{where(case)}, by {one_line(failure.cause, 80)}: seen again in {again.seen} of {again.of} tries"
    yield f"  sent      {one_line(json.dumps(case.input), 300)}"
    yield f"  expected  {one_line(failure.expected, 200)}"
    yield from (f"  seen      {one_line(line, 200)}" for line in failure.seen.splitlines()[:6])
