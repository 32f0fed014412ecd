"""holds-under-load: an outage under load exhausts nothing, loses nothing, lets nobody in, and is over when it is over."""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import Policy
from harness.journal.model import Finding, Record, Scenario, Severity
from harness.judge import crowds
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.timing import USABLE_BUDGET_MS

# A page beside the outage may be this much slower than before it: the same machine now also holds the calls that hang.
SLOWER = 3
_SUBMITS = ("honest", "forger")


class HoldsUnderLoad:
    """One request at a time says nothing of a pool of workers."""

    slug = "holds-under-load"
    demands = (
        "While the verdict API hangs and a crowd comes, every submit is answered within the server's budget and never by a "
        "5xx, pages that need no captcha stay as quick as before, honest users go on as the policy says, forgers gain no "
        "more than it gives, no business is lost or doubled; and when it ends, all are verified again in a bounded time."
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
        self._demand_health(record)
        return tuple(
            found
            for part in (self._answers, self._pages, self._honest, self._forgers, self._effects, self._afterwards)
            for found in part(record)
        )

    def _demand_health(self, record: Record) -> None:
        honest = crowds.calls(record, wave="before", who=("honest",))
        if not honest or not crowds.calls(record, wave="outage", who=("honest",)):
            raise EvidenceMissing("no crowd was recorded")
        good = sum(crowds.verified(record, honest))
        slowest_ms = crowds.nearly_all_ms(crowds.calls(record, wave="before"))
        if good < len(honest) or slowest_ms > USABLE_BUDGET_MS:
            raise EvidenceMissing(
                f"before the outage {good} of {len(honest)} honest users were verified, and 95 of 100 answers took up to "
                f"{slowest_ms:.0f} ms (at most {USABLE_BUDGET_MS} ms): the target or this machine does not carry the crowd; "
                f"lower flows.{record.scenario.flow}.load.rate_per_s"
            )

    def _answers(self, record: Record) -> Iterator[Finding]:
        submits = crowds.calls(record, who=_SUBMITS)
        lost = sum(call.status is None for call in submits)
        if lost:
            yield finding(self, expected="every submit of the crowd is answered", seen=f"{lost} of {len(submits)} never were")
        broken = sum(call.status is not None and call.status >= 500 for call in submits)
        if broken:
            yield finding(self, expected="no submit of the crowd is answered by a 5xx", seen=f"{broken} of {len(submits)} were")
        budget_ms = record.scenario.expect.server_budget_ms
        took_ms = crowds.nearly_all_ms(crowds.calls(record, wave="outage", who=_SUBMITS))
        if not took_ms <= budget_ms:
            seen = f"95 of 100 took up to {took_ms:.0f} ms"
            expected = f"in the outage 95 of 100 submits are answered within {budget_ms} ms"
            yield finding(self, expected=expected, seen=seen, severity=Severity.MAJOR)

    def _pages(self, record: Record) -> Iterator[Finding]:
        before, during = (crowds.calls(record, wave=wave, who=("page",)) for wave in ("before", "outage"))
        budget_ms = max(float(USABLE_BUDGET_MS), SLOWER * crowds.nearly_all_ms(before))
        took_ms = crowds.nearly_all_ms(during)
        broken = sum(call.status is None or call.status >= 500 for call in during)
        if broken or not took_ms <= budget_ms:
            expected = f"in the outage 95 of 100 pages that need no captcha answer within {budget_ms:.0f} ms, none by a 5xx"
            seen = f"95 of 100 took up to {took_ms:.0f} ms, {broken} of {len(during)} failed: no worker was left for them"
            yield finding(self, expected=expected, seen=seen)

    def _honest(self, record: Record) -> Iterator[Finding]:
        if record.scenario.expect.policy is not Policy.STEP_UP:
            return
        honest = crowds.calls(record, wave="outage", who=("honest",))
        stuck = [call for call in honest if 0 < (call.status or 0) < 500 and not (call.completed or call.offered)]
        if stuck:
            statuses = ", ".join(sorted({str(call.status) for call in stuck}))
            expected = "in the outage every honest user is offered the second factor"
            yield finding(self, expected=expected, seen=f"{len(stuck)} of {len(honest)} were turned away (status {statuses})")

    def _forgers(self, record: Record) -> Iterator[Finding]:
        forgers = crowds.calls(record, who=("forger",))
        through = sum(call.completed for call in forgers)
        accepts = record.scenario.expect.policy is Policy.ACCEPT
        allowed = len(forgers) * record.scenario.expect.limits.per_account if accepts else 0
        if through > allowed:
            expected = f"policy {record.scenario.expect.policy}: at most {allowed} forged orders of {len(forgers)} get through"
            yield finding(self, expected=expected, seen=f"{through} did")

    def _effects(self, record: Record) -> Iterator[Finding]:
        submits = crowds.calls(record, who=_SUBMITS)
        told, unknown = sum(call.completed for call in submits), sum(call.status is None for call in submits)
        effects = record.evidence.crowd_effects
        if not told <= effects <= told + unknown:
            word = "lost" if effects < told else "doubled"
            yield finding(
                self,
                expected=f"one effect for each of the {told} who were told that it is done",
                seen=f"{effects} effects at the origin: {abs(effects - told)} {word}",
            )

    def _afterwards(self, record: Record) -> Iterator[Finding]:
        budget_ms = record.scenario.expect.recovery_budget_ms
        over_ms = crowds.back_to_normal_ms(record)
        if over_ms is None or over_ms > budget_ms:
            seen = "that never came" if over_ms is None else f"that took {over_ms:.0f} ms"
            expected = f"every honest user is verified again {budget_ms} ms after the outage at the latest"
            yield finding(self, expected=expected, seen=seen, severity=Severity.MAJOR)


ORACLES.add("holds-under-load", HoldsUnderLoad())
