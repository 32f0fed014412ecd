"""private: the provider is told who the user really is, and nobody is told the secrets."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from harness.journal.model import (
    LEAK_ELSEWHERE,
    LEAK_OUTPUT,
    LEAK_PAGE,
    LEAK_URL,
    LOOPBACK,
    Finding,
    Record,
    Scenario,
    Severity,
    VerdictCall,
)
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.reading import listed, quote, times

# Every LEAK_… of the model, in words.
_SEEN = {
    LEAK_PAGE: "it stands in an answer that the target sent to a browser",
    LEAK_URL: "it stands in a URL",
    LEAK_ELSEWHERE: "it was sent to an address of the provider's that asks for no secret",
    LEAK_OUTPUT: "the target printed it",
}


class Private:
    """What the provider rates is the user's own address; what it is asked with is nobody's business."""

    slug = "private"
    demands = (
        "Each verdict call names the address at which the target saw that user, and none that the user made up; no secret, "
        "one-time code or session reaches a page, a URL, another host or the target's output."
    )
    why = "A captcha that is told one address for everybody rates nobody, and who reads its secret key asks in the shop's name."
    source = "docs/oracles.md (research O12; bug classes B10, B14; measured on the official SDK)"
    severity = Severity.BLOCKER
    mend = (
        "Front end: render nothing of the captcha's configuration but the app id, and no one-time code. Back end: take the "
        "user's address from the last entry that your own proxy wrote into its header, and from the connection where there is "
        "none; keep secrets out of messages and logs, follow no redirect of the verdict API, and send codes by the channel "
        "that they prove."
    )
    needs = "all but controls and crowds"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks where each visit and try is known by itself; of a control only health is asked."""
        return scenario.kind not in ("control", "load", "storm")

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Compare the addresses of the verdict calls, and tell where secrets were seen."""
        if record.scenario.expect.searches and not record.evidence.searched:
            raise EvidenceMissing("nobody searched for secrets")
        return (*self._addresses(record), *self._leaks(record))

    def _leaks(self, record: Record) -> Iterator[Finding]:
        places: dict[tuple[str, str], list[str]] = {}
        for leak in record.evidence.leaks:
            places.setdefault((leak.secret, leak.where), []).append(leak.at)
        for (secret, where), seen_at in places.items():
            found_at = list(dict.fromkeys(quote(at) for at in seen_at if at))
            at = f": {listed(found_at[:3])}" if found_at else ""
            yield finding(self, expected=f"{secret} is told to nobody who has no use for it", seen=f"{_SEEN[where]}{at}")

    def _addresses(self, record: Record) -> Iterator[Finding]:
        wrong: dict[tuple[str, str], list[str]] = {}
        for call in record.evidence.verdict_calls:
            seen_at = _seen_at(record, call)
            if call.reached and call.user_ip and seen_at and _same(call.user_ip) not in map(_same, seen_at):
                wrong.setdefault((call.user_ip, _whose(record, call.user_ip)), []).append(listed(seen_at))
        for (named, whose), users in wrong.items():
            yield finding(
                self,
                expected=f"the verdict call names the user's address, {listed(list(dict.fromkeys(users))[:3])}",
                seen=f"UserIp {quote(named)}, {whose}, {times(len(users))}",
                severity=Severity.MAJOR,
            )


def _seen_at(record: Record, call: VerdictCall) -> list[str]:
    """Where the target saw those who handed that ticket in; the visit's own address where nobody did."""
    addresses = dict(record.evidence.addresses)
    if record.scenario.kind == "forgery":
        # Where no proxy stands in front, what a forger writes in its place may well be believed.
        addresses = {visit: address for visit, address in addresses.items() if address != LOOPBACK}
    handed_in = [submit.visit for submit in record.evidence.submits if submit.ticket == call.ticket]
    return list(dict.fromkeys(addresses[visit] for visit in handed_in or [call.visit] if visit in addresses))


def _whose(record: Record, named: str) -> str:
    if _same(named) in {_same(attempt.address) for attempt in record.evidence.attempts} - {LOOPBACK}:
        return "which the user wrote into the proxy's header himself"
    if _same(named) in {_same(address) for _visit, address in record.evidence.addresses}:
        return "which is another user's"
    return "which is the proxy's own" if _same(named) == LOOPBACK else "which is nobody's here"


def _same(text: str) -> str:
    """Write an address in one way only; every loopback address is the same machine's."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return LOOPBACK if address.is_loopback else str(address)


ORACLES.add("private", Private())
