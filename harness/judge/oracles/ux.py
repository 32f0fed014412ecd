"""ux: who went on degraded is not left before a spinner, without a word, or without a keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.journal.model import EXPLAINED_CHARS, Finding, PageError, Record, Scenario, Severity, Visit
from harness.judge.languages import speaks
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.reading import COMPLETED, HONEST, PAGE_LINK, RECOVERY_VISITS, is_fault, listed, quote

_NO_PAGE = "none"
_WHEN = {"offered": "when the second factor was offered", "ended": "when the visit had ended"}


class UserExperience:
    """That the business went on helps nobody who cannot see that it did."""

    slug = "ux"
    demands = (
        "Once the flow has gone on without the captcha, nothing says any more that work is under way, the page says in its own "
        "language what has happened where the target file names the place, the keyboard stands on and comes to what can be "
        "seen, and the target's own scripts have thrown no error that they throw in no healthy visit."
    )
    why = "A spinner that never ends, or a page that has crashed behind it, sends away whom the fallback had let in."
    source = "docs/oracles.md (research O1, O2; V1, the user goes on)"
    severity = Severity.MAJOR
    mend = (
        "Front end: end the spinner in every way out of the captcha and not in its success alone, move the focus to what comes "
        "next, catch what the failed client leaves undefined, and take the sentence from the page's own dictionary. Back end: "
        "send the sentence in the language that the page was asked for in."
    )
    needs = "fault on any link but the target's own page, in a browser"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on faults that a page survives, where there is a page."""
        return is_fault(scenario) and scenario.link != PAGE_LINK and scenario.browser_profile != _NO_PAGE

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge what was seen of the honest user's page; what nobody could see is not demanded."""
        visits = {visit.name: visit for visit in record.evidence.visits}
        if HONEST not in visits:
            raise EvidenceMissing("no visit of the honest user was recorded")
        visit = visits[HONEST]
        shown = [*self._shown(visit), *self._said(record, visit)] if self._went_on(record, visit) else []
        healthy = [visits[name] for name in RECOVERY_VISITS if name in visits]
        return (*shown, *self._errors(visit, healthy))

    def _went_on(self, record: Record, visit: Visit) -> bool:
        """Whether the flow came as far as it should; else the spinner that stays is business-completes' to tell."""
        return visit.outcome in COMPLETED or record.scenario.expect.outcome == "nothing"

    def _shown(self, visit: Visit) -> Iterator[Finding]:
        for look in visit.looks:
            when = _WHEN[look.when]
            if look.busy:
                seen = f"{when} still shown after a second: {listed([quote(one) for one in look.busy])}"
                yield finding(self, expected="nothing says that work is under way once the flow has gone on", seen=seen)
            if look.focus_lost:
                seen = f"{when} it was on {quote(look.focus_lost)}"
                yield finding(self, expected="the focus is on nothing that cannot be seen", seen=seen)
            if look.unreachable:
                seen = f"{when} it did not come to {quote(look.unreachable)}"
                yield finding(self, expected="the keyboard comes to what the user needs next", seen=seen)

    def _said(self, record: Record, visit: Visit) -> Iterator[Finding]:
        expect, text = record.scenario.expect, visit.explained or ""
        place = expect.explains or expect.says
        if not place or visit.outcome == "verified" or visit.explained is None:
            return
        long_enough = len("".join(text.split())) >= EXPLAINED_CHARS
        # Where it is too short in the place that 'otherwise' names, other-way-open tells.
        if not long_enough and not expect.explains:
            yield finding(
                self,
                expected=f"{place} says what has happened, in {EXPLAINED_CHARS} characters at least",
                seen=f"it says {quote(text)}" if text else "nothing could be read there",
                severity=Severity.MINOR,
            )
        language = next((look.language for look in visit.looks if look.language), "")
        if long_enough and speaks(text, language) is False:
            expected = f"{place} speaks the page's language, {quote(language)}"
            yield finding(self, expected=expected, seen=f"it says {quote(text)}", severity=Severity.MINOR)

    def _errors(self, visit: Visit, healthy: list[Visit]) -> Iterator[Finding]:
        """An error that healthy visits show as well, or that no healthy one can be compared with, is not the outage's."""
        usual = {_kind(error) for other in healthy for error in other.page_errors}
        own = [error for error in visit.page_errors if error.script and _kind(error) not in usual]
        if own and healthy:
            more = f", and {len(own) - 1} more" if len(own) > 1 else ""
            yield finding(
                self,
                expected="no uncaught error of the target's own scripts that a healthy visit does not have",
                seen=f"{quote(own[0].text)} in {own[0].script}{more}",
                severity=Severity.MINOR,
            )


def _kind(error: PageError) -> tuple[str, str]:
    return error.script, re.sub(r"\d+", "#", error.text)


ORACLES.add("ux", UserExperience())
