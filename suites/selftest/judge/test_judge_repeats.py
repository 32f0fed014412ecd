"""What is repeated takes effect once: by a fault that comes back, a user who goes back, two tabs."""

from __future__ import annotations

from typing import Any

import pytest

from harness.catalog import Behaviour, Habit
from harness.journal.model import Applied, Event, Limits, Record, Verdict
from harness.judge.felt import felt
from suites.selftest.judge.records import (
    TICKET_1004,
    at,
    client_fault,
    judged,
    server_fault,
    submit,
    the_one,
    visit,
    with_evidence,
    with_expect,
    with_scenario,
    with_visit,
)


def came_back(*, outcome: Any = "stepped-up", effects: int = 1) -> Record:
    """The verdict API is refused for one user, whole again, and refused for the next."""
    record = with_scenario(server_fault(), id="checkout-recovery-flaps-verdict-refused", kind="recovery", strikes="flaps")
    twice = [Applied(action=what, moment=at(ms), receipts=("read back",)) for ms, what in enumerate(["apply", "heal"] * 2)]
    again = visit("comes-back", outcome, effects=effects, step_up_offered=True)
    honest, *others = record.evidence.visits
    return with_evidence(record, applied=tuple(twice), visits=(honest, again, *others))


def two_tabs(effects: int, *, per_account: int, apart_ms: float = 3) -> Record:
    behaviour = Behaviour(habit=Habit.SECOND_TAB)
    record = with_scenario(client_fault(), id="login-recovery-second-tab-entry-refused", kind="recovery", behaviour=behaviour)
    record = with_visit(with_expect(record, limits=Limits(per_account=per_account)), effects=effects)
    return with_evidence(record, submits=tuple(submit(TICKET_1004, at_ms=at_ms) for at_ms in (1500, 1500 + apart_ms)))


def went_back(effects: int = 0) -> Record:
    """A user who went back when all was done, and came again without solving."""
    behaviour = Behaviour(habit=Habit.GOES_BACK)
    record = with_scenario(client_fault(), id="login-recovery-goes-back-entry-refused", kind="recovery", behaviour=behaviour)
    back = visit("back", "unverified" if effects else "refused", effects=effects)
    return with_evidence(record, visits=(*record.evidence.visits, back))


@pytest.mark.parametrize(("record", "repeats"), [(went_back(), "back"), (came_back(), "comes-back")])
def test_a_visit_that_repeats_and_was_never_made_is_unknown_and_no_pass(record: Record, repeats: str) -> None:
    assert judged(record).verdict is Verdict.PASS
    without = with_evidence(record, visits=tuple(one for one in record.evidence.visits if one.name != repeats))
    judgement = judged(without)
    assert judgement.verdict is Verdict.UNKNOWN
    said = f"exactly-once cannot tell: the visit {repeats}, which repeats what may take effect once, was not recorded"
    assert said in judgement.unknown_because


def test_who_goes_back_gets_nothing_more() -> None:
    assert the_one("exactly-once", went_back(effects=1)).expected.startswith("no second effect")


def test_a_captcha_that_flaps_for_one_user_asks_for_no_second_one() -> None:
    """On a link of the browser's side the fault comes back for the same user."""
    record = with_scenario(client_fault(), id="login-recovery-flaps-frame-refused", kind="recovery", strikes="flaps")
    assert judged(with_evidence(record, applied=came_back().evidence.applied)).verdict is Verdict.PASS


def test_the_next_user_of_a_fault_that_comes_back_is_served_once() -> None:
    assert judged(came_back()).verdict is Verdict.PASS


@pytest.mark.parametrize(("outcome", "effects"), [("stepped-up", 2), ("stepped-up", 0), ("nothing", 0), ("refused", 1)])
def test_anything_else_for_the_next_user_is_found(outcome: str, effects: int) -> None:
    assert "exactly once" in the_one("exactly-once", came_back(outcome=outcome, effects=effects)).expected


def test_a_fault_that_came_only_once_did_not_flap() -> None:
    record = came_back()
    once = with_evidence(record, applied=record.evidence.applied[:2])
    assert felt(once).reason == "the fault refused did not come back after its first end"


@pytest.mark.parametrize(
    ("effects", "per_account", "right"), [(1, 1, True), (2, 1, False), (2, 2, True), (1, 3, True), (3, 9, False)]
)
def test_two_tabs_may_have_what_the_limit_for_an_account_says(effects: int, per_account: int, right: bool) -> None:
    judgement = judged(two_tabs(effects, per_account=per_account))
    assert [found.oracle for found in judgement.findings] == ([] if right else ["business-completes"])


@pytest.mark.parametrize(("apart_ms", "verdict"), [(999.0, Verdict.PASS), (10_000.0, Verdict.UNKNOWN)])
def test_two_tabs_whose_submits_did_not_arrive_together_tell_nothing_of_a_race(apart_ms: float, verdict: Verdict) -> None:
    judgement = judged(two_tabs(1, per_account=1, apart_ms=apart_ms))
    assert judgement.verdict is verdict
    assert ("two tabs did not arrive together" in judgement.unknown_because) is (verdict is Verdict.UNKNOWN)


def with_habit(habit: Habit, *marks: str) -> Record:
    """A user who does something besides, and what the lab noted of it."""
    record = with_scenario(client_fault(), kind="recovery", behaviour=Behaviour(habit=habit))
    return with_evidence(
        record, events=tuple(Event(what=what, moment=at(2000), visit="honest", detail="why") for what in marks)
    )


@pytest.mark.parametrize(
    ("habit", "marks", "unknown"),
    [
        (Habit.PRESSES_AGAIN, ("pressed-again",), ""),
        (Habit.PRESSES_AGAIN, ("nothing-to-press",), ""),
        (Habit.PRESSES_AGAIN, ("habit-failed",), "besides (presses-again) did not take place: why"),
        (Habit.PRESSES_AGAIN, (), "besides (presses-again) did not take place: nothing of it was recorded"),
        (Habit.SECOND_TAB, ("second-tab-sent-nothing",), ""),
        (Habit.SECOND_TAB, ("habit-failed",), "two tabs did not arrive together: why"),
        (Habit.SECOND_TAB, (), "two tabs did not arrive together"),
        (Habit.SOLVES_LATE, ("solved-late",), ""),
        (Habit.SOLVES_LATE, ("nothing-late",), ""),
        (Habit.SOLVES_LATE, ("habit-failed",), "besides (solves-late) did not take place: why"),
        (Habit.NONE, (), ""),
    ],
)
def test_what_a_user_was_to_do_and_did_not_is_never_a_pass(habit: Habit, marks: tuple[str, ...], unknown: str) -> None:
    judgement = judged(with_habit(habit, *marks))
    assert judgement.verdict is (Verdict.UNKNOWN if unknown else Verdict.PASS)
    assert unknown in judgement.unknown_because


def test_what_was_found_of_a_user_who_could_not_even_press_again_stands() -> None:
    record = with_visit(with_habit(Habit.PRESSES_AGAIN), outcome="nothing", effects=0)
    assert judged(record).verdict is Verdict.FAIL


