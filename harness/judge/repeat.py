"""When a verdict must not stand before the scenario has been run again, alone and in real time (DESIGN.md, "Time")."""

from __future__ import annotations

from harness.journal.model import Judgement, Record, Verdict
from harness.judge.reading import HONEST, is_fault, visits
from harness.judge.timing import judged, page

# Measured: with four browsers on two cores a time read twice what it was (PITFALLS.md).
NEAR_FACTOR = 3.0
# Why a scenario is repeated, as its record keeps it.
ADVANCED, NEAR, GIVEN_UP, FAR = "clock was advanced", "time near budget", "given up near budget", "page far over budget"


def near_budget(record: Record) -> bool:
    """Say whether a judged time is over its budget by so little (less than thrice) that a busy machine may be the reason."""
    return any(timed.near(NEAR_FACTOR) and not timed.given_up for timed in judged(record))


def given_up_near_budget(record: Record) -> bool:
    """Say whether a visit was given up so soon after its budget that a busy machine may be the reason."""
    return any(timed.near(NEAR_FACTOR) and timed.given_up for timed in judged(record))


def page_far_over_budget(record: Record) -> bool:
    """Say whether the page's own time is over its budget by more than that: short budgets, which load exceeds the most.

    Measured: with a load of fifteen on two cores one page of 370 took 20.9 s. The engine repeats only the first few of these.
    """
    honest = visits(record, HONEST)[:1] if is_fault(record.scenario) else ()
    times = (timed for visit in honest for timed in page(record, visit))
    return any(timed.overdue and not timed.near(NEAR_FACTOR) for timed in times)


def needs_repeat(record: Record, judgement: Judgement) -> str:
    """Return why the scenario must run again before its verdict counts, or an empty string.

    A verdict other than pass under an advanced clock always is; a fail with a time near its budget is once (first attempts).
    """
    if judgement.verdict is Verdict.PASS:
        return ""
    if record.evidence.clock == "advanced":
        return ADVANCED
    if record.attempt == 1 and judgement.verdict is Verdict.FAIL:
        if near_budget(record):
            return NEAR
        if given_up_near_budget(record):
            return GIVEN_UP
        if page_far_over_budget(record):
            return FAR
    return ""
