"""no-reuse: a ticket that got its verdict is used, and who gets none asks again a few times at most."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.journal.model import Finding, Record, Scenario, Severity, Submit, VerdictCall
from harness.judge.oracle import ORACLES, finding
from harness.judge.reading import COMPLETED, SUBMIT_LINK, listed, quote, times
from harness.tickets import TicketKind, read

# How often one submit's ticket may be asked about while no verdict comes: the vendor's own retryer sends three times in all.
CALLS_PER_SUBMIT = 3

# 26 (system busy) and 31 (no package) come as codes, and are no word on the ticket.
_NO_VERDICT = (26, 31)
_CODE = re.compile(r"-?[0-9]{1,6}", re.ASCII)
_LOST = ", not delivered"
_BY_BROWSER = "the browser itself, whose connection had died: the page asked once"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Used:
    """What became of one ticket: its verdict calls and its submits, in order of time."""

    ticket: str
    calls: tuple[VerdictCall, ...]
    submits: tuple[Submit, ...]

    @property
    def after_its_verdict(self) -> tuple[VerdictCall, ...]:
        """The calls that came when the back end had been told a verdict."""
        first = next((at for at, call in enumerate(self.calls) if _verdict(call) is not None), len(self.calls))
        return self.calls[first + 1 :]


class NoReuse:
    """A ticket is good for one verdict: who asks twice asks about nothing, or burns it."""

    slug = "no-reuse"
    demands = (
        "The application asks about no ticket again that has got its verdict, loses no pass by asking twice, sends no used "
        "ticket from the page again, and asks at most 3 times about a ticket for which no verdict comes."
    )
    why = "A ticket is single-use: the second question is answered 9, and the honest user who had passed is turned away."
    source = "docs/oracles.md (research O11; measured on the official SDK)"
    severity = Severity.MAJOR
    mend = (
        "Front end: fetch a new ticket for each submit that was answered, and keep none in storage. Back end: ask once; retry "
        "only what never reached the provider, within one total deadline, and never when a code came; keep what a ticket was "
        "worth under an idempotency key for submits that come twice, and turn the SDK's own retryer off."
    )
    needs = "all but controls and crowds"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks where each visit and try is known by itself; of a control only health is asked."""
        return scenario.kind not in ("control", "load", "storm")

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Look at what became of each ticket."""
        looks = [self._storms]
        looks += [self._forged] if record.scenario.kind in ("forgery", "verdict") else [self._again, self._burnt, self._page]
        return tuple(found for used in _tickets(record) for look in looks for found in look(record, used))

    def _storms(self, record: Record, used: _Used) -> Iterator[Finding]:
        most = CALLS_PER_SUBMIT * max(1, len(used.submits))
        if len(used.calls) > most:
            yield finding(
                self,
                expected=f"at most {most} verdict calls about a ticket that was submitted {times(max(1, len(used.submits)))}",
                seen=f"{len(used.calls)} about {quote(used.ticket)}",
            )

    def _forged(self, record: Record, used: _Used) -> Iterator[Finding]:
        """Whoever sends a ticket twice may have it asked about twice: only what goes beyond that is the application's."""
        beyond = len(used.after_its_verdict) - max(0, len(used.submits) - 1)
        if beyond > 0:
            yield self._reused(used, _sender(record, used))

    def _again(self, record: Record, used: _Used) -> Iterator[Finding]:
        sender = _sender(record, used)
        harmless = sender == _BY_BROWSER and _done(record, used)
        if len(used.after_its_verdict) > _of_other_tabs(used) + _of_other_captchas(record, used) and not harmless:
            yield self._reused(used, sender)

    def _reused(self, used: _Used, sender: str) -> Finding:
        answers = listed([quote(call.answer) for call in used.calls])
        return finding(
            self,
            expected="a ticket that has got its verdict is asked about no more",
            seen=f"{quote(used.ticket)} was asked about {times(len(used.calls))} and answered {answers}; sent again "
            f"by {sender}",
        )

    def _burnt(self, record: Record, used: _Used) -> Iterator[Finding]:
        """A pass that was given and did not arrive is lost for good: the next question about it is answered as a replay."""
        lost = next((at for at, call in enumerate(used.calls) if call.answer == f"1{_LOST}"), None)
        refused = [call for call in used.calls[lost + 1 :] if _verdict(call) not in (None, 1)] if lost is not None else []
        if refused and not _done(record, used):
            yield finding(
                self,
                expected="a ticket whose verdict was lost is no word against its user",
                seen=f"the pass for {quote(used.ticket)} was lost on its way, and asked about again it was answered "
                f"{quote(refused[0].answer)}: the ticket was burnt; sent again by {_sender(record, used)}",
            )

    def _page(self, record: Record, used: _Used) -> Iterator[Finding]:
        """Where its own link to the target is whole, a page that has an answer knows that its ticket is used."""
        if record.scenario.link_side == "browser" and record.scenario.link == SUBMIT_LINK:
            return
        if any(one.own_edge for one in record.scenario.schedule):
            return
        known_ms = min((call.moment.at_ms for call in used.calls if _verdict(call) is not None), default=float("inf"))
        answered_ms = min((_answered_ms(submit) for submit in used.submits), default=float("inf"))
        again = [submit for submit in used.submits if submit.moment.at_ms > max(known_ms, answered_ms)]
        turned_away = [submit for submit in again if submit.status is not None and 400 <= submit.status < 500]
        if turned_away and not used.after_its_verdict:
            yield finding(
                self,
                expected="the page sends no ticket again that has got its verdict and its answer",
                seen=f"{quote(used.ticket)} was submitted {times(len(used.submits))}, and turned away with "
                f"{listed(dict.fromkeys(str(submit.status) for submit in turned_away))}",
            )


