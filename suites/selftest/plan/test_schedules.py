"""What is demanded of a schedule follows from its faults, and faults that cannot be told apart are refused in a sentence."""

from __future__ import annotations

import pytest

from harness.catalog import Phase, Policy, Schedule, Stroke, Warmth
from harness.errors import UsageError
from harness.plan.build import Plan
from harness.plan.schedules import Manner, scheduled, stroke_of, strokes_of, why_not
from harness.target.loader import find_target, load_target
from harness.target.spec import Target

FRAME = Stroke(link="frame", fault="refused", phase=Phase.AFTER_LOAD)
VERDICT = Stroke(link="verdict", fault="hang", phase=Phase.DURING_VERDICT)
SUBMIT = Stroke(link="submit", fault="latency", phase=Phase.BEFORE_SUBMIT, warmth=Warmth.WARM)


@pytest.fixture(scope="module")
def shop() -> Target:
    return load_target(find_target(None))


def test_it_waits_as_long_as_its_faults_one_after_the_other(plan: Plan, shop: Target) -> None:
    alone = {one.id: one.expect for one in plan.scenarios}
    both = scheduled(plan, shop, "login", Schedule(strokes=(FRAME, VERDICT))).expect
    frame, verdict = alone["login-1004-frame-refused-cold"], alone["login-2001-verdict-hang-cold"]
    waits_ms = frame.minted_after_ms + verdict.minted_after_ms
    # Beside the waits of both: the challenge, the submit and the margins of the one that has more of them, the verdict's.
    beside_ms = verdict.business_budget_ms - verdict.minted_after_ms
    assert both.business_budget_ms == beside_ms + waits_ms
    assert beside_ms > frame.business_budget_ms - frame.minted_after_ms
    assert (both.codes, both.minted_by, both.looks) == ((), None, False)


# fixtures/shop/captchaos.toml: checkout steps up while the verdict API answers, and while it does not; login accepts.
@pytest.mark.parametrize(
    ("flow", "strokes", "policy", "up"),
    [
        ("login", (FRAME,), Policy.ACCEPT, None),
        ("login", (FRAME, VERDICT), Policy.ACCEPT, Policy.ACCEPT),
        ("checkout", (VERDICT,), Policy.STEP_UP, None),
        ("checkout", (VERDICT, FRAME), Policy.STEP_UP, Policy.STEP_UP),
    ],
)
def test_the_policy_is_that_of_the_sides_that_break(
    plan: Plan, shop: Target, flow: str, strokes: tuple[Stroke, ...], policy: Policy, up: Policy | None
) -> None:
    expect = scheduled(plan, shop, flow, Schedule(strokes=strokes)).expect
    assert (expect.policy, expect.policy_up) == (policy, up)


def test_a_user_of_another_build_who_waits_first_is_one_in_the_schedule_too(plan: Plan, shop: Target) -> None:
    # The newer build's frame hangs for 45 s from the load, and the user clicks after 26 of them (PITFALLS: show()'s own timer).
    alone = next(one for one in plan.scenarios if one.id == "login-1004-frame-hang-cold-newer")
    small = Schedule(strokes=(stroke_of(alone),))
    kept = scheduled(plan, shop, "login", small, manner=Manner.of(alone))
    assert (kept.build, kept.behaviour.pause_before_show_ms) == ("newer", 26_000)
    # From the click on it is given as much as where it stood alone.
    assert kept.expect.business_budget_ms == alone.expect.business_budget_ms
    assert kept.id != scheduled(plan, shop, "login", small).id
    # A fault that the plan has for the usual build only.
    assert scheduled(plan, shop, "login", Schedule(strokes=(VERDICT,)), manner=Manner.of(alone)).build == "newer"


def test_the_targets_own_edge_is_known_for_what_it_is(plan: Plan, shop: Target) -> None:
    planned = scheduled(plan, shop, "login", Schedule(strokes=(FRAME, SUBMIT)))
    assert [one.own_edge for one in planned.schedule] == [False, True]


def test_an_apps_bridge_is_not_the_way_between_the_user_and_the_target(plan: Plan, shop: Target) -> None:
    silent = Stroke(link="bridge", fault="bridge-silent", phase=Phase.BEFORE_LOAD)
    (known,) = scheduled(plan, shop, "app-checkout", Schedule(strokes=(silent,))).schedule
    assert not known.own_edge


