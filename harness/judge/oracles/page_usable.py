"""page-usable: a hanging captcha does not hang the page."""

from __future__ import annotations

from harness.journal.model import Finding, Record, Scenario, Severity
from harness.judge.oracle import ORACLES, finding
from harness.judge.reading import PAGE_LINK, honest, is_fault
from harness.judge.third_parties import mend_of
from harness.judge.timing import LOADED_BUDGET_MS, page


class PageUsable:
    """The page is the target's, and owes nothing to the captcha until somebody clicks."""

    slug = "page-usable"
    demands = "The page can be used within 4 s and answers an interaction within 1 s, whatever link of the captcha hangs."
    why = "A blocking script tag in the head leaves a white page for as long as the vendor's host is silent."
    source = "docs/oracles.md (research O2; bug class F7)"
    severity = Severity.MAJOR
    mend = (
        "Front end: load the entry script with async (or by createElement) after the form stands, with a deadline; no "
        "inline script "
        "may wait for the captcha's own script. Back end: do not render the page from an answer of the captcha's API."
    )
    needs = "fault, on any link but the target's own page"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on every fault but one on the page's own link: there the page is what is broken."""
        return is_fault(scenario) and scenario.link != PAGE_LINK

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge what was measured; a page that nobody could click was never usable."""
        visit = honest(record)
        mend = mend_of(record.scenario)
        if visit.loaded_ms is None and visit.clicked is None:
            return (
                finding(
                    self,
                    expected=f"the page can be used within {LOADED_BUDGET_MS} ms",
                    seen="it never could: the visit ended without a click",
                    severity=Severity.BLOCKER,
                    mend=mend,
                ),
            )
        late = (timed for timed in page(record, visit) if timed.overdue)
        return tuple(finding(self, expected=timed.expected, seen=timed.seen, mend=mend) for timed in late)


ORACLES.add("page-usable", PageUsable())
