"""A target that serves one scenario after the other (``target.isolation = "slot"``): proven healed before each, or afresh.

What a process holds on to (a breaker that is open, a retry that still runs) would be taken for the next scenario's. So before
each one ``target.reset`` is run and a control goes through, and where either fails a fresh process takes its place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

from harness.catalog import Side, Warmth
from harness.journal.model import Evidence, Proof, Record, Scenario, Verdict
from harness.judge.verdict import judge
from harness.lab.keeping import Keeping
from harness.lab.slot import Slot

# What these count, a process may have counted for others before: a limit that is used up looks like a door that is shut.
_COUNTING = ("forgery", "storm", "load")

_MAX_WHY = 500
# No second look is taken at such a process: what was left may come again.
_STRAY = "it still asks the captcha's API for what an earlier scenario left"

RunControl = Callable[[bool], Awaitable[Record]]


def needs_fresh(scenario: Scenario) -> str:
    """Say why a scenario must have a process that has served nobody; "" where it need not."""
    if scenario.kind in _COUNTING:
        return "what forgers and crowds get is counted from nothing"
    if any(side is Side.SERVER and warmth is Warmth.COLD for side, warmth in _strokes(scenario)):
        return "a server that is cold has never asked the captcha's API"
    return ""


def _strokes(scenario: Scenario) -> Iterator[tuple[Side, Warmth]]:
    if scenario.fault is not None:
        yield scenario.link_side, scenario.warmth
    yield from ((one.side, one.stroke.warmth) for one in scenario.schedule)


class Healing:
    """Sees to it that each scenario of a slot meets a target that works; ``tell`` is told of each that did not."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    async def prepare(self, slot: Slot, scenario: Scenario, control: RunControl, *, alone: bool) -> str:
        """Leave a process that is healed, or none so that a fresh one is started; returns why neither can be had, or "".

        ``control`` runs the control of the scenario's flow; it is handed whether it must have the machine alone. ``alone``: the
        scenario is the only one of its run.
        """
        keeping = slot.keeping
        if keeping is None:
            return ""
        keeping.proofs.clear()
        if keeping.hopeless:
            return ""
        if alone:
            await keeping.end("")
        elif because := needs_fresh(scenario):
            await keeping.end(because)
        elif keeping.now is not None and keeping.now.proven != scenario.flow:
            return await self._heal(slot, keeping, scenario, control)
        return ""

    async def _heal(self, slot: Slot, keeping: Keeping, scenario: Scenario, control: RunControl) -> str:
        after = (keeping.now.last if keeping.now is not None else "") or "its control"
        if not (why := _died(keeping) or await _not_healed_twice(keeping, control)):
            return ""
        if keeping.now is not None and keeping.now.stays_used:
            keeping.hopeless = f"nothing puts back what has served others: {why}"
            self._tell(f"slot {slot.number}: each scenario has a fresh process from here on, for {keeping.hopeless}")
            return ""
        self._tell(f"slot {slot.number}: the target had not healed after {after}, a fresh process takes its place: {why}")
        await keeping.end(f"the one before it had not healed after {after}: {why}", unhealed=True)
        if not (why := await _not_healed(keeping, control, alone=True)):
            return ""
        await keeping.end(f"the one before it was fresh, and had no healthy {scenario.flow}: {why}", unhealed=True)
        return f"not even a fresh process of the target completes a healthy {scenario.flow}: {why}"


def ran(record: Record, slot: Slot) -> Record:
    """Note what a lab ran on, and that its process has served it."""
    if slot.keeping is None:
        return record
    facts = slot.keeping.facts()
    if record.scenario.kind != "control":
        if facts is not None:
            facts = replace(facts, proofs=tuple(slot.keeping.proofs))
        slot.keeping.proofs.clear()
        if slot.keeping.now is not None:
            slot.keeping.now.last = record.scenario.id
    return replace(record, process=facts)


def is_healthy(control: Record) -> bool:
    """Whether a control went through."""
    return judge(control, controls=()).verdict is Verdict.PASS


def controlled(slot: Slot, control: Scenario, *, passed: bool) -> None:
    """Note what became of a control at one end of its slot: of a target that fails it, no process is kept any more."""
    keeping = slot.keeping
    if keeping is not None and keeping.now is not None and passed:
        keeping.now.proven = control.flow
    elif keeping is not None and not passed:
        keeping.hopeless = f"the control {control.id} was no pass"


def never_run(scenario: Scenario, slot: Slot, why: str, *, now_unix_s: float) -> Record:
    """The record of a scenario for which no working target could be had."""
    return Record(scenario=scenario, evidence=Evidence(lab_error=why), slot=slot.number, began_unix_s=round(now_unix_s, 3))


def _died(keeping: Keeping) -> str:
    return " ".join(keeping.now.process.epitaph.split())[:_MAX_WHY] if keeping.now is not None else ""


async def _not_healed_twice(keeping: Keeping, control: RunControl) -> str:
    """Let a user through, and once more with the machine alone where a busy one may have been what was wrong."""
    why = await _not_healed(keeping, control, alone=False)
    for_good = why.startswith(_STRAY) or _died(keeping) or (keeping.now is not None and keeping.now.stays_used)
    return await _not_healed(keeping, control, alone=True) if why and not for_good else why


async def _not_healed(keeping: Keeping, control: RunControl, *, alone: bool) -> str:
    """Let a user through in health, and note what came of it; returns what was wrong, "" where nothing was."""
    record = await control(alone)
    why = _wrong(record)
    facts = keeping.facts()
    number = facts.number if facts is not None else 0
    keeping.proofs.append(Proof(control=record.scenario.id, why=why, alone=alone, process=number))
    if not why and keeping.now is not None:
        keeping.now.proven = record.scenario.flow
    return why


def _wrong(record: Record) -> str:
    judgement = judge(record, controls=())
    if judgement.verdict is not Verdict.PASS:
        broken = record.evidence.lab_error or judgement.unknown_because
        found = (f"expected {one.expected}; seen {one.seen}" for one in judgement.findings)
        return " ".join((broken or next(found, "the control was no pass")).split())[:_MAX_WHY]
    if stray := _stray(record):
        return f"{_STRAY}: {stray}"
    return ""


def _stray(record: Record) -> str:
    """A verdict call for a ticket that no user of this control has sent, and that the provider did not pass."""
    sent = {submit.ticket for submit in record.evidence.submits}
    calls = (call for call in record.evidence.verdict_calls if call.ticket not in sent and call.answer.strip() != "1")
    return next((f"a ticket that was answered {call.answer}" for call in calls), "")
