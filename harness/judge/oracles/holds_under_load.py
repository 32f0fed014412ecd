"""holds-under-load: an outage under load exhausts nothing, loses nothing, lets nobody in, and is over when it is over."""

from __future__ import annotations

import math
from collections.abc import Iterator

from harness.catalog import Policy
from harness.journal.model import Finding, Record, Scenario, Severity
from harness.judge import crowds
from harness.judge.crowd_effects import effects_told, examples
from harness.judge.crowd_policies import Shares, policies_for, unvouched
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.reading import quote
from harness.judge.timing import SUBMITS, Timed, crowd_in_health, crowd_pages, crowd_recovery, crowd_submits

_WHO = {"honest": "nobody honest", "forger": "no forger", "page": "nobody who asks for a page"}
_KIND = {"honest": "honest users", "forger": "forgers"}
_WAVE = {"before": "before the outage", "outage": "in the outage", "after": "after the outage"}
_UNVOUCHED = (
    "Front end: nothing to do, it is not to be trusted. Back end: no verdict is no pass; who comes without the provider's 1, "
    "with a ticket of whatever form, gets what the policy of the moment says, and as much of it while a crowd waits."
)
_COUNT_ALL = (
    "Front end: nothing to do, it is not to be trusted. Back end: count what unverified users got by account and by address in "
    "the transaction that gives it to them, and in a store that all processes share."
)
_ONCE = (
    "Front end: one attempt at a time, from the press until its fate is known. Back end: write the effect under one key for an "
    "attempt, in one transaction, and say that it is done only after that."
)


