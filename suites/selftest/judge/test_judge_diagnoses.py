"""The reasons that have a name reach whoever reads a verdict: why a control is not healthy, which flow bears no other clock."""

from __future__ import annotations

from dataclasses import replace

from harness.journal.model import Diagnosis, Record
from harness.judge.clocks import clock_sensitive
from harness.judge.repeat import ADVANCED, INSTALLED
from harness.judge.verdict import judge_run
from harness.report.diagnosed import diagnosis_lines
from suites.selftest.judge.records import client_fault, control, judged, sick_control, visit, with_evidence, with_scenario

WHY = Diagnosis(name="redirects-to-https", seen="GET / was answered 301 to https://127.0.0.1:4711/", mend="switch it off")


def sick() -> Record:
    return with_evidence(sick_control(), diagnoses=(WHY,))


def advanced(id_: str, first: str = "nothing", second: str = "unverified", flow: str = "login") -> tuple[Record, ...]:
    """A scenario whose page's clock was advanced, how its user fared, and how in real time."""
    scenario = with_scenario(client_fault(), id=id_, flow=flow)
    began = with_evidence(scenario, clock="advanced", visits=(visit("honest", first),))
    again = with_evidence(scenario, visits=(visit("honest", second),))
    return began, replace(again, attempt=2, repeat_reason=ADVANCED)


def by_a_clock_never_moved(id_: str) -> tuple[Record, ...]:
    """The same where the clock stood in the past, and nothing of the page waited for it."""
    first, again = advanced(id_)
    return with_evidence(first, clock="installed"), replace(again, repeat_reason=INSTALLED)


def test_a_scenario_that_is_unknown_by_its_control_says_what_is_wrong_there():
    why = judged(client_fault(), sick()).unknown_because
    assert "not healthy: control-login (redirects-to-https: GET / was answered 301" in why


def test_a_terminal_says_each_reason_once_with_what_to_do():
    records = (sick(), replace(sick(), attempt=2), replace(sick(), slot=1))
    assert diagnosis_lines(records, judge_run(records)) == [f"control-login is not healthy: {WHY}", "  → switch it off"]


def test_what_a_healthy_control_has_seen_besides_is_no_reason():
    record = with_evidence(control(), diagnoses=(WHY,))
    assert diagnosis_lines([record], judge_run([record])) == []


def test_a_flow_that_comes_through_in_real_time_alone_is_clock_sensitive():
    records = [*advanced("a"), *advanced("b"), *advanced("d"), *advanced("c", flow="checkout", first="unverified")]
    (found,) = clock_sensitive(records)
    assert (found.name, found.seen) == (
        "clock-sensitive",
        "flow login, 3 of 3 scenarios whose page began with Date in the past came through in real time alone, as a",
    )
    assert "--real-time" in found.mend
    assert diagnosis_lines(records, {})[0].startswith("clock-sensitive: flow login, 3 of 3")


def test_a_page_whose_clock_stood_in_the_past_and_was_never_moved_is_told_as_well():
    records = [*by_a_clock_never_moved("a"), *by_a_clock_never_moved("b"), *advanced("c")]
    (found,) = clock_sensitive(records)
    assert found.seen.startswith("flow login, 3 of 3 scenarios whose page began with Date in the past")


def test_two_may_have_been_slow_by_chance():
    assert clock_sensitive([*advanced("a"), *advanced("b")]) == ()


def test_one_of_several_may_be_a_busy_machine_and_one_that_never_came_through_is_no_matter_of_clocks():
    fine = with_evidence(with_scenario(client_fault(), id="b"), clock="advanced")
    more = with_evidence(with_scenario(client_fault(), id="c"), clock="advanced")
    assert clock_sensitive([*advanced("a"), fine, more]) == ()
    assert clock_sensitive(advanced("a", second="nothing")) == ()
