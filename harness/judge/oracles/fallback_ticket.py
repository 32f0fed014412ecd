"""fallback-ticket: the documented fallback ticket arrives, well-formed, fresh and in time."""

from __future__ import annotations

from collections.abc import Iterator

from harness.journal.model import Finding, Record, Scenario, SeenTicket, Severity
from harness.judge.oracle import ORACLES, finding
from harness.judge.reading import HONEST, honest, is_fault, listed, posing, quote, tickets
from harness.judge.timing import fallback
from harness.tickets import FallbackTicket, TicketKind, read

# A ticket is minted when the failure is known and handed over at once: 10 s cover the way on a busy machine and whole seconds,
# and are less than the documented waits for a client that hangs, so a time taken before such a wait shows.
FRESH_S = 10
# For journals that do not say what the page's clock said: a minute, and another under an advanced clock, which starts in the
# past by the wait the contract expects (DESIGN.md, "Time").
ROUGHLY_FRESH_S = 60
PAGE_CLOCK_TOLERANCE_S = 60

_MISFORMED = (
    "Front end: build the string from its four parts with one underscore between each, "
    "'terror_' + code + '_' + appId + '_' + Math.floor(Date.now() / 1000); the vendor's sample lacks the last underscore. "
    "Back end: test the grammar, not the prefix."
)
_THROWN_AWAY = (
    "Front end: in the callback branch on errorCode before anything else; ret === 0 with an errorCode is a fallback "
    "ticket and "
    "is submitted like any other. Back end: do not refuse the prefix before the verdict call."
)
_OWN_WATCHDOG = (
    "Front end: the page minted this ticket itself, before the client did. Where that is its own watchdog, it is right: name "
    "it in the target file, flows.NAME.watchdog_ms, with entry_deadline_ms for the captcha's script, and watchdog_code where "
    "its code is not 1001. Where it has none, hand over the ticket that the callback brings."
)


