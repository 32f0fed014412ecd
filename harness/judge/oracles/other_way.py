"""other-way-open: while the captcha fails, the user is told so and gets in another way."""

from __future__ import annotations

from collections.abc import Iterator

from harness.journal.model import EXPLAINED_CHARS, Finding, Record, Scenario, Severity
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.reading import honest, is_fault, quote


class OtherWayOpen:
    """A captcha without a fallback ticket leaves its users one thing: the door beside it."""

    slug = "other-way-open"
    demands = (
        "While a link of the captcha is broken the other way in that the target file names goes through for another honest "
        "user, and the page tells the one who met the fault what has happened."
    )
    why = "A way out that nobody tries is closed on the day it is needed, and one that nobody is told of is not found."
    source = "docs/oracles.md (research O1, O13; the contract of captchas without a fallback ticket)"
    severity = Severity.BLOCKER
    mend = (
        "Front end: say in the page, in the user's language, what does not work and what to do instead, and keep the link to "
        "the other way in where it is seen. Back end: let the other way in depend on nothing of the captcha that failed: no "
        "shared breaker, pool or 'maintenance' flag."
    )
    needs = "fault that stands until it is healed on a link of the provider, where the flow has otherwise"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on faults where the target file names another way in, an explanation, or both."""
        return is_fault(scenario) and bool(scenario.expect.other_way or scenario.expect.explains)

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge the other way's answer, and what the honest user could read."""
        return (*self._closed(record), *self._unexplained(record))

    def _closed(self, record: Record) -> Iterator[Finding]:
        wanted, taken = record.scenario.expect.other_way, record.evidence.other_way
        if not wanted:
            return
        if taken is None:
            raise EvidenceMissing(f"nobody took the other way in ({wanted}) while the fault stood")
        if not taken.through:
            said = "had no answer" if taken.status is None else f"was answered {taken.status}"
            yield finding(
                self,
                expected=f"{wanted} goes through while the captcha fails",
                seen=f"{taken.asked} {said}: {quote(taken.detail)}",
            )

    def _unexplained(self, record: Record) -> Iterator[Finding]:
        wanted, visit = record.scenario.expect.explains, honest(record)
        # Whom the provider could verify after all has met nothing that wants a word.
        if not wanted or visit.outcome == "verified":
            return
        if visit.explained is None:
            raise EvidenceMissing(f"what explains the failure could not be read ({wanted})")
        if len("".join(visit.explained.split())) < EXPLAINED_CHARS:
            yield finding(
                self,
                expected=f"{wanted} says what has happened, in {EXPLAINED_CHARS} characters at least",
                seen=f"it says {quote(visit.explained)}" if visit.explained else "nothing could be read there",
                severity=Severity.MAJOR,
            )


ORACLES.add("other-way-open", OtherWayOpen())
