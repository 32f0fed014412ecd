"""ux: who went on degraded is not left before a spinner, without a word, or without a keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.journal.model import EXPLAINED_CHARS, Finding, Look, PageError, Record, Scenario, Severity, Visit
from harness.judge.languages import speaks
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.reading import PAGE_LINK, RECOVERY_VISITS, demand_looks, honest, is_fault, listed, quote, went_on

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
        """Judge what was seen of the honest user's page, against what healthy visits show there as well.

        Where the flow did not come as far as it should, the spinner that stays is business-completes' to tell.
        """
        visit = honest(record)
        demand_looks(record, visit)
        healthy = [other for other in record.evidence.visits if other.name in RECOVERY_VISITS]
        shown = [*self._shown(record, visit, healthy), *self._said(record, visit)] if went_on(record, visit) else []
        return (*shown, *self._errors(visit, healthy))

    def _shown(self, record: Record, visit: Visit, healthy: list[Visit]) -> Iterator[Finding]:
        for look in visit.looks:
            when = _WHEN[look.when]
            if busy := _busy_in_this_alone(record, look, healthy):
                seen = f"{when} still shown after a second: {listed([quote(one) for one in busy])}"
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
        if not place or visit.outcome == "verified":
            return
        if visit.explained is None and record.scenario.expect.looks:
            raise EvidenceMissing(f"nobody read what {place} says")
        if visit.explained is None:
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


def _busy_in_this_alone(record: Record, look: Look, healthy: list[Visit]) -> list[str]:
    """What a look found busy and healthy visits do not show at their end: what always says so is not this flow's spinner.

    Where the fault leaves no healthy visit behind, nothing can be told.
    """
    if not look.busy or not record.scenario.expect.looks:
        # Journals from before healthy visits were looked at.
        return list(look.busy)
    verified = [visit for visit in healthy if visit.outcome == "verified"]
    ends = [other for visit in verified for other in visit.looks if other.when == "ended"]
    if verified and not ends:
        raise EvidenceMissing(f"no healthy visit was looked at, to compare with what is busy: {listed(look.busy)}")
    usual = {_numberless(one) for end in ends for one in end.busy}
    return [one for one in look.busy if ends and _numberless(one) not in usual]


def _numberless(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def _kind(error: PageError) -> tuple[str, str]:
    return error.script, _numberless(error.text)


ORACLES.add("ux", UserExperience())