def _tickets(record: Record) -> Iterator[_Used]:
    """Every ticket that was asked about or submitted; two users may mint the same fallback ticket within a second."""
    calls: dict[tuple[str, str], list[VerdictCall]] = {}
    submits: dict[tuple[str, str], list[Submit]] = {}
    for call in record.evidence.verdict_calls:
        if call.ticket and call.reached:
            calls.setdefault(_key(call.ticket, call.visit), []).append(call)
    for submit in record.evidence.submits:
        if submit.ticket:
            submits.setdefault(_key(submit.ticket, submit.visit), []).append(submit)
    for key in calls:
        yield _Used(
            ticket=key[0],
            calls=tuple(sorted(calls[key], key=lambda call: call.moment.at_ms)),
            submits=tuple(sorted(submits.get(key, ()), key=lambda submit: submit.moment.at_ms)),
        )


def _key(ticket: str, visit: str) -> tuple[str, str]:
    return (ticket, "" if read(ticket).kind is TicketKind.OTHER else visit)


def _of_other_tabs(used: _Used) -> int:
    """How many more tabs minted the same fallback ticket within a second: only its randstr tells theirs apart."""
    if read(used.ticket).kind is TicketKind.OTHER:
        return 0
    return max(0, len({submit.randstr for submit in used.submits}) - 1)


def _of_other_captchas(record: Record, used: _Used) -> int:
    """How many more captchas of the visit's flow may have minted the same fallback ticket within a second."""
    if read(used.ticket).kind is TicketKind.OTHER:
        return 0
    visits = {call.visit for call in used.calls}
    return max((visit.captchas - 1 for visit in record.evidence.visits if visit.name in visits), default=0)


def _verdict(call: VerdictCall) -> int | None:
    """The code that the back end was told; None where none came, or one that is no verdict."""
    code = int(call.answer) if _CODE.fullmatch(call.answer.strip()) else None
    return None if code in _NO_VERDICT else code


def _sender(record: Record, used: _Used) -> str:
    """Who sent the question again: the SDK's client, the back end, the page or the browser."""
    visits = {submit.visit for submit in used.submits}
    asked = sum(e.what == "request" and e.link == SUBMIT_LINK and e.visit in visits for e in record.evidence.events)
    if 0 < asked < len(used.submits):
        return _BY_BROWSER
    signed = [call.fingerprint for call in used.calls if call.fingerprint]
    if len(set(signed)) < len(signed):
        return "the vendor's SDK or its HTTP client (the same bytes, not signed anew), or a retry within that second"
    if len(used.submits) <= 1:
        return "the back end, which signed it anew"
    return "whoever submitted it again, and the back end asked again"


def _done(record: Record, used: _Used) -> bool:
    """Whether those who submitted it got done what they came for."""
    visits = {submit.visit for submit in used.submits} or {call.visit for call in used.calls}
    return all(visit.outcome in COMPLETED for visit in record.evidence.visits if visit.name in visits)


def _answered_ms(submit: Submit) -> float:
    answered = submit.status is not None and submit.real_ms is not None
    return submit.moment.at_ms + (submit.real_ms or 0.0) if answered else float("inf")


ORACLES.add("no-reuse", NoReuse())
