"""No verdict without the healthy controls of the same slot, flow and client build."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.journal.model import Judgement, Verdict
from harness.judge import judge
from suites.selftest.judge.records import client_fault, control, judged, sick_control, with_scenario


def test_a_control_is_judged_by_itself():
    assert judge(control(), controls=()) == Judgement(verdict=Verdict.PASS)
    sick = judge(sick_control(), controls=())
    assert sick.verdict is Verdict.FAIL
    assert {found.oracle for found in sick.findings} == {"healthy-control", "nothing-for-free"}


def test_without_a_control_nothing_passes():
    judgement = judge(client_fault(), controls=())
    assert judgement.verdict is Verdict.UNKNOWN
    assert judgement.unknown_because == "no control ran in slot 0"


def test_a_control_of_another_slot_does_not_count():
    assert "slot 0" in judged(client_fault(), replace(control(), slot=1)).unknown_because


def test_a_fault_record_is_no_control():
    assert judged(client_fault(), client_fault()).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("order", [(control(), sick_control()), (sick_control(), control())])
def test_one_unhealthy_control_before_or_after_is_enough(order):
    judgement = judged(client_fault(), *order)
    assert judgement.verdict is Verdict.UNKNOWN
    assert "not healthy: control-login" in judgement.unknown_because


def test_an_unhealthy_control_of_another_slot_is_not_its_business():
    assert judged(client_fault(), control(), replace(sick_control(), slot=1)).verdict is Verdict.PASS


def test_another_flows_control_says_nothing_on_this_flow():
    other = with_scenario(control(), flow="checkout")
    assert "no control ran the flow login" in judged(client_fault(), other).unknown_because
    assert judged(client_fault(), other, replace(control(), slot=1)).verdict is Verdict.PASS
