"""bounded-wait: the server's answer to what it is asked to do is bounded in total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.journal.model import Finding, Post, Record, Scenario, Severity, Submit
from harness.judge.oracle import ORACLES, finding
from harness.judge.reading import HONEST, SUBMIT_LINK, honest, is_fault, spares_own_edge
from harness.judge.timing import server

# Chromium sends again at once, POST included, and nothing but the origin sees it (PITFALLS.md, "Chromium and Playwright").
RESENT_WITHIN_MS = 2000
_A = {"submit": "a submit", "other request": "any other request"}
# What makes two arrivals the same (a ticket, a path), and one arrival.
_Asked = tuple[str, Submit | Post]


class BoundedWait:
    """A worker that waits for the captcha is a worker that serves nobody."""

    slug = "bounded-wait"
    demands = (
        "The server answers every submit of the honest user, and whatever else the page has it do, within its budget, whatever "
        "the provider's API does."
    )
    why = "The official SDK waits 60 s per read, with no total: one dripping answer holds a worker for ever."
    source = "docs/oracles.md (research O7; bug class B7; measured on the official SDK)"
    severity = Severity.MAJOR
    mend = (
        "Front end: none can mend it; show that work is under way. "
        "Back end: one total deadline around the verdict call (not the "
        "client's per-read timeout), retries included, well below the proxy's and the user's patience; then degrade."
    )
    needs = "fault; schedule that spares the target's own edge"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on every fault, and on schedules of others' alone."""
        return is_fault(scenario) or spares_own_edge(scenario)

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge each submit's answer; one that a fault on its own link kept back cannot be blamed on the server."""
        honest(record)
        late = tuple(finding(self, expected=timed.expected, seen=timed.seen) for timed in server(record) if timed.overdue)
        if record.scenario.link == SUBMIT_LINK:
            return late
        submits = [(one.ticket, one) for one in record.evidence.submits if one.visit == HONEST]
        posts = [(one.path, one) for one in record.evidence.posts if one.visit == HONEST]
        return (*late, *self._unanswered(record, "submit", submits), *self._unanswered(record, "other request", posts))

    def _unanswered(self, record: Record, what: str, asked: Sequence[_Asked]) -> Iterator[Finding]:
        never = sum(1 for one in asked if one[1].real_ms is None and not _sent_again_by_the_browser(one, asked))
        if never:
            expected = f"the server answers {_A[what]} within {record.scenario.expect.server_budget_ms} ms"
            yield finding(
                self, expected=expected, seen=f"{never} of the visit's {what}s never answered", severity=Severity.BLOCKER
            )


def _sent_again_by_the_browser(lost: _Asked, asked: Sequence[_Asked]) -> bool:
    """Whether the same arrived again at once: a browser does that by itself when a kept-alive socket was dead."""
    same, since_ms = lost[0], lost[1].moment.at_ms
    return any(
        other[0] == same and other[1].real_ms is not None and 0 < other[1].moment.at_ms - since_ms <= RESENT_WITHIN_MS
        for other in asked
    )


ORACLES.add("bounded-wait", BoundedWait())
