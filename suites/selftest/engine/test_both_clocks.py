"""Advancing the page's clock changes how long a run takes, and nothing else: the same verdicts and tickets as in real time."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness import tickets
from harness.catalog import Behaviour
from harness.journal.model import Record, Scenario, Verdict
from harness.judge.repeat import near_budget
from harness.judge.verdict import judge
from harness.plan.build import Plan, make_plan
from harness.target.loader import find_target, load_target

# The codes are the vendor's (2001: ours); checkout's watchdog comes after 8 s, before the vendor's 20 s, and mints 1001.
THAT_HANG = {
    "login-1002-frame-hang-cold": {1002},
    "checkout-1002-frame-hang-warm": {1001},
    "login-1003-frame-hang-cold": {1003},
    "login-1006-config-hang-warm": {1006},
    "login-1007-template-hang-cold": {1007},
    "login-1013-verify-hang-cold": {1013},
}
THAT_DO_NOT = {
    "login-1001-entry-csp-blocked-cold": {1001},
    "login-1004-frame-reset-warm": {1004},
    "checkout-1005-frame-throws-cold": {1005},
    "login-1014-config-config-rate-limited-cold-newer": {1014},
    "checkout-2001-verdict-hang-cold": {2001},
    "login-own-edge-submit-answer-lost-warm": set(),
}
# Real waits of up to 45 s, on a machine that may be busy.
pytestmark = pytest.mark.timeout(1200)
TWELVE = THAT_HANG | THAT_DO_NOT
# Every day in real time, too: the client's own two waits, and a page's watchdog. By night it is the whole plan.
IN_REAL_TIME = {
    name: THAT_HANG[name]
    for name in ("login-1002-frame-hang-cold", "checkout-1002-frame-hang-warm", "login-1006-config-hang-warm")
}
SLOW_USER = "checkout-slow-user"
SLIDER_MS = 30_000


def a_user_who_takes_thirty_seconds(plan: Plan) -> Sequence[Scenario]:
    healthy = next(control for control in plan.controls if control.id == "checkout-control-classic")
    expect = replace(healthy.expect, business_budget_ms=healthy.expect.business_budget_ms + SLIDER_MS)
    return [replace(healthy, id=SLOW_USER, behaviour=Behaviour(refresh=True, solve_ms=SLIDER_MS), expect=expect)]


def codes(record: Record) -> set[int]:
    """Codes of the fallback tickets that the honest user's browser handed over, or that the server minted for it."""
    handed_over = [t for t in record.evidence.tickets if t.visit == "honest" and t.where in ("submit", "answer")]
    seen = [tickets.read(ticket.text).ticket for ticket in handed_over]
    return {ticket.code for ticket in seen if ticket is not None}


@pytest.fixture(scope="module")
def advanced(run_scenarios: Callable[..., Any]) -> Any:
    return run_scenarios(*TWELVE)


@pytest.fixture(scope="module")
def real(run_scenarios: Callable[..., Any]) -> Any:
    # Those that do not hang are in real time either way; by night the whole plan is run both ways.
    return run_scenarios(*IN_REAL_TIME, real_time=True, jobs=4, also=a_user_who_takes_thirty_seconds)


def test_twelve_scenarios_of_all_families_pass_with_an_advanced_clock(advanced: Any) -> None:
    said = {name: (advanced.judgements[name].verdict, advanced.judgements[name].unknown_because) for name in TWELVE}
    assert said == dict.fromkeys(TWELVE, (Verdict.PASS, ""))


def test_no_repeat_in_real_time_was_needed_but_for_a_busy_machine(advanced: Any) -> None:
    firsts = [advanced.first(name) for name in TWELVE]
    judged = {record.scenario.id: judge(record, controls=advanced.records) for record in firsts if not near_budget(record)}
    assert {name: judgement for name, judgement in judged.items() if judgement.verdict is not Verdict.PASS} == {}


