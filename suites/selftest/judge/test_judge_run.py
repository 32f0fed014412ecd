"""The judgement of a whole run: repeats, resumed runs, slots and their controls."""

from __future__ import annotations

from dataclasses import replace

from harness.journal.model import Verdict
from harness.judge import ORACLES, judge_run
from suites.selftest.judge.records import client_fault, control, sick_control, with_scenario, with_visit


def test_an_oracle_that_raises_is_named_and_the_run_goes_on(monkeypatch):
    other = with_scenario(client_fault(), id="other", strikes="once")

    def explode(scenario):
        raise RuntimeError("by design")

    monkeypatch.setattr(ORACLES.get("recovers"), "examine", explode)
    run = judge_run([control(), client_fault(), other])
    assert run["login-frame-refused"].verdict is Verdict.UNKNOWN
    assert run["login-frame-refused"].unknown_because == "the oracle recovers crashed: RuntimeError: by design"
    assert run["other"].verdict is Verdict.PASS
    monkeypatch.setattr(ORACLES.get("recovers"), "applies", explode)
    run = judge_run([control(), client_fault(), other])
    assert {judgement.verdict for judgement in run.values()} == {Verdict.UNKNOWN}
    assert "the oracle recovers crashed: RuntimeError: by design" in run["other"].unknown_because


def test_of_repeats_only_the_last_attempt_counts():
    bad = with_visit(client_fault(), effects=2)
    run = judge_run([control(), bad, replace(client_fault(), attempt=2)])
    assert run["login-frame-refused"].verdict is Verdict.PASS
    run = judge_run([control(), replace(bad, attempt=2), client_fault()])
    assert run["login-frame-refused"].verdict is Verdict.FAIL


def test_a_resumed_run_that_ran_a_scenario_again_counts_the_later_record():
    bad = with_visit(client_fault(), effects=2)
    assert judge_run([control(), bad, client_fault()])["login-frame-refused"].verdict is Verdict.PASS
    assert judge_run([control(), client_fault(), bad])["login-frame-refused"].verdict is Verdict.FAIL


def test_each_scenario_answers_to_its_own_slot():
    other = with_scenario(replace(client_fault(), slot=1), id="other")
    run = judge_run([control(), replace(sick_control(), slot=1), client_fault(), other])
    assert run["login-frame-refused"].verdict is Verdict.PASS
    assert run["other"].verdict is Verdict.UNKNOWN


def test_a_control_in_many_slots_is_told_at_its_worst():
    for order in ([control(), replace(sick_control(), slot=1)], [sick_control(), replace(control(), slot=1)]):
        assert judge_run(order)["control-login"].verdict is Verdict.FAIL


def test_a_control_that_fails_only_at_the_end_of_its_slot_still_counts():
    assert judge_run([control(), client_fault(), sick_control()])["login-frame-refused"].verdict is Verdict.UNKNOWN


def test_a_repeat_at_one_end_of_a_slot_says_nothing_of_the_control_at_the_other():
    repeated = [sick_control(), replace(control(), attempt=2)]
    assert judge_run([*repeated, client_fault(), sick_control()])["login-frame-refused"].verdict is Verdict.UNKNOWN
    assert judge_run([sick_control(), client_fault(), *repeated])["login-frame-refused"].verdict is Verdict.UNKNOWN
    assert judge_run([*repeated, client_fault(), *repeated])["login-frame-refused"].verdict is Verdict.PASS


def test_a_repeated_control_replaces_its_first_attempt():
    run = judge_run([sick_control(), replace(control(), attempt=2), client_fault()])
    assert {judgement.verdict for judgement in run.values()} == {Verdict.PASS}
