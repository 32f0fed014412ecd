"""nothing-for-free: a forger gets no more than the policy gives to anybody, and nobody is verified without a verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from harness.catalog import Policy
from harness.journal.model import (
    CLIENT_OUTAGE,
    HONEST_TRY,
    LOOPBACK,
    VERDICT_DOWN,
    Attempt,
    Finding,
    Record,
    Scenario,
    Severity,
)
from harness.judge import second_factor
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.reading import listed, passed_by_provider, quote, times
from harness.judge.second_factor import passed, untold
from harness.judge.storms import unverified
from harness.judge.windows import for_tries

# Forged tickets of this label cannot be told from an honest user's in an outage; the policy's limits bound them. All others
# (stale, replayed, wrong app, malformed, garbage, missing) are known for what they are while the provider is healthy.
WELL_FORMED = "well-formed:"
# Those of them that come in the end with a claim of another address in each.
FROM_ELSEWHERE = f"{WELL_FORMED}from-elsewhere:"
# Whose address is that of all tries.
_FORGER = "forger"
_ANSWERS = {CLIENT_OUTAGE: "verdict API answers"}


class NothingForFree:
    """Security: the same code paths that keep the business going must not be a way round the captcha."""

    slug = "nothing-for-free"
    demands = (
        "Forged, stale, replayed, wrong-app and malformed tickets get nothing while the provider is healthy beyond what "
        "the policy's limits give to any unverified user; nobody counts as verified without the provider's 1; "
        "a step-up is passed by its own code and by no other, and once."
    )
    why = "A fallback ticket is public and unsigned: where its prefix opens the door, there is no captcha at all."
    source = "docs/oracles.md (V2, 21: process a second time; research O3, bug class B5)"
    severity = Severity.BLOCKER
    mend = (
        "Front end: nothing to do, it is not to be trusted. Back end: send every ticket to the verdict API; read 21 "
        "for a fallback "
        "ticket as 'unverified', never as passed; accept unverified business only within limits per account and "
        "address, or behind "
        "a second factor; check grammar, app id, age and single use of the ticket first."
    )
    needs = "forgery; fault and control for 'verified'"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on everything: any visit may be let in too easily."""
        return True

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge the forged tries, or the visits that claim to be verified."""
        if record.scenario.kind == "storm":
            return tuple(self._storm(record))
        if record.scenario.kind != "forgery":
            return (*self._unproven(record), *self._marked(record))
        forged = [attempt for attempt in record.evidence.attempts if attempt.label != HONEST_TRY]
        if not forged:
            raise EvidenceMissing("no forged try was recorded")
        by_health: dict[str, list[Attempt]] = {}
        for attempt in forged:
            by_health.setdefault(attempt.health, []).append(attempt)
        codes = (finding(self, expected=expected, seen=seen, mend=second_factor.MEND) for expected, seen in passed(record))
        found = (*(one for health, tries in by_health.items() for one in self._group(record, health, tries)), *codes)
        if not found and (why := untold(record)):
            raise EvidenceMissing(why)
        return found

    def _storm(self, record: Record) -> Iterator[Finding]:
        expect = record.scenario.expect
        for who, through, given in unverified(record, for_tries(record)):
            most = given if expect.policy is Policy.ACCEPT else 0
            if through > most:
                yield finding(
                    self,
                    expected=f"at most {most} effects without the provider's 1 for {who} (policy {expect.policy})",
                    seen=f"{through} when all came back at once",
                )

    def _unproven(self, record: Record) -> Iterator[Finding]:
        for visit in record.evidence.visits:
            if visit.outcome == "verified" and not passed_by_provider(record, visit.name):
                calls = [call for call in record.evidence.verdict_calls if call.visit == visit.name and call.reached]
                answers = listed(sorted({quote(call.answer) for call in calls})) if calls else "nothing, it was not asked"
                yield finding(
                    self,
                    expected=f"the visit {visit.name} counts as verified only after the provider answered 1",
                    seen=f"it counts as verified, and the provider answered {answers}",
                )

    def _marked(self, record: Record) -> Iterator[Finding]:
        for visit in record.evidence.visits:
            if visit.marked_verified and not passed_by_provider(record, visit.name):
                yield finding(
                    self,
                    expected=f"the business of the visit {visit.name} is marked as not verified: the provider gave no 1",
                    seen=f"a record marked as a verified user's, {times(visit.marked_verified)}",
                )

    def _group(self, record: Record, health: str, tries: list[Attempt]) -> Iterator[Finding]:
        if record.scenario.expect.policy is not Policy.ACCEPT:
            yield from self._none_at_all(record, health, tries)
            return
        if health not in VERDICT_DOWN:
            yield from self._worthless(health, tries)
        yield from self._by_address(record, health, tries)
        yield from self._by_account(record, health, tries)

    def _none_at_all(self, record: Record, health: str, tries: list[Attempt]) -> Iterator[Finding]:
        policy = record.scenario.expect.policy
        for label, effects, count in _gained(tries):
            yield finding(
                self,
                expected=f"policy {policy}: no effect from {label!r} ({health})",
                seen=f"took effect {times(effects)} in {count} tries",
            )

    def _worthless(self, health: str, tries: list[Attempt]) -> Iterator[Finding]:
        for label, effects, count in _gained(attempt for attempt in tries if not attempt.label.startswith(WELL_FORMED)):
            yield finding(
                self,
                expected=f"no effect from {label!r} while the {_ANSWERS.get(health, 'provider is healthy')}",
                seen=f"took effect {times(effects)} in {count} tries",
            )

    def _by_address(self, record: Record, health: str, tries: list[Attempt]) -> Iterator[Finding]:
        """All tries leave from one machine. Where a proxy tells its address, no claim beside that makes it another one."""
        most = for_tries(record).per_address
        expected = f"at most {most} unverified effects for an address"
        elsewhere = [attempt for attempt in tries if attempt.label.startswith(FROM_ELSEWHERE)]
        here = [attempt for attempt in tries if not attempt.label.startswith(FROM_ELSEWHERE)]
        gained, claimed = (sum(attempt.effects for attempt in some) for some in (here, elsewhere))
        if gained > most:
            yield finding(self, expected=f"{expected} ({health})", seen=f"{gained} in {len(here)} tries")
        told_by_proxy = dict(record.evidence.addresses).get(_FORGER, LOOPBACK) != LOOPBACK
        left = max(0, most - gained) if told_by_proxy else most
        if claimed > left:
            before = f", after {gained} in {len(here)} tries that claimed none" if told_by_proxy else ""
            yield finding(
                self,
                expected=f"{expected} ({health}, each try claiming another one)",
                seen=f"{claimed} in {len(elsewhere)} tries{before}",
            )

    def _by_account(self, record: Record, health: str, tries: list[Attempt]) -> Iterator[Finding]:
        """Whatever address a try claims, it counts against its account."""
        most = for_tries(record).per_account
        by_account: Counter[str] = Counter()
        for attempt in tries:
            by_account[attempt.account] += attempt.effects if attempt.account else 0
        over = {account: effects for account, effects in by_account.items() if effects > most}
        if over:
            account, worst = max(over.items(), key=lambda item: item[1])
            yield finding(
                self,
                expected=f"at most {most} unverified effects for an account ({health})",
                seen=f"{worst} for the account {quote(account)}; {len(over)} accounts are over the limit",
            )


def _gained(tries: Iterable[Attempt]) -> Iterator[tuple[str, int, int]]:
    """Each label that gained something: label, effects, tries."""
    effects: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for attempt in tries:
        effects[attempt.label] += attempt.effects
        counts[attempt.label] += 1
    return ((label, gained, counts[label]) for label, gained in effects.items() if gained > 0)


ORACLES.add("nothing-for-free", NothingForFree())