def test_those_that_hang_pass_in_real_time_too(real: Any) -> None:
    said = {name: (real.judgements[name].verdict, real.judgements[name].unknown_because) for name in IN_REAL_TIME}
    assert said == dict.fromkeys(IN_REAL_TIME, (Verdict.PASS, ""))


def test_both_clocks_bring_the_documented_codes(advanced: Any, real: Any) -> None:
    assert {name: codes(advanced.first(name)) for name in TWELVE} == TWELVE
    assert {name: codes(real.record(name)) for name in IN_REAL_TIME} == IN_REAL_TIME


def test_only_what_hangs_on_a_browser_link_is_advanced(advanced: Any, real: Any) -> None:
    assert {name for name in TWELVE if advanced.first(name).evidence.clock == "advanced"} == set(THAT_HANG)
    assert {name for name in IN_REAL_TIME if real.record(name).evidence.clock == "advanced"} == set()


def test_a_ticket_minted_after_45_seconds_of_page_time_bears_the_true_time(advanced: Any) -> None:
    for name in ("login-1003-frame-hang-cold", "login-1013-verify-hang-cold"):
        record = advanced.first(name)
        [handed] = [seen for seen in record.evidence.tickets if seen.visit == "honest" and seen.where == "submit"]
        ticket = tickets.read(handed.text).ticket
        assert ticket is not None
        assert record.evidence.advanced_ms > 30_000
        assert abs(ticket.timestamp_s - handed.unix_s) < 60


def test_the_wait_a_user_would_have_had_is_the_same_on_both_clocks(advanced: Any, real: Any) -> None:
    # Documented page time from the click: 20 s for 1002 and 1006, checkout's watchdog 8 s. Not 1013: a handshake that hangs is
    # given up by Chromium itself after 30 s of real time, so its third attempt fails sooner than the client's own 15 s.
    expected = {"login-1002-frame-hang-cold": 20, "login-1006-config-hang-warm": 20, "checkout-1002-frame-hang-warm": 8}
    for name, seconds in expected.items():
        for ran in (advanced, real):
            waited_ms = ran.first(name).evidence.visits[0].fallback_ms
            assert seconds * 1000 - 100 <= waited_ms <= seconds * 1000 + 5000, name


def test_the_watchdog_wins_and_the_vendors_late_callback_never_orders_twice(advanced: Any, real: Any) -> None:
    for ran in (advanced, real):
        evidence = ran.first("checkout-1002-frame-hang-warm").evidence
        vendor_said = [json.loads(callback.fields) for callback in evidence.callbacks if callback.visit == "honest"]
        late = [said for said in vendor_said if said.get("errorCode") == 1002]
        assert len(late) == 1, "the vendor's own callback was waited for, and came"
        submitted = [submit.ticket for submit in evidence.submits if submit.visit == "honest"]
        assert late[0]["ticket"] not in submitted
        assert late[0]["ticket"] in [seen.text for seen in evidence.tickets if seen.where == "callback"]
        assert evidence.visits[0].effects == 1


def test_a_user_who_takes_thirty_seconds_over_the_slider_is_verified_normally(real: Any) -> None:
    record = real.record(SLOW_USER)
    [visit] = record.evidence.visits
    assert (visit.outcome, visit.effects, visit.step_up_offered) == ("verified", 1, False)
    assert visit.business_ms is not None
    assert visit.business_ms > SLIDER_MS
    assert codes(record) == set()


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_the_whole_plan_has_the_same_verdicts_on_both_clocks(run_scenarios: Callable[..., Any]) -> None:
    every = [scenario.id for scenario in make_plan(load_target(find_target(None))).scenarios]
    fast, slow = run_scenarios(*every, jobs=8), run_scenarios(*every, jobs=8, real_time=True)
    verdicts = {name: (fast.judgements[name].verdict, slow.judgements[name].verdict) for name in every}
    assert {name: pair for name, pair in verdicts.items() if pair[0] is not pair[1]} == {}
    assert {name for name in every if codes(fast.record(name)) != codes(slow.record(name))} == set()