class FallbackTicketOracle:
    """The contract between client, page and server in an outage, to the letter."""

    slug = "fallback-ticket"
    demands = (
        "A well-formed fallback ticket with the documented code, the app's id and a fresh timestamp "
        "is handed over within budget; none where none is documented."
    )
    why = "Without it the server cannot tell an outage from a bot, and the honest user is turned away or waits for ever."
    source = "docs/oracles.md (V1; V2, standard ticket format)"
    severity = Severity.BLOCKER
    mend = (
        "Front end: give the entry script an onerror and a deadline, put the constructor in try/catch, arm a watchdog "
        "from the "
        "click on show, and let each of them mint the ticket and submit it. "
        "Back end: where the verdict API gives no verdict, mint terror_2xxx, bound to session and order, and return it."
    )
    needs = "fault"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on every fault."""
        return is_fault(scenario)

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Compare the tickets of the honest visit with the contract."""
        visit = honest(record)
        if not record.scenario.expect.codes:
            return tuple(self._unwanted(record))
        several = visit.captchas > 1
        by_page = ("submit", "post") if several else ("submit",)
        channel = ("answer", "effect") if record.scenario.expect.minted_by == "server" else by_page
        seen = tickets(record, HONEST, channel)
        proper = [(ticket, parsed) for ticket in seen if (parsed := read(ticket.text).ticket)]
        near_misses = [ticket for ticket in seen if posing(ticket) and read(ticket.text).kind is not TicketKind.FALLBACK]
        if not proper:
            return (self._absent(record, seen, near_misses),)
        findings = [*self._wrong(record, *proper[0]), *self._late(record, proper[0][0])]
        if several:
            # Each captcha has a ticket of its own, of a later one by whatever fails there first: links that share the broken
            # one's host do, each with its own code. A record shows a ticket again, dated by the last answer.
            others = {seen.text: (seen, parsed) for seen, parsed in proper if seen.where != "effect"}
            others.pop(proper[0][0].text, None)
            findings += [found for seen, parsed in others.values() for found in self._odd(record, seen, parsed)]
        if near_misses:
            findings.append(self._misformed(record, near_misses, Severity.MAJOR))
        return tuple(findings)

    def _unwanted(self, record: Record) -> Iterator[Finding]:
        seen = [t for t in tickets(record, HONEST, ("submit", "answer", "effect", "callback")) if posing(t)]
        if seen:
            yield finding(
                self,
                expected="no fallback ticket: for this fault none is documented",
                seen=f"{quote(seen[0].text)} at {seen[0].where}",
                severity=Severity.MAJOR,
                mend="Front end: mint a ticket only when the captcha itself has failed; when a submit fails, send it "
                "again with "
                "the ticket the user has. Back end: keep the answer under an idempotency key, so that the second try "
                "gets it.",
            )

    def _absent(self, record: Record, seen: tuple[SeenTicket, ...], near_misses: list[SeenTicket]) -> Finding:
        if near_misses:
            return self._misformed(record, near_misses, Severity.BLOCKER)
        called_back = [t for t in tickets(record, HONEST, ("callback",)) if posing(t)]
        if called_back and record.scenario.expect.minted_by != "server":
            what = f"the client's callback brought {quote(called_back[0].text)}, but the page never submitted it"
            return finding(self, expected=_wanted(record), seen=what, mend=_THROWN_AWAY)
        what = f"only {quote(seen[0].text)}, which is no fallback ticket" if seen else "no ticket at all"
        return finding(self, expected=_wanted(record), seen=what)

    def _misformed(self, record: Record, near_misses: list[SeenTicket], severity: Severity) -> Finding:
        named = dict.fromkeys(f"{quote(ticket.text)} ({read(ticket.text).kind.value})" for ticket in near_misses)
        return finding(self, expected=_wanted(record), seen=listed(named), severity=severity, mend=_MISFORMED)

    def _wrong(self, record: Record, seen: SeenTicket, ticket: FallbackTicket) -> Iterator[Finding]:
        expect = record.scenario.expect
        if ticket.code not in expect.codes:
            said = f"code {ticket.code} in {quote(seen.text)}"
            yield finding(self, expected=_wanted(record), seen=said, mend=_OWN_WATCHDOG if _by_the_page(record, seen) else "")
        yield from self._odd(record, seen, ticket)

    def _odd(self, record: Record, seen: SeenTicket, ticket: FallbackTicket) -> Iterator[Finding]:
        expect = record.scenario.expect
        if ticket.app_id != expect.app_id:
            yield finding(self, expected=f"the app id {expect.app_id}", seen=f"{ticket.app_id} in {quote(seen.text)}")
        off_s, tolerance_s = _age(record, seen, ticket)
        if not abs(off_s) <= tolerance_s:
            yield finding(
                self,
                expected=f"a timestamp within {tolerance_s} s of the moment the ticket is handed over",
                seen=f"{abs(off_s):.0f} s {'after' if off_s > 0 else 'before'} it in {quote(seen.text)}",
                mend="Front end: take the time when the ticket is minted, in whole seconds, not when the page was rendered. "
                "Back end: mint with the server's own synchronised clock.",
            )

    def _late(self, record: Record, seen: SeenTicket) -> Iterator[Finding]:
        timed = fallback(record, visit := honest(record), seen)
        if timed.overdue:
            waited = "" if visit.clicked else " (nobody had clicked on show: counted from the beginning of the visit)"
            yield finding(self, expected=timed.expected, seen=timed.seen + waited, severity=Severity.MAJOR)


def _by_the_page(record: Record, seen: SeenTicket) -> bool:
    """Whether the page wrote a ticket itself where the vendor's client was to mint it."""
    brought = {ticket.text for ticket in tickets(record, HONEST, ("callback",))}
    return record.scenario.expect.minted_by == "vendor" and seen.text not in brought


def _age(record: Record, seen: SeenTicket, ticket: FallbackTicket) -> tuple[float, int]:
    """How far a ticket's time is from its handing over, on the clock of whoever minted it, and how far it may be."""
    if seen.where in ("answer", "effect"):
        return ticket.timestamp_s - seen.unix_s, FRESH_S
    if seen.page_unix_s:
        return ticket.timestamp_s - seen.page_unix_s, FRESH_S
    set_back = record.evidence.clock != "real"
    return ticket.timestamp_s - seen.unix_s, ROUGHLY_FRESH_S + (PAGE_CLOCK_TOLERANCE_S if set_back else 0)


def _wanted(record: Record) -> str:
    expect = record.scenario.expect
    who = {"server": "the server mints", "page": "the page mints", "vendor": "the client mints"}
    codes = " or ".join(str(code) for code in expect.codes)
    return f"a fallback ticket with code {codes} ({who.get(expect.minted_by or '', 'somebody mints')} it)"


ORACLES.add("fallback-ticket", FallbackTicketOracle())
