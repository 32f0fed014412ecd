"""The client scripts that a faulted page got are the ones its control got."""

from __future__ import annotations

from dataclasses import replace

from harness.catalog import Family
from harness.journal.model import Verdict
from suites.selftest.judge.records import REFUSED, SCRIPTS, client_fault, control, judged, with_evidence, with_scenario

CHANGED = (("entry", "aa"), ("frame", "XX"))


def test_a_client_script_that_differs_from_the_controls_is_unknown():
    judgement = judged(with_evidence(client_fault(), scripts=CHANGED))
    assert judgement.verdict is Verdict.UNKNOWN
    assert judgement.unknown_because == "client script differs from the control's: frame"


def test_a_script_the_control_never_saw_differs():
    assert judged(with_evidence(client_fault(), scripts=(*SCRIPTS, ("extra", "cc")))).verdict is Verdict.UNKNOWN


def test_a_response_fault_makes_its_own_links_script_and_no_other():
    garbage = replace(REFUSED, family=Family.RESPONSE)
    record = with_scenario(with_evidence(client_fault(), scripts=CHANGED), fault=garbage)
    assert judged(record).verdict is Verdict.PASS
    assert judged(with_scenario(record, link="entry")).verdict is Verdict.UNKNOWN


def test_builds_are_compared_with_controls_of_their_own():
    newer = with_scenario(with_evidence(client_fault(), scripts=CHANGED), build="newer")
    assert "no control ran the client build newer" in judged(newer).unknown_because
    of_newer = with_scenario(with_evidence(control(), scripts=CHANGED), build="newer")
    assert judged(newer, control(), of_newer).verdict is Verdict.PASS
