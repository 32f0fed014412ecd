"""healthy-control: with nothing broken, everything is verified and every declared link is really used."""

from __future__ import annotations

from collections.abc import Iterator

from harness.journal.model import Finding, Record, Scenario, Severity
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.reading import listed, posing, quote, times

# Hosts that nobody mapped are told of on their own, whatever became of the visit.
_HAS_A_FINDING = "unmapped-host"
# And so is what the record of a third party lacks.
_LACKS_RECORD = "not-recorded"


class HealthyControl:
    """What no control shows, no fault can disprove."""

    slug = "healthy-control"
    demands = (
        "A run without faults verifies every visit at the provider, emits no fallback ticket, uses every declared link, "
        "asks for no host that nobody mapped, and for nothing that the record of a third party lacks."
    )
    why = "An app that mistakes the lab's own TLS for an outage, or is in degraded mode for good, looks resilient to any fault."
    source = "docs/oracles.md (research O8; V2, normal mode)"
    severity = Severity.BLOCKER
    mend = (
        "Front end: pass the constructor what its version wants, so that it does not throw into the fallback branch. "
        "Back end: give "
        "the verdict client the CA (or the endpoint setting) it obeys, and log why it degrades."
    )
    needs = "control"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on controls alone."""
        return scenario.kind == "control"

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge visits, verdict calls, tickets, links and hosts of a control."""
        if not record.evidence.visits:
            raise EvidenceMissing("the control recorded no visit")
        looks = (self._visits, self._provider, self._tickets, self._links, self._hosts, self._records)
        return tuple(found for look in looks for found in look(record))

    def _visits(self, record: Record) -> Iterator[Finding]:
        named, mend = _named(record)
        for visit in record.evidence.visits:
            if visit.outcome != "verified":
                because = f": {visit.error[:300]}" if visit.error else ""
                seen = f"{visit.outcome}{because}{named}"
                yield finding(self, expected=f"the visit {visit.name} is verified", seen=seen, mend=mend)
            elif visit.effects != 1:
                seen = f"took effect {times(visit.effects)}" if visit.effects else "the origin counts no effect"
                yield finding(self, expected=f"the visit {visit.name} has exactly one effect", seen=f"{seen}{named}", mend=mend)

    def _provider(self, record: Record) -> Iterator[Finding]:
        calls = record.evidence.verdict_calls
        if not any(call.reached and call.answer.strip() == "1" for call in calls):
            answers = listed([quote(call.answer) for call in calls if call.reached])
            yield finding(
                self,
                expected="at least one verdict call reaches the provider and is answered 1",
                seen=f"{len(calls)} verdict calls; answers of those that reached it: {answers}",
            )

    def _tickets(self, record: Record) -> Iterator[Finding]:
        seen = [ticket for ticket in record.evidence.tickets if posing(ticket)]
        if seen:
            yield finding(self, expected="no fallback ticket", seen=f"{quote(seen[0].text)} at {seen[0].where}")

    def _links(self, record: Record) -> Iterator[Finding]:
        """A control's ``parameters`` name the links its flow declares, each with the requests that must at least arrive."""
        counted = dict(record.evidence.requests_at_origin)
        silent = [link for link, least in record.scenario.parameters if counted.get(link, 0) < least]
        if silent:
            named, mend = _named(record)
            declared = listed([name for name, _ in record.scenario.parameters])
            yield finding(
                self,
                expected=f"requests at the origin over every declared link: {declared}",
                seen=f"none (or too few) over {listed(silent)}{named}",
                mend=mend,
            )

    def _hosts(self, record: Record) -> Iterator[Finding]:
        refused = [quote(host) for host in dict.fromkeys(record.evidence.refused_hosts)]
        if refused:
            yield finding(
                self,
                expected="no request to a host that nobody mapped",
                seen=f"{_HAS_A_FINDING}, refused: {listed(refused)}",
                severity=Severity.MAJOR,
                mend="Front end: name the hosts under [third_party] of the target file, with a folder that holds what they "
                "bring (`captchaos discover` finds them all), or leave them out of the configuration that captchaos starts. "
                "Back end: point the server's calls at the lab's links.",
            )

    def _records(self, record: Record) -> Iterator[Finding]:
        for one in record.evidence.diagnoses:
            if one.name == _LACKS_RECORD:
                expected = "no request that the record of a third party lacks"
                yield finding(self, expected=expected, seen=str(one)[:600], severity=Severity.MAJOR, mend=one.mend)


def _named(record: Record) -> tuple[str, str]:
    """The diagnoses of a control in words, and what the first of them says to do."""
    known = [one for one in record.evidence.diagnoses if one.name not in (_HAS_A_FINDING, _LACKS_RECORD)]
    return (f" ({listed([str(one)[:300] for one in known])})", known[0].mend) if known else ("", "")


ORACLES.add("healthy-control", HealthyControl())
