"""What a test is given: one scenario's outcome, as recorded and judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.errors import UsageError, closest
from harness.journal.model import HONEST_TRY, Attempt, Evidence, Finding, Judgement, Record, Scenario, SeenTicket, Visit
from harness.judge.oracle import ORACLES
from harness.report.text import one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One scenario that passed, failed or is waived (one that is unknown is never handed out).

    ``asked`` collects the oracles that a test asked about, so that a failing item shows the findings that made it fail.
    """

    record: Record
    judgement: Judgement
    asked: list[str] = field(default_factory=list, compare=False, repr=False)

    @property
    def scenario(self) -> Scenario:
        """What was run."""
        return self.record.scenario

    @property
    def evidence(self) -> Evidence:
        """What was recorded."""
        return self.record.evidence

    @property
    def honest(self) -> Visit:
        """The visit of the user who met the fault."""
        return next(visit for visit in self.evidence.visits if visit.name == "honest")

    @property
    def next_visits(self) -> tuple[Visit, ...]:
        """The visits after the fault had ended."""
        return tuple(visit for visit in self.evidence.visits if visit.name != "honest")

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The tries over HTTP, but for the one with a good ticket, which is their control."""
        return tuple(attempt for attempt in self.evidence.attempts if attempt.label != HONEST_TRY)

    def tickets(self, *where: str) -> tuple[SeenTicket, ...]:
        """Tickets that were seen in the honest visit at these places (``submit``, ``answer``, ``effect``, ``callback``)."""
        return tuple(ticket for ticket in self.evidence.tickets if ticket.visit == "honest" and ticket.where in where)

    def findings_of(self, slug: str) -> tuple[Finding, ...]:
        """The findings of one oracle, waived ones too (a claim that fails by these alone is an expected failure).

        Raises :class:`UsageError` with the closest match for an oracle that does not exist.
        """
        known = ORACLES.all()
        if slug not in known:
            raise UsageError(f"no oracle is called {slug!r}{closest(slug, known)}")
        self.asked.append(slug)
        found = (*self.judgement.findings, *(waived.finding for waived in self.judgement.waived))
        return tuple(finding for finding in found if finding.oracle == slug)

    @property
    def excuse(self) -> str:
        """Why the claim that asked may fail: each waiver's reason and day. Empty when a finding it asked about stands."""
        if any(finding.oracle in self.asked for finding in self.judgement.findings):
            return ""
        waivers = dict.fromkeys(one.waiver for one in self.judgement.waived if one.finding.oracle in self.asked)
        return "; ".join(f"{one.finding} is waived until {one.until}: {one_line(one.reason)}" for one in waivers)

    def findings_beside(self, *slugs: str) -> tuple[Finding, ...]:
        """The findings of every other oracle."""
        others = [slug for slug in ORACLES.all() if slug not in slugs]
        return tuple(finding for slug in others for finding in self.findings_of(slug))
