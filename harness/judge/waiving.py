"""What waivers make of a judgement: a fail all of whose findings are waived is waived; unknown stays unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.catalog import Waiver
from harness.journal.model import Judgement, Scenario, Verdict, Waived
from harness.journal.waivers import covers
from harness.judge.oracle import ORACLES


def waive(scenario: Scenario, judgement: Judgement, waivers: Sequence[Waiver]) -> Judgement:
    """Set the waived findings apart from those that stand; ``waivers`` are those in force."""
    mine = [waiver for waiver in waivers if covers(waiver, scenario.id)]
    if not mine:
        return judgement
    found = judgement.findings
    waived = tuple(Waived(finding=one, waiver=by) for one in found if (by := _waiver_of(one.oracle, mine)) is not None)
    standing = tuple(one for one in found if _waiver_of(one.oracle, mine) is None)
    known = judgement.verdict is not Verdict.UNKNOWN
    occurred = {one.oracle for one in found}
    idle = tuple(one for one in mine if known and one.finding not in occurred and _was_asked(one.finding, scenario))
    verdict = Verdict.WAIVED if judgement.verdict is Verdict.FAIL and not standing else judgement.verdict
    return replace(judgement, verdict=verdict, findings=standing, waived=waived, idle_waivers=idle)


def _waiver_of(slug: str, waivers: Sequence[Waiver]) -> Waiver | None:
    return next((waiver for waiver in waivers if waiver.finding == slug), None)


def _was_asked(slug: str, scenario: Scenario) -> bool:
    oracle = ORACLES.all().get(slug)
    return oracle is not None and oracle.applies(scenario)
