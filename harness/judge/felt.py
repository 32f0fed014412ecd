"""Was what the scenario is about really felt? A receipt alone proves nothing: it must have been seen to bite.

Source: DESIGN.md "verdict"; PITFALLS.md, toxiproxy-python ("a fault that never happened reads as a pass").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from harness.catalog import FLAP_TIMES, FLAPS, Habit
from harness.journal.model import (
    HABIT_FAILED,
    HONEST_TRY,
    NOTHING_LATE,
    NOTHING_TO_PRESS,
    PRESSED_AGAIN,
    SENT_NOTHING,
    SOLVED_LATE,
    Attempt,
    Record,
)
from harness.judge.reading import HONEST, listed

PLACES_NEEDED = 2
# Two submits that the lab let in at the same moment, on a busy machine.
TOGETHER_MS = 1000
_SIGNS = {
    Habit.PRESSES_AGAIN: (PRESSED_AGAIN, NOTHING_TO_PRESS),
    Habit.SECOND_TAB: (SENT_NOTHING,),
    Habit.SOLVES_LATE: (SOLVED_LATE, NOTHING_LATE),
}
_CODE_LABEL = re.compile(r"code-(-?[0-9]{1,6})(?:-says-.*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """Whether the scenario's fault (or verdict, or forged tries) happened; ``reason`` is set exactly when it did not."""

    felt: bool
    reason: str = ""


def felt(record: Record) -> Felt:
    """Say whether the scenario had its subject: fault seen to bite, verdicts really given, forged tries really answered.

    Any kind that carries a fault (forged tries in an outage) must have felt it; tries over HTTP also need one with a good
    ticket that went through, for a submit that nobody gets through looks like a door that is shut to forgers, and like one
    that an outage has closed.
    """
    kind = record.scenario.kind
    if kind == "schedule":
        return _any_of_a_schedule(record)
    faulty = kind == "fault" or record.scenario.fault is not None
    reasons = [_fault(record, link) for link in ("", *record.scenario.beside)] if faulty else []
    checks = {"verdict": (_honest_try, _verdicts), "forgery": (_honest_try, _tries), "storm": (_honest_try,)}.get(kind)
    if checks:
        reasons += [check(record) for check in checks] if record.evidence.attempts else ["no try was recorded"]
    said = "; ".join(reason for reason in reasons if reason)
    return Felt(felt=not said, reason=said)


def habit_missed(record: Record) -> str:
    """Say that the user did not do what the scenario is about besides; empty where they did, or had nothing of the kind to do.

    That is no word on what was found: it takes nothing but a pass away.
    """
    habit = record.scenario.behaviour.habit
    signs = _SIGNS.get(habit)
    if signs is None or any(event.what in signs for event in record.evidence.events):
        return ""
    whys = [event.detail for event in record.evidence.events if event.what == HABIT_FAILED]
    if habit is Habit.SECOND_TAB:
        because = f": {whys[0]}" if whys else ""
        missed = because or not _together(record)
        return f"the submits of the user's two tabs did not arrive together{because}" if missed else ""
    return f"what this user does besides ({habit}) did not take place: {whys[0] if whys else 'nothing of it was recorded'}"


def unfelt(record: Record) -> dict[int, str]:
    """Say of each fault of a schedule that was not felt why it was not, by its place from 0."""
    whys = {number: _stroke(record, number) for number in range(len(record.scenario.schedule))}
    return {number: why for number, why in whys.items() if why}


def partly_felt(record: Record) -> str:
    """Say which faults of a schedule were not felt; empty where all were. That takes nothing but a pass away, too."""
    said = [f"{record.scenario.schedule[number].stroke}: {why}" for number, why in unfelt(record).items()]
    return f"not all of the schedule was felt: {'; '.join(said)}" if said else ""


def _any_of_a_schedule(record: Record) -> Felt:
    whys = unfelt(record)
    some = len(whys) < len(record.scenario.schedule)
    return Felt(felt=some, reason="" if some else f"nothing of the schedule was felt: {'; '.join(whys.values())}")