def test_ids_are_readable_and_differ_by_what_they_leave_out(plan: Plan, shop: Target) -> None:
    short = Stroke(link="verdict", fault="hang", phase=Phase.DURING_VERDICT, lasts_ms=500)
    ids = {scheduled(plan, shop, "login", Schedule(strokes=(FRAME, one))).id for one in (VERDICT, short)}
    assert len(ids) == 2
    assert all(one.startswith("login-schedule-frame-refused-cold-and-verdict-hang-cold-") for one in ids)


def test_its_strokes_are_the_plans_own_without_those_that_need_a_user_who_waits(plan: Plan) -> None:
    found = strokes_of(plan, "login")
    assert {FRAME, VERDICT} < set(found)
    waits = {
        (one.link, one.fault.name, one.warmth) for one in plan.scenarios if one.fault and one.behaviour.pause_before_show_ms
    }
    assert ("frame", "hang", Warmth.COLD) in waits
    assert len(found) == len(set(found))


def cold(link: str, fault: str, phase: Phase) -> Stroke:
    return Stroke(link=link, fault=fault, phase=phase)


def with_number(link: str, fault: str, name: str, value: int) -> Stroke:
    return Stroke(link=link, fault=fault, phase=Phase.AFTER_LOAD, parameters=((name, value),))


@pytest.mark.parametrize(
    ("strokes", "words"),
    [
        ((cold("frames", "refused", Phase.AFTER_LOAD),), "did you mean 'frame'?"),
        ((cold("frame", "refusd", Phase.AFTER_LOAD),), "did you mean 'refused'?"),
        # Whether two fit together is only asked of faults that are right alone.
        ((FRAME, cold("gone.example", "refused", Phase.AFTER_LOAD)), "the target has no link 'gone.example'"),
        ((FRAME, cold("verdict", "refusd", Phase.DURING_VERDICT)), "did you mean 'refused'?"),
        ((with_number("frame", "refused", "bogus", 1),), "the fault 'refused' has no parameter 'bogus'; it takes none"),
        ((with_number("frame", "latency", "latency_sm", 1),), "did you mean 'latency_ms'?"),
        ((with_number("frame", "latency", "latency_ms", -1),), "must be a whole number from 0, not -1"),
        ((cold("frame", "refused", Phase.DURING_VERDICT),), "it can be struck then or before-load, not during-verdict"),
        (
            (FRAME, Stroke(link="frame", fault="latency", phase=Phase.AFTER_LOAD, warmth=Warmth.WARM)),
            "the same connection is fresh or open already, not both",
        ),
        (
            (cold("frame", "status-404", Phase.AFTER_LOAD), cold("frame", "empty", Phase.AFTER_LOAD)),
            "one answer is altered in one way",
        ),
        (
            # Both of a kind, on hosts that they share: one toxic.
            (cold("config", "hang", Phase.BEFORE_SHOW), cold("verify", "timeout", Phase.MID_CHALLENGE)),
            "the end of one is the end of both",
        ),
        (
            (
                Stroke(link="verdict", fault="expired-certificate", phase=Phase.DURING_VERDICT, warmth=Warmth.WARM),
                FRAME,
            ),
            "cold, not warm",
        ),
        ((), "a schedule has one fault at least"),
        ((FRAME, FRAME), "the end of one is the end of both"),
        ((Stroke(link="frame", fault="refused", phase=Phase.AFTER_LOAD, lasts_ms=0),), "must last 1 ms at least, not 0"),
    ],
)
def test_what_cannot_be_struck_together_is_refused(plan: Plan, shop: Target, strokes: tuple[Stroke, ...], words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("?", r"\?")):
        scheduled(plan, shop, "login", Schedule(strokes=strokes))


def test_combinations_of_toxics_on_one_link_and_faults_on_two_are_right(plan: Plan) -> None:
    slow = Stroke(link="verdict", fault="latency", phase=Phase.DURING_VERDICT)
    cut = Stroke(link="verdict", fault="limit-data", phase=Phase.DURING_VERDICT)
    assert why_not((slow, cut), plan.links) == ""
    assert why_not((FRAME, VERDICT), plan.links) == ""


@pytest.mark.parametrize(
    ("flow", "profile", "words"),
    [("logn", "", "did you mean 'login'"), ("login", "phon", "did you mean 'phone'"), ("mini-profile", "phone", "has no page")],
)
def test_a_flow_or_page_that_there_is_not_is_refused(plan: Plan, shop: Target, flow: str, profile: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        scheduled(plan, shop, flow, Schedule(strokes=(FRAME,)), profile=profile)