class HoldsUnderLoad:
    """One request at a time says nothing of a pool of workers."""

    slug = "holds-under-load"
    demands = (
        "While the verdict API hangs and a crowd comes, every submit is answered within the server's budget and never by a "
        "5xx, pages that need no captcha stay as quick as before, honest users are let in or offered a second factor as the "
        "policy says (under block nobody tries the other way in), forgers gain no more than it gives, no business is lost or "
        "doubled; and when it ends, all are verified again in a bounded time."
    )
    why = "Calls that wait hold workers, and a server without workers serves nobody: the captcha's outage becomes the shop's."
    source = "docs/oracles.md (research O7, O9; bug class B7)"
    severity = Severity.BLOCKER
    mend = (
        "Front end: none can mend it. Back end: give the verdict call a total deadline and a pool or a breaker of its own, "
        "never call it from the thread or event loop that serves everybody, and hold no database transaction while it waits."
    )
    needs = "load"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on a crowd."""
        return scenario.kind == "load"

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge the three waves; a target that does not carry the crowd in health cannot be judged in an outage."""
        self._demand_crowd(record)
        self._demand_health(record)
        parts = (self._answers, self._pages, self._honest, self._unvouched, self._limits, self._effects, self._afterwards)
        return tuple(found for part in parts for found in part(record))

    def _demand_crowd(self, record: Record) -> None:
        """Whoever did not come, or not late enough, says nothing of how they would have been served."""
        settled_ms = record.scenario.expect.recovery_budget_ms
        wanted = [("before", "honest", 0), ("outage", "page", 0), ("outage", "forger", 0), ("outage", "honest", 0)]
        for wave, who, since_ms in (*wanted, ("after", "honest", settled_ms)):
            if not any(call.began_ms >= since_ms for call in crowds.calls(record, wave=wave, who=(who,))):
                later = f" {settled_ms} ms after it or later" if since_ms else ""
                name = record.scenario.flow
                raise EvidenceMissing(
                    f"no crowd was recorded that tells: {_WHO[who]} came {_WAVE[wave]}{later}; "
                    f"raise flows.{name}.load.rate_per_s"
                )

    def _demand_health(self, record: Record) -> None:
        honest = crowds.calls(record, wave="before", who=("honest",))
        good = sum(crowds.verified(record, honest))
        health = crowd_in_health(record)
        if good < len(honest) or health.overdue:
            raise EvidenceMissing(
                f"before the outage {good} of {len(honest)} honest users were verified, and 95 of 100 answers took up to "
                f"{health.spent_ms:.0f} ms (at most {health.budget_ms:.0f} ms): the target or this machine does not carry the "
                f"crowd; lower flows.{record.scenario.flow}.load.rate_per_s"
            )

    def _late(self, timed: Timed, severity: Severity) -> Iterator[Finding]:
        # Where so many were never answered that no time can be told, that is a finding by itself.
        if timed.overdue and timed.spent_ms != math.inf:
            yield finding(self, expected=timed.expected, seen=timed.seen, severity=severity)

    def _answers(self, record: Record) -> Iterator[Finding]:
        submits = crowds.calls(record, who=SUBMITS)
        lost = sum(call.status is None for call in submits)
        if lost:
            yield finding(self, expected="every submit of the crowd is answered", seen=f"{lost} of {len(submits)} never were")
        broken = sum(call.status is not None and call.status >= 500 for call in submits)
        if broken:
            yield finding(self, expected="no submit of the crowd is answered by a 5xx", seen=f"{broken} of {len(submits)} were")
        yield from self._late(crowd_submits(record), Severity.MAJOR)

    def _pages(self, record: Record) -> Iterator[Finding]:
        during = crowds.calls(record, wave="outage", who=("page",))
        broken = sum(call.status is None or call.status >= 500 for call in during)
        if broken:
            expected = "in the outage every page that needs no captcha is answered, and by no 5xx"
            yield finding(self, expected=expected, seen=f"{broken} of {len(during)} were not: no worker was left for them")
        yield from self._late(crowd_pages(record), self.severity)

    def _honest(self, record: Record) -> Iterator[Finding]:
        """Under block every refusal is right; that nobody gets in unverified is asked of all alike."""
        policy = record.scenario.expect.policy
        if policy is Policy.BLOCK:
            return
        honest = crowds.calls(record, wave="outage", who=("honest",))
        stuck = [call for call in honest if 0 < (call.status or 0) < 500 and not (call.completed or call.offered)]
        due = "is offered the second factor"
        if policy is Policy.ACCEPT:
            shares = Shares(record, crowds.calls(record, who=SUBMITS))
            stuck = [call for call in stuck if not shares.used_up(call)]
            due = "gets through, or is offered a second factor, until the limits are used up"
        if stuck:
            statuses = ", ".join(sorted({str(call.status) for call in stuck}))
            expected = f"in the outage every honest user {due} (policy {policy})"
            yield finding(self, expected=expected, seen=f"{len(stuck)} of {len(honest)} were turned away (status {statuses})")

    def _unvouched(self, record: Record) -> Iterator[Finding]:
        for wave in crowds.WAVES:
            made = crowds.calls(record, wave=wave, who=SUBMITS)
            strict = [call for call in made if Policy.ACCEPT not in policies_for(record, call)]
            through = unvouched(record, strict)
            if through:
                allowed = " or ".join(sorted({policy for call in through for policy in policies_for(record, call)}))
                counts = ((who, sum(call.who == who for call in through)) for who in SUBMITS)
                yield finding(
                    self,
                    expected=f"nobody gets through {_WAVE[wave]} without the provider's 1 (policy {allowed})",
                    seen=" and ".join(f"{count} of the {_KIND[who]} did" for who, count in counts if count),
                    mend=_UNVOUCHED,
                )

    def _limits(self, record: Record) -> Iterator[Finding]:
        """Limits are of the flow, not of a wave; nobody has a share where no policy gives any."""
        made = crowds.calls(record, who=SUBMITS)
        made = tuple(call for call in made if Policy.ACCEPT in policies_for(record, call))
        if not made:
            return
        for whose, limit, over in Shares(record, made).exceeded():
            if over:
                name, most = over.most_common(1)[0]
                yield finding(
                    self,
                    expected=f"policy {Policy.ACCEPT}: at most {limit} get through unverified for {whose}",
                    seen=f"{most} did for {quote(name)}, and {len(over)} in all are over the limit",
                    mend=_COUNT_ALL,
                )

    def _effects(self, record: Record) -> Iterator[Finding]:
        """Compare by account where each effect names one, so that one that is lost hides none that is doubled."""
        counts = effects_told(record)
        lost, doubled = sum(count.lost for count in counts), sum(count.doubled for count in counts)
        if lost or doubled:
            words = ", ".join(f"{count} {word}" for count, word in ((lost, "lost"), (doubled, "doubled")) if count)
            told = sum(count.told for count in counts)
            yield finding(
                self,
                expected=f"one effect for each of the {told} who were told that it is done",
                seen=f"{record.evidence.crowd_effects} effects at the origin: {words}{examples(counts)}",
                mend=_ONCE,
            )

    def _afterwards(self, record: Record) -> Iterator[Finding]:
        timed = crowd_recovery(record)
        if timed.overdue:
            seen = f"{timed.seen}, and that was the last of all" if timed.given_up else timed.seen
            yield finding(self, expected=timed.expected, seen=seen, severity=Severity.MAJOR)


ORACLES.add("holds-under-load", HoldsUnderLoad())