def _stroke(record: Record, number: int) -> str:
    fault = record.scenario.schedule[number].fault
    applied = [done for done in record.evidence.applied if done.action == "apply" and done.stroke == number]
    if not applied:
        return f"the fault {fault.name} was never applied, its moment did not come"
    if not any(receipt.strip() for done in applied for receipt in done.receipts):
        return f"the fault {fault.name} was applied without anything being read back"
    seen = {one.place for one in record.evidence.sightings if one.stroke == number and one.what.strip()}
    counted = [place for place in dict.fromkeys(fault.felt_at) if place in seen]
    if len(counted) >= PLACES_NEEDED:
        return ""
    return f"the fault {fault.name} was not felt: seen at {listed(counted)}, and {PLACES_NEEDED} places are needed"


def _together(record: Record) -> bool:
    came = sorted(submit.moment.at_ms for submit in record.evidence.submits if submit.visit == HONEST)
    return any(later - earlier <= TOGETHER_MS for earlier, later in pairwise(came))


def verdict_code(label: str) -> str | None:
    """The provider's code that an attempt labelled ``code-<n>`` or ``code-<n>-says-<text>`` is about; None for any other."""
    found = _CODE_LABEL.fullmatch(label)
    return found.group(1) if found else None


def _fault(record: Record, link: str) -> str:
    """Empty when the fault was felt on a link that is broken beside the scenario's own, or ("") on that one itself."""
    fault = record.scenario.fault
    if fault is None:
        return "the plan names no fault"
    applied = [done for done in record.evidence.applied if done.action == "apply"]
    if not applied:
        return f"the fault {fault.name} was never applied"
    if not any(receipt.strip() for done in applied for receipt in done.receipts):
        return f"the fault {fault.name} was applied without anything being read back"
    if record.scenario.strikes == FLAPS and len(applied) < FLAP_TIMES:
        return f"the fault {fault.name} did not come back after its first end"
    seen = {sighting.place for sighting in record.evidence.sightings if sighting.what.strip() and sighting.link == link}
    counted = [place for place in dict.fromkeys(fault.felt_at) if place in seen]
    if len(counted) >= PLACES_NEEDED:
        return ""
    missing = [place for place in dict.fromkeys(fault.felt_at) if place not in seen]
    elsewhere = sorted(place for place in seen if place not in fault.felt_at)
    where = f" on the link {link}" if link else ""
    said = f"the fault {fault.name} was not felt{where}: seen at {listed(counted)}, not seen at {listed(missing)}"
    if elsewhere:
        said += f" (seen at {listed(elsewhere)}, which does not count for this fault)"
    return f"{said}; {PLACES_NEEDED} independent places are needed"


def _honest_try(record: Record) -> str:
    """Empty when a try with a good ticket went through once, on the provider's word."""
    tries = [attempt for attempt in record.evidence.attempts if attempt.label == HONEST_TRY]
    if not tries:
        return "no try with a good ticket was recorded, so nothing shows that the submit of the target file works"
    troubles = [_trouble(record, attempt) for attempt in tries]
    if not all(troubles):
        return ""
    return (
        f"the submit of the target file (flows.{record.scenario.flow}.submit) does not work even with a good ticket: "
        f"{troubles[0]}, so what becomes of the other tries proves nothing"
    )


def _trouble(record: Record, honest: Attempt) -> str:
    said = "no answer" if honest.status is None else f"status {honest.status}"
    if not honest.completed:
        return f"its answer does not say completed ({said})"
    if honest.effects != 1:
        return f"it had {honest.effects} effects and not one ({said})"
    passed = any(c.ticket == honest.ticket and c.reached and c.answer.strip() == "1" for c in record.evidence.verdict_calls)
    return "" if passed else f"it completed, but the provider never gave it the verdict 1 ({said})"


def _verdicts(record: Record) -> str:
    given = {call.answer.strip() for call in record.evidence.verdict_calls if call.reached}
    wanted = dict.fromkeys(code for attempt in record.evidence.attempts if (code := verdict_code(attempt.label)))
    never = [code for code in wanted if code not in given]
    return f"the provider never gave the verdict {listed(never)}: it was not asked, or answered otherwise" if never else ""


def _tries(record: Record) -> str:
    tries = [attempt for attempt in record.evidence.attempts if attempt.label != HONEST_TRY]
    if not tries:
        return "no forged try was recorded"
    by_health: dict[str, bool] = {}
    for attempt in tries:
        by_health[attempt.health] = by_health.get(attempt.health, False) or attempt.status is not None
    unanswered = sorted(health for health, answered in by_health.items() if not answered)
    return f"the target answered none of the tries made in {listed(unanswered)}" if unanswered else ""
