"""From findings to a verdict: unknown is never a pass."""

from __future__ import annotations

import pytest

from harness.journal.model import Judgement, Severity, Verdict
from harness.judge import ORACLES, finding, judge
from suites.selftest.judge.records import client_fault, control, judged, server_fault, with_evidence, with_visit


@pytest.mark.parametrize("good", [client_fault, server_fault])
def test_a_felt_fault_a_healthy_control_and_no_finding_is_a_pass(good):
    assert judged(good()) == Judgement(verdict=Verdict.PASS, fault_felt=True)


def test_a_finding_is_a_fail():
    judgement = judged(with_visit(client_fault(), effects=2))
    assert judgement.verdict is Verdict.FAIL
    assert [found.oracle for found in judgement.findings] == ["business-completes"]
    assert judgement.unknown_because == ""


def test_findings_are_listed_though_the_verdict_is_unknown():
    judgement = judged(with_evidence(with_visit(client_fault(), effects=2), sightings=()))
    assert judgement.verdict is Verdict.UNKNOWN
    assert [found.oracle for found in judgement.findings] == ["business-completes"]


def test_a_broken_laboratory_says_nothing_about_the_target():
    for record in (client_fault(), control()):
        judgement = judged(with_evidence(record, lab_error="the browser crashed"))
        assert judgement.verdict is Verdict.UNKNOWN
        assert "the browser crashed" in judgement.unknown_because


def test_an_oracle_that_crashes_is_named_and_the_others_still_speak(monkeypatch):
    def explode(record):
        raise ZeroDivisionError("by design")

    monkeypatch.setattr(ORACLES.get("bounded-wait"), "examine", explode, raising=True)
    judgement = judged(with_visit(client_fault(), effects=2))
    assert judgement.verdict is Verdict.UNKNOWN
    assert "bounded-wait crashed: ZeroDivisionError: by design" in judgement.unknown_because
    assert [found.oracle for found in judgement.findings] == ["business-completes"]


def test_an_oracle_that_crashes_on_the_control_makes_its_slot_unhealthy(monkeypatch):
    def explode(record):
        raise KeyError("x")

    monkeypatch.setattr(ORACLES.get("healthy-control"), "examine", explode)
    assert judged(control()).verdict is Verdict.UNKNOWN
    assert judged(client_fault()).verdict is Verdict.UNKNOWN


def test_missing_evidence_is_said_by_the_oracle_that_misses_it():
    judgement = judged(with_evidence(client_fault(), visits=client_fault().evidence.visits[1:]))
    assert judgement.verdict is Verdict.UNKNOWN
    assert "the oracle business-completes cannot tell: no visit of the honest user" in judgement.unknown_because


def test_a_scenario_nobody_speaks_on_is_unknown(monkeypatch):
    for oracle in ORACLES:
        monkeypatch.setattr(oracle, "applies", lambda scenario: False)
    judgement = judge(control(), controls=())
    assert judgement.verdict is Verdict.UNKNOWN
    assert "no oracle" in judgement.unknown_because


def test_an_oracle_of_somebody_elses_package_is_asked_like_our_own(monkeypatch):
    class NoScreenshot:
        slug = "screenshot"
        demands = "Every visit leaves a screenshot."
        why = "A report without one is hard to believe."
        source = "our own rules, 4.2"
        severity = Severity.MINOR
        mend = "Front end: nothing. Back end: nothing."
        needs = "fault"

        def applies(self, scenario):
            return scenario.kind == "fault"

        def examine(self, record):
            bare = [visit.name for visit in record.evidence.visits if not visit.screenshot]
            return tuple(finding(self, expected="a screenshot", seen=f"none of {name}") for name in bare[:1])

    ORACLES.all()
    monkeypatch.setitem(ORACLES._parts, "screenshot", NoScreenshot())
    judgement = judged(client_fault())
    assert judgement.verdict is Verdict.FAIL
    assert judgement.findings[0].seen == "none of honest"


def test_the_judge_keeps_no_list_of_its_own():
    """An oracle is found by standing in its folder."""
    assert set(ORACLES.all()) >= {
        "fallback-ticket",
        "business-completes",
        "page-usable",
        "nothing-for-free",
        "verdict-is-a-verdict",
        "bounded-wait",
        "healthy-control",
        "recovers",
    }
