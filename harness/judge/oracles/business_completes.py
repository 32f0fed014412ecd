"""business-completes: the honest user gets done what they came for, in time and exactly once."""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import Policy
from harness.journal.model import Finding, Record, Scenario, Severity, Visit
from harness.judge.oracle import ORACLES, finding
from harness.judge.prefixes import both_tried, unlike
from harness.judge.reading import (
    COMPLETED,
    HONEST,
    effects_allowed,
    honest,
    is_fault,
    is_schedule,
    spares_own_edge,
    submits_of,
    times,
)
from harness.judge.third_parties import mend_of
from harness.judge.timing import business

# What may be seen where something else was expected: only what is at least as strict, so that nobody is let in more easily.
# A verified visit counts as such only with the provider's 1 behind it, and that is nothing-for-free's to say.
_AS_STRICT = {
    "verified": frozenset({"verified"}),
    "stepped-up": frozenset({"stepped-up", "verified"}),
    "unverified": frozenset({"unverified", "stepped-up", "verified"}),
    "refused": frozenset({"refused", "stepped-up", "verified"}),
    "nothing": frozenset({"nothing", "refused", "stepped-up", "verified"}),
}
_BY_POLICY = {Policy.ACCEPT: "unverified", Policy.STEP_UP: "stepped-up", Policy.BLOCK: "nothing"}
_SAID = {
    "verified": "completed, verified by the provider",
    "unverified": "completed, unverified",
    "stepped-up": "completed after a step-up",
    "refused": "refused",
    "nothing": "not completed",
}
_TWICE = (
    "Front end: disable the button while a submit is under way and send one idempotency key with each try of one order. "
    "Back end: a unique constraint on that key; a second arrival gets the first one's answer. Browsers re-send a POST by "
    "themselves when a kept-alive connection dies, so the page cannot prevent it alone."
)
_BOTH = (
    "Front end: nothing to do; which prefix a ticket has is the vendor's client's to say. Back end: know fallback tickets by "
    "^tr?error_, for the vendor's documents and clients write both."
)


class BusinessCompletes:
    """Availability: what the whole exercise is for."""

    slug = "business-completes"
    demands = (
        "The business completes, or offers the step-up its policy names, which then completes, "
        "within budget and exactly once at the origin; a fallback ticket is worth the same under either prefix."
    )
    why = "Almost every integration fails closed: the captcha's outage becomes the shop's, or one order becomes two."
    source = "docs/oracles.md (V1; research O1, O6; bug classes B1, B4, F10)"
    severity = Severity.BLOCKER
    mend = (
        "Front end: never leave the user behind a dead button; each failure path ends in a submit with the fallback ticket. "
        "Back end: read no verdict (timeout, Error, 26, unreadable) and 21 for a fallback ticket as 'degrade', and go "
        "on by the "
        "policy: within limits, or with a second factor."
    )
    needs = "fault; schedule that spares the target's own edge; forgery, for both prefixes"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on every fault, on schedules past which a user can go on, and where tickets of both prefixes are tried."""
        return is_fault(scenario) or both_tried(scenario) or spares_own_edge(scenario)

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Look at outcome, time and number of effects of the honest visit, or at what either prefix got."""
        if both_tried(record.scenario):
            return tuple(self._prefixes(record))
        visit = honest(record)
        return (*self._outcome(record, visit), *self._time(record, visit), *self._effects(record, visit))

    def _prefixes(self, record: Record) -> Iterator[Finding]:
        if seen := unlike(record):
            expected = "a fallback ticket is worth the same under either prefix, terror_ and trerror_"
            yield finding(self, expected=expected, seen=seen, mend=_BOTH)

    def _outcome(self, record: Record, visit: Visit) -> Iterator[Finding]:
        wanted = record.scenario.expect.outcome
        if visit.outcome in _allowed(record.scenario):
            return
        seen = _SAID[visit.outcome]
        if visit.outcome == "stepped-up" and wanted == "verified":
            seen += ", though the provider could have verified the user"
        elif visit.outcome == "unverified":
            seen += ", which is less than the policy demands"
        elif visit.step_up_offered and visit.outcome in ("refused", "nothing"):
            seen += "; a step-up was offered but did not lead through"
        if visit.error:
            seen += f"; the visit says: {visit.error[:300]}"
        severity = Severity.MAJOR if visit.outcome == "stepped-up" else Severity.BLOCKER
        yield finding(
            self,
            expected=f"the business {_SAID[wanted]}",
            seen=f"the business {seen}",
            severity=severity,
            mend=mend_of(record.scenario),
        )

    def _time(self, record: Record, visit: Visit) -> Iterator[Finding]:
        timed = business(record, visit)
        if visit.outcome in COMPLETED and timed.overdue:
            yield finding(
                self,
                expected=timed.expected,
                seen=timed.seen,
                severity=Severity.MAJOR,
                mend="Front end: a watchdog of its own, from click to visible challenge, far shorter than the vendor's "
                "20 to 45 s. "
                "Back end: one total deadline on the verdict call, retries included.",
            )

    def _effects(self, record: Record, visit: Visit) -> Iterator[Finding]:
        if is_schedule(record.scenario):
            # Told by exactly-once, on every schedule.
            return
        wanted = 1 if visit.outcome in COMPLETED else 0
        if wanted <= visit.effects <= wanted * effects_allowed(record.scenario):
            return
        arrived = f"{submits_of(record, HONEST)} submits arrived at the origin"
        if visit.effects > 1:
            what = f"doubled: the business took effect {times(visit.effects)}; {arrived}"
            yield finding(self, expected="exactly one effect at the origin", seen=what, mend=_TWICE)
        elif wanted:
            what = f"did not complete: the page said so, but the origin counts no effect; {arrived}"
            yield finding(self, expected="exactly one effect at the origin", seen=what)
        else:
            what = f"the business took effect {times(visit.effects)} though the user was told otherwise; {arrived}"
            yield finding(self, expected="no effect where the user was not let through", seen=what, mend=_TWICE)


def _allowed(scenario: Scenario) -> frozenset[str]:
    """What may be seen: where a schedule breaks browser and server, either policy may have been the user's."""
    expect = scenario.expect
    if not is_schedule(scenario):
        return _AS_STRICT[expect.outcome]
    policies = [expect.policy] if expect.policy_up is None else [expect.policy, expect.policy_up]
    return frozenset().union(*(_AS_STRICT[_BY_POLICY[policy]] for policy in policies))


ORACLES.add("business-completes", BusinessCompletes())
