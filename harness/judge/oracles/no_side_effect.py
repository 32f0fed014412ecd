"""no-side-effect: what costs money, or somebody's night, is asked for only on the strength of a pass."""

from __future__ import annotations

from harness.journal.model import Finding, GuardedCall, Record, Scenario, Severity
from harness.judge.oracle import ORACLES, finding
from harness.judge.reading import listed, quote


class NoSideEffect:
    """The captcha in front of an SMS is there for those who are sent it, not for the shop."""

    slug = "no-side-effect"
    demands = (
        "Nothing that a pass guards (an SMS) is asked for without it: before that the provider was asked about that very "
        "ticket, and answered 1 to the target's server."
    )
    why = "Who sends the SMS because the captcha is down sends it to whoever a bot names, at the shop's cost."
    source = "docs/oracles.md (research O13; bug class B6)"
    severity = Severity.BLOCKER
    mend = (
        "Front end: where no captcha can be had, say so and offer the other way in. Back end: let the function that sends take "
        "the provider's captcha_token as its argument, and nothing else make one; read no verdict as no SMS, and degrade to a "
        "factor that costs nobody anything."
    )
    needs = "all, where the provider has a link that a pass guards"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on everything: any visit or try may be sent something."""
        return True

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Look for the pass behind each guarded call; one that the provider itself refused is less grave."""
        bare = [call for call in record.evidence.guarded_calls if not _bought(record, call)]
        done = [call for call in bare if not call.answer.startswith("error")]
        if done:
            return (self._finding(done, "and the provider did it", Severity.BLOCKER),)
        return (self._finding(bare, "which only the provider's refusal stopped", Severity.MAJOR),) if bare else ()

    def _finding(self, calls: list[GuardedCall], what: str, severity: Severity) -> Finding:
        links = listed(dict.fromkeys(call.link for call in calls))
        tickets = listed(dict.fromkeys(quote(call.ticket) for call in calls))
        return finding(
            self,
            expected=f"nothing is asked for on the link {links} but on a pass that the target was told of",
            seen=f"asked for on the strength of {tickets}, for which no pass had come, {what}",
            severity=severity,
        )


def _bought(record: Record, call: GuardedCall) -> bool:
    passes = (verdict for verdict in record.evidence.verdict_calls if verdict.reached and verdict.answer.strip() == "1")
    return any(verdict.ticket == call.ticket and verdict.moment.at_ms <= call.moment.at_ms for verdict in passes)


ORACLES.add("no-side-effect", NoSideEffect())
