"""Several faults at once: what must come of them whatever code they lead to, and what is not demanded of anybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.catalog import Phase, Place, Policy, Side, Stroke
from harness.journal.model import Applied, FaultFacts, Record, Scheduled, Sighting, Verdict
from harness.judge import ORACLES
from suites.selftest.judge.records import (
    REFUSED,
    TICKET_1004,
    ask,
    at,
    client_fault,
    judged,
    submit,
    the_one,
    with_evidence,
    with_expect,
    with_scenario,
    with_visit,
)

HANGS = FaultFacts(
    name="hang", family=REFUSED.family, felt_at=(Place.ROUTER, Place.ORIGIN, Place.SERVER_CLIENT), hangs=True, title="hang"
)
FRAME = Scheduled(stroke=Stroke(link="frame", fault="refused", phase=Phase.AFTER_LOAD), fault=REFUSED, side=Side.BROWSER)
VERDICT = Scheduled(
    stroke=Stroke(link="verdict", fault="hang", phase=Phase.DURING_VERDICT, lasts_ms=2000), fault=HANGS, side=Side.SERVER
)
SUBMIT = Scheduled(
    stroke=Stroke(link="submit", fault="refused", phase=Phase.BEFORE_SUBMIT), fault=REFUSED, side=Side.BROWSER, own_edge=True
)
# Docs, "What is demanded": the five that hold whatever breaks, and those that speak on anything.
OF_SCHEDULES = {"business-completes", "exactly-once", "verdict-is-a-verdict", "bounded-wait", "recovers"}
OF_ANYTHING = {"nothing-for-free", "no-reuse", "no-side-effect", "private"}


def schedule(*faults: Scheduled, up: Policy | None = None, policy: Policy = Policy.ACCEPT) -> Record:
    """The frame script is refused and the verdict API hangs; the user is let in, and each fault was felt."""
    applied = [
        Applied(action=what, moment=at(10), receipts=("read back",), stroke=n) for what in ("apply", "heal") for n in (0, 1)
    ]
    seen = [
        Sighting(place=place, what="seen", stroke=number)
        for number, one in enumerate(faults)
        for place in one.fault.felt_at[:2]
    ]
    record = with_scenario(client_fault(), id="login-schedule", kind="schedule", schedule=faults)
    record = with_expect(record, codes=(), minted_by=None, policy=policy, policy_up=up, looks=False)
    return with_evidence(record, applied=tuple(applied), sightings=tuple(seen))


BOTH = schedule(FRAME, VERDICT, up=Policy.ACCEPT)
OWN = schedule(FRAME, SUBMIT)


def test_passes_where_the_user_goes_on_and_everything_recovers() -> None:
    judgement = judged(BOTH)
    assert (judgement.verdict, judgement.unknown_because, judgement.fault_felt) == (Verdict.PASS, "", True)


@pytest.mark.parametrize(
    ("record", "speak"), [(BOTH, OF_SCHEDULES | OF_ANYTHING), (OWN, {"exactly-once", "recovers"} | OF_ANYTHING)]
)
def test_only_what_holds_whatever_breaks_is_asked(record: Record, speak: set[str]) -> None:
    assert {slug for slug, oracle in ORACLES.all().items() if oracle.applies(record.scenario)} == speak


def test_a_user_who_is_left_behind_is_a_fail() -> None:
    record = with_visit(BOTH, outcome="nothing", effects=0, business_ms=None)
    assert [one.oracle for one in judged(record).findings] == ["business-completes"]


def test_a_user_who_is_left_behind_is_right_where_the_own_edge_is_broken_too() -> None:
    record = with_visit(OWN, outcome="nothing", effects=0, business_ms=None)
    assert judged(record).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("down", "up", "outcome", "right"),
    [
        (Policy.STEP_UP, Policy.STEP_UP, "unverified", False),
        (Policy.ACCEPT, Policy.STEP_UP, "unverified", True),
        (Policy.BLOCK, Policy.STEP_UP, "nothing", True),
        (Policy.STEP_UP, Policy.ACCEPT, "nothing", False),
        (Policy.BLOCK, None, "refused", True),
        (Policy.BLOCK, None, "unverified", False),
    ],
)
def test_where_both_sides_break_either_policy_may_be_the_users(
    down: Policy, up: Policy | None, outcome: Any, right: bool
) -> None:
    effects = 1 if outcome == "unverified" else 0
    record = with_visit(schedule(FRAME, VERDICT, up=up, policy=down), outcome=outcome, effects=effects)
    found = ask("business-completes", record)
    assert (found == ()) is right


@pytest.mark.parametrize("record", [BOTH, OWN])
def test_two_effects_for_one_user_are_a_fail_on_any_schedule(record: Record) -> None:
    found = judged(with_visit(record, effects=2))
    assert [one.oracle for one in found.findings] == ["exactly-once"]


def test_an_effect_of_which_nobody_was_told_is_right_where_the_answer_may_be_lost() -> None:
    assert ask("exactly-once", with_visit(OWN, outcome="nothing", effects=1)) == ()
    found = the_one("exactly-once", with_visit(BOTH, outcome="nothing", effects=1))
    assert "took effect once" in found.seen


def test_an_effect_that_was_told_and_is_not_there_is_a_fail() -> None:
    assert "took effect 0 times" in the_one("exactly-once", with_visit(OWN, effects=0)).seen


def test_a_5xx_is_a_fail() -> None:
    crashed = with_evidence(BOTH, submits=(submit(TICKET_1004, status=500),))
    assert "500" in the_one("verdict-is-a-verdict", crashed).seen


def test_an_answer_over_the_servers_budget_is_a_fail() -> None:
    late = with_evidence(BOTH, submits=(submit(TICKET_1004, real_ms=30_000),))
    assert "30000 ms" in the_one("bounded-wait", late).seen


def test_a_next_user_who_is_not_verified_is_a_fail() -> None:
    record = with_visit(BOTH, "new-visitor", outcome="nothing", effects=0)
    assert [one.oracle for one in judged(record).findings] == ["recovers"]


def unfelt(record: Record, number: int) -> Record:
    kept = tuple(one for one in record.evidence.sightings if one.stroke != number)
    return with_evidence(record, sightings=kept)


def test_a_fault_that_was_not_felt_takes_a_pass_away_and_is_named() -> None:
    judgement = judged(unfelt(BOTH, 1))
    assert judgement.verdict is Verdict.UNKNOWN
    assert "verdict hang, cold, during-verdict, for 2000 ms" in judgement.unknown_because
    assert "frame" not in judgement.unknown_because


def test_a_fault_that_was_not_felt_takes_no_finding_away() -> None:
    assert judged(with_visit(unfelt(BOTH, 1), effects=2)).verdict is Verdict.FAIL


def test_a_schedule_of_which_nothing_was_felt_proves_nothing() -> None:
    record = with_visit(unfelt(unfelt(BOTH, 0), 1), effects=2)
    judgement = judged(record)
    assert (judgement.verdict, judgement.fault_felt) == (Verdict.UNKNOWN, False)
    assert judgement.unknown_because.startswith("nothing of the schedule was felt")


def test_a_fault_whose_moment_never_came_is_said_not_to_have_been_applied() -> None:
    only_first = tuple(one for one in BOTH.evidence.applied if one.stroke == 0)
    judgement = judged(with_evidence(BOTH, applied=only_first))
    assert "the fault hang was never applied, its moment did not come" in judgement.unknown_because


def test_a_script_that_a_fault_of_the_schedule_alters_is_not_compared() -> None:
    altered = replace(FRAME, fault=replace(REFUSED, family=type(REFUSED.family).RESPONSE))
    other = (("entry", "aa"), ("frame", "another"))
    assert judged(with_evidence(schedule(altered, VERDICT), scripts=other)).verdict is Verdict.PASS
    assert "frame" in judged(with_evidence(BOTH, scripts=other)).unknown_because
