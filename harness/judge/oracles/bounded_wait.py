"""bounded-wait: the server's answer to a submit is bounded in total."""

from __future__ import annotations

from collections.abc import Sequence

from harness.journal.model import Finding, Record, Scenario, Severity, Submit
from harness.judge.oracle import ORACLES, finding
from harness.judge.reading import HONEST, SUBMIT_LINK, honest, is_fault
from harness.judge.timing import server

# Chromium sends again at once, POST included, and nothing but the origin sees it (PITFALLS.md, "Chromium and Playwright").
RESENT_WITHIN_MS = 2000


class BoundedWait:
    """A worker that waits for the captcha is a worker that serves nobody."""

    slug = "bounded-wait"
    demands = "The server answers every submit of the honest user within its budget, whatever the verdict API does."
    why = "The official SDK waits 60 s per read, with no total: one dripping answer holds a worker for ever."
    source = "docs/oracles.md (research O7; bug class B7; measured on the official SDK)"
    severity = Severity.MAJOR
    mend = (
        "Front end: none can mend it; show that work is under way. "
        "Back end: one total deadline around the verdict call (not the "
        "client's per-read timeout), retries included, well below the proxy's and the user's patience; then degrade."
    )
    needs = "fault"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on every fault."""
        return is_fault(scenario)

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge each submit's answer; one that a fault on its own link kept back cannot be blamed on the server."""
        honest(record)
        late = tuple(finding(self, expected=timed.expected, seen=timed.seen) for timed in server(record) if timed.overdue)
        if record.scenario.link == SUBMIT_LINK:
            return late
        mine = [submit for submit in record.evidence.submits if submit.visit == HONEST]
        unanswered = sum(1 for submit in mine if submit.real_ms is None and not _sent_again_by_the_browser(submit, mine))
        if not unanswered:
            return late
        expected = f"the server answers a submit within {record.scenario.expect.server_budget_ms} ms"
        seen = f"{unanswered} of the visit's submits never answered"
        return (*late, finding(self, expected=expected, seen=seen, severity=Severity.BLOCKER))


def _sent_again_by_the_browser(lost: Submit, submits: Sequence[Submit]) -> bool:
    """Whether the same submit arrived again at once: a browser does that by itself when a kept-alive socket was dead."""
    since_ms = lost.moment.at_ms
    return any(
        other.ticket == lost.ticket and other.real_ms is not None and 0 < other.moment.at_ms - since_ms <= RESENT_WITHIN_MS
        for other in submits
    )


ORACLES.add("bounded-wait", BoundedWait())
