"""nothing-for-nothing: who brings no ticket gets nothing, in an outage of the captcha as at any other time."""

from __future__ import annotations

from collections import Counter

from harness.journal.model import NOTHING_BROUGHT, VERDICT_DOWN, Finding, Record, Scenario, Severity
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.reading import times


class NothingForNothing:
    """Security: no verdict on a ticket is an outage, no ticket is none."""

    slug = "nothing-for-nothing"
    demands = (
        "A missing, an empty and a garbage ticket have no effect while the verdict API gives no verdict, either; "
        "the offer of a step-up and a 429 are right."
    )
    why = "Who skips the check because the captcha is down skips it for those who never met a captcha."
    source = "docs/oracles.md (research O4; bug class B6, missing ticket)"
    severity = Severity.BLOCKER
    mend = (
        "Front end: mint the fallback ticket wherever the captcha cannot be had, so that no honest user comes without one. "
        "Back end: look at the ticket before anything else: where it is missing, empty or neither a fallback ticket nor of the "
        "provider's form, refuse, whatever is known of the provider's health."
    )
    needs = "forgery in an outage of the verdict API"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks where the verdict API is down: else nothing-for-free does."""
        return scenario.kind == "forgery" and scenario.fault is not None and "verdict" in (scenario.link, *scenario.beside)

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Count what came of tries that brought nothing."""
        tries = [one for one in record.evidence.attempts if one.health in VERDICT_DOWN and one.label in NOTHING_BROUGHT]
        if not tries:
            raise EvidenceMissing("nobody came without a ticket in the outage")
        effects: Counter[str] = Counter()
        for attempt in tries:
            effects[attempt.label] += attempt.effects
        return tuple(
            finding(self, expected=f"no effect from {label!r} in an outage", seen=f"took effect {times(count)}")
            for label, count in effects.items()
            if count > 0
        )


ORACLES.add("nothing-for-nothing", NothingForNothing())
