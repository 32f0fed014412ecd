"""The oracle observable: who runs the target sees the degraded mode where the target file says, and sees it end."""

from __future__ import annotations

from typing import Any

import pytest

from harness.journal.model import Record, Severity, Signalled, Verdict
from harness.judge import ORACLES
from suites.selftest.judge.records import (
    ask,
    client_fault,
    control,
    judged,
    server_fault,
    sick_control,
    the_one,
    with_expect,
    with_scenario,
    with_visit,
)

SLUG = "observable"
PLACES = ("the word 'captcha.degraded' in its output", "captcha_degraded_total at /metrics")
QUIET = Signalled(log=0, metric=0.0)
LOUD = Signalled(log=1, metric=1.0)


def watched(record: Record, **visits: Signalled | None) -> Record:
    """A target that signals once with the honest user's visit and with no other one; ``visits`` say otherwise."""
    record = with_expect(record, signals=PLACES)
    quiet = dict.fromkeys(("control", "same_tab", "new_tab", "new_visitor"), QUIET)
    signalled: dict[str, Any] = {"honest": LOUD, **quiet, **visits}
    for name, said in signalled.items():
        record = with_visit(record, name.replace("_", "-"), signalled=said)
    return record


@pytest.mark.parametrize("good", [client_fault, server_fault, control])
def test_a_signal_with_the_degraded_visit_and_no_other_is_as_it_should_be(good):
    assert ask(SLUG, watched(good())) == ()
    assert judged(watched(good())).verdict is Verdict.PASS


@pytest.mark.parametrize("said", [Signalled(log=0), Signalled(metric=0.0), QUIET], ids=["log", "metric", "both"])
@pytest.mark.parametrize("fault", [client_fault, server_fault])
def test_a_degraded_visit_that_nobody_is_told_of_is_found(fault, said):
    found = the_one(SLUG, watched(fault(), honest=said))
    assert found.severity is Severity.MAJOR
    assert found.seen.startswith("honest ended ")
    assert found.seen.endswith(", and nothing was signalled")
    assert judged(watched(fault(), honest=said)).verdict is Verdict.FAIL


@pytest.mark.parametrize("said", [Signalled(log=2, metric=0.0), Signalled(log=0, metric=1.0), Signalled(metric=3.0)])
def test_one_of_the_two_places_is_enough(said):
    assert ask(SLUG, watched(client_fault(), honest=said)) == ()


def test_a_metric_that_is_not_there_is_said_to_be_missing():
    said = Signalled(metric=0.0, missing="no captcha_degraded_totl; did you mean 'captcha_degraded_total'?")
    seen = the_one(SLUG, watched(client_fault(), honest=said)).seen
    assert seen.endswith("nothing was signalled (no captcha_degraded_totl; did you mean 'captcha_degraded_total'?)")


@pytest.mark.parametrize("name", ["new_tab", "new_visitor"])
def test_a_signal_that_outlives_the_degradation_is_found(name):
    found = the_one(SLUG, watched(client_fault(), **{name: Signalled(log=1, metric=2.0)}))
    visit = name.replace("_", "-")
    assert found.seen == f"{visit} was verified, and the word was printed once and the metric says 2"


def test_a_gauge_that_fell_in_time_is_as_it_should_be():
    fell = Signalled(log=0, metric=0.0, stood_ms=3200.0)
    assert ask(SLUG, watched(client_fault(), new_tab=fell, new_visitor=fell)) == ()


def test_a_gauge_that_stands_for_longer_than_recovery_may_take_is_found():
    found = the_one(SLUG, watched(client_fault(), new_visitor=Signalled(log=0, metric=1.0, stood_ms=10_030.0)))
    assert found.seen == "new-visitor was verified, and the metric says 1, 10.0 s later"


def test_a_control_with_a_signal_is_found_and_carries_no_verdict():
    alarmed = watched(control(), control=Signalled(log=1))
    assert the_one(SLUG, alarmed).seen == "control was verified, and the word was printed once"
    assert judged(watched(client_fault()), alarmed).verdict is Verdict.UNKNOWN


def test_the_first_visit_after_the_fault_may_be_told_that_it_is_over():
    assert ask(SLUG, watched(client_fault(), same_tab=LOUD)) == ()


def test_nothing_is_demanded_of_a_visit_that_was_verified_or_did_not_go_on():
    for outcome in ("verified", "refused", "nothing"):
        assert ask(SLUG, with_visit(watched(client_fault(), honest=QUIET), outcome=outcome)) == ()


def test_a_later_visit_that_went_on_degraded_tells_the_truth():
    assert ask(SLUG, with_visit(watched(client_fault(), new_tab=LOUD), "new-tab", outcome="unverified")) == ()


def test_without_observe_and_over_http_it_has_nothing_to_say():
    oracle = ORACLES.get(SLUG)
    assert not oracle.applies(client_fault().scenario)
    assert not oracle.applies(with_scenario(watched(client_fault()), kind="forgery").scenario)


def test_a_visit_that_nobody_watched_is_unknown():
    judgement = judged(watched(client_fault(), honest=None))
    assert judgement.verdict is Verdict.UNKNOWN
    assert "the oracle observable cannot tell: nobody looked for" in judgement.unknown_because


def test_a_control_that_fails_for_other_reasons_is_not_judged_twice():
    assert ask(SLUG, with_visit(watched(sick_control(), control=LOUD), "control", outcome="nothing")) == ()
