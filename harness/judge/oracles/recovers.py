"""recovers: after the fault has ended, the next user is verified normally."""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import ONCE
from harness.journal.model import Finding, Record, Scenario, Severity, Visit
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.reading import COMPLETED, RECOVERY_VISITS, is_fault, posing, quote, times, visits
from harness.judge.storms import troubles
from harness.judge.timing import recovery

_WHO = {
    "same-tab": "the same tab after its next navigation",
    "new-tab": "a new tab of the same user",
    "new-visitor": "a new visitor",
}


class Recovers:
    """An outage that outlives itself is a bug of ours, not the vendor's."""

    slug = "recovers"
    demands = (
        "After the fault ends the next visit in the same tab, in a new tab and by a new visitor is verified normally, "
        "exactly once, without a fallback ticket and in a bounded time; a crowd that comes back at once gets no 5xx."
    )
    why = "Cached failures, tripped breakers and degraded modes that nobody resets keep the captcha off long after the outage."
    source = "docs/oracles.md (research O9)"
    severity = Severity.MAJOR
    mend = (
        "Front end: keep no 'captcha is down' flag beyond the page, and reload the entry script on the next "
        "navigation. Back end: let a "
        "breaker half-open by itself within seconds, and never reuse the client that failed."
    )
    needs = "fault or schedule with the three visits after it; storm"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on every fault that has visits after it, all but those that strike once, and on storms."""
        return (is_fault(scenario) and scenario.strikes != ONCE) or scenario.kind in ("storm", "schedule")

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge the three visits after the heal."""
        if not any(done.action == "heal" and done.receipts for done in record.evidence.applied):
            raise EvidenceMissing("the end of the fault was never read back")
        if record.scenario.kind == "storm":
            return tuple(finding(self, expected=expected, seen=seen) for expected, seen in troubles(record))
        return tuple(found for name in RECOVERY_VISITS for found in self._visits(record, name))

    def _visits(self, record: Record, name: str) -> Iterator[Finding]:
        found = visits(record, name)
        if not found:
            yield finding(self, expected=f"{_WHO[name]} is verified", seen=f"no such visit ({name}) took place")
        for visit in found[:1]:
            yield from self._visit(record, visit)

    def _visit(self, record: Record, visit: Visit) -> Iterator[Finding]:
        who = _WHO[visit.name]
        if visit.outcome != "verified":
            because = f": {visit.error[:300]}" if visit.error else ""
            yield finding(self, expected=f"{who} is verified", seen=f"{visit.name}: {visit.outcome}{because}")
        if visit.outcome in COMPLETED and visit.effects != 1:
            seen = f"{visit.name}: took effect {times(visit.effects)}" if visit.effects else f"{visit.name}: no effect"
            yield finding(self, expected=f"{who} has exactly one effect", seen=seen)
        tickets = [ticket for ticket in record.evidence.tickets if ticket.visit == visit.name and posing(ticket)]
        if tickets:
            seen = f"{visit.name}: {quote(tickets[0].text)} at {tickets[0].where}"
            yield finding(self, expected=f"{who} needs no fallback ticket", seen=seen)
        timed = recovery(record, visit)
        if visit.outcome in COMPLETED and timed.overdue:
            yield finding(self, expected=timed.expected, seen=timed.seen)


ORACLES.add("recovers", Recovers())
