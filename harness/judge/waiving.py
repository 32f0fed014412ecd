"""What waivers make of a judgement: a fail all of whose findings are waived is waived; unknown stays unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.catalog import Waiver
from harness.journal.model import Finding, Judgement, Scenario, Severity, Verdict, Waived
from harness.journal.waivers import covers, means
from harness.judge.oracle import ORACLES

_WORST_FIRST = (Severity.BLOCKER, Severity.MAJOR, Severity.MINOR)


def waive(scenario: Scenario, judgement: Judgement, waivers: Sequence[Waiver]) -> Judgement:
    """Set the waived findings apart from those that stand; ``waivers`` are those in force."""
    mine = [waiver for waiver in waivers if covers(waiver, scenario.id)]
    if not mine:
        return judgement
    found = judgement.findings
    waived = tuple(Waived(finding=one, waiver=by) for one in found if (by := _waiver_of(one, mine)) is not None)
    standing = tuple(one for one in found if _waiver_of(one, mine) is None)
    known = judgement.verdict is not Verdict.UNKNOWN
    occurred = {waiver for waiver in mine if any(means(waiver, one) for one in found)}
    verdict = Verdict.WAIVED if judgement.verdict is Verdict.FAIL and not standing else judgement.verdict
    return replace(
        judgement,
        verdict=verdict,
        findings=standing,
        waived=waived,
        idle_waivers=tuple(one for one in mine if known and one not in occurred and _asks(one, scenario)),
        outgrown_waivers=tuple(waiver for waiver in mine if any(means(waiver, one) for one in standing)),
    )


def reach_of(waivers: Sequence[Waiver], scenarios: Sequence[Scenario]) -> tuple[int, ...]:
    """How many scenarios of a whole plan could show what each waiver waives."""
    return tuple(sum(covers(waiver, one.id) and _asks(waiver, one) for one in scenarios) for waiver in waivers)


def _waiver_of(finding: Finding, waivers: Sequence[Waiver]) -> Waiver | None:
    return next((one for one in waivers if means(one, finding) and not _is_worse(finding, one)), None)


def _is_worse(finding: Finding, waiver: Waiver) -> bool:
    oracle = ORACLES.all().get(waiver.finding)
    usual = oracle.severity if oracle else finding.severity
    limit = Severity(waiver.severity) if waiver.severity else usual
    return _WORST_FIRST.index(finding.severity) < _WORST_FIRST.index(limit)


def _asks(waiver: Waiver, scenario: Scenario) -> bool:
    oracle = ORACLES.all().get(waiver.finding)
    return oracle is not None and oracle.applies(scenario)
