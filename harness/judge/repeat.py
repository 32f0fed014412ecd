"""When a verdict must not stand before the scenario has been run again, in real time, and where load may be why, alone.

Source: DESIGN.md, "Time".
"""

from __future__ import annotations

from harness.journal.model import Judgement, Record, Verdict
from harness.judge.timing import CALM, judged

# Measured: with four browsers on two cores a time read twice what it was (PITFALLS.md).
NEAR_FACTOR = 3.0
# Why a scenario was repeated, as its record keeps it.
ADVANCED, NEAR, GIVEN_UP = "clock was advanced", "time near budget", "given up near budget"
# A page on which nothing waits because of its clock is not advanced, and yet began with its Date in the past.
INSTALLED = "page began with Date in the past"
# For either of them it runs again in real time.
BY_ANOTHER_CLOCK = frozenset({ADVANCED, INSTALLED})
# Measured: with a load of fifteen on two cores one page of 370 took 20.9 s. The engine repeats only the first few of these.
FAR = "page far over budget"
# A spinner gets a second to end, and on a busy machine that second is soon over: of these, too, only the first few.
RESTLESS = "page not at rest in time"
# No finding rests on what a process was left with by the scenarios before.
SHARED = "its process had served others"
_OF_THE_PAGE = ("loaded", "usable")


def near_budget(record: Record) -> bool:
    """Say whether a judged time is over its budget by so little (less than thrice) that a busy machine may be the reason."""
    return any(timed.near(NEAR_FACTOR) and not timed.given_up for timed in judged(record))


def late_by_little(record: Record, judgement: Judgement) -> bool:
    """Say whether a verdict may rest on such a time; of a crowd that was served too slowly in health it is unknown, no fail."""
    rests = judgement.verdict is Verdict.FAIL or (judgement.verdict is Verdict.UNKNOWN and record.scenario.kind == "load")
    return rests and near_budget(record)


def who_finds_late(record: Record, judgement: Judgement) -> frozenset[str]:
    """The oracles of those findings that are a time over its budget, with or without words of their own after it."""
    late = [timed for timed in judged(record) if timed.overdue]
    return frozenset(
        found.oracle
        for found in judgement.findings
        if any(found.expected == timed.expected and found.seen.startswith(timed.seen) for timed in late)
    )


def given_up_near_budget(record: Record) -> bool:
    """Say whether a visit was given up so soon after its budget that a busy machine may be the reason."""
    return any(timed.near(NEAR_FACTOR) and timed.given_up and timed.quantity != CALM for timed in judged(record))


def came_to_an_end(record: Record) -> bool:
    """Say whether each visit came to something, right or wrong; what was given up says little."""
    return not record.evidence.lab_error and all(visit.outcome != "nothing" for visit in record.evidence.visits)


def restless(record: Record) -> bool:
    """Say whether a page did not come to rest in the time that it was given."""
    return any(timed.overdue and timed.quantity == CALM for timed in judged(record))


def far_over_budget(record: Record) -> bool:
    """Say whether the page's own time is over its budget by more than that: short budgets, which load exceeds the most."""
    times = (timed for timed in judged(record) if timed.quantity in _OF_THE_PAGE)
    return any(timed.overdue and not timed.near(NEAR_FACTOR) for timed in times)


def rests_on_shared(record: Record, judgement: Judgement) -> bool:
    """Say whether a fail, or what broke a scenario, may come of a process that had served others before."""
    shared = record.process is not None and record.process.labs_before > 0
    return shared and (judgement.verdict is Verdict.FAIL or bool(record.evidence.lab_error))


def needs_repeat(record: Record, judgement: Judgement) -> str:
    """Return why the scenario must run again before its verdict counts, or an empty string.

    A verdict other than pass under a clock of the lab's always is; a fail with a time near its budget is once (first attempts).
    """
    if judgement.verdict is Verdict.PASS:
        return ""
    if record.evidence.clock != "real":
        return ADVANCED if record.evidence.clock == "advanced" else INSTALLED
    if record.attempt == 1 and late_by_little(record, judgement):
        return NEAR
    if record.attempt == 1 and judgement.verdict is Verdict.FAIL:
        if given_up_near_budget(record):
            return GIVEN_UP
        if far_over_budget(record):
            return FAR
        if restless(record):
            return RESTLESS
    return ""
