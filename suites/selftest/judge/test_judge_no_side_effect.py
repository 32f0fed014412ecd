"""The oracle no-side-effect: an SMS needs a pass that the target was told of."""

from __future__ import annotations

import pytest

from harness.catalog import Policy
from harness.journal.model import GuardedCall, Severity, Verdict
from harness.judge import judge
from suites.selftest.judge.records import ask, at, attempt, call, control, forgery, server_fault, the_one, with_evidence

SLUG = "no-side-effect"
TOKEN = "71d0c4a8"


def sms(answer: str = "SMS sent", token: str = TOKEN, at_ms: float = 1700) -> GuardedCall:
    return GuardedCall(link="sms", visit="honest", moment=at(at_ms), ticket=token, answer=answer)


def test_an_sms_after_the_pass_of_its_own_token_is_right():
    record = with_evidence(server_fault(), verdict_calls=(call("honest", text=TOKEN),), guarded_calls=(sms(),))
    assert ask(SLUG, record) == ()


def test_who_asks_for_no_sms_needs_no_pass():
    assert ask(SLUG, server_fault()) == ()


@pytest.mark.parametrize("answer", ["2", "1, not delivered", "rewritten: status-500", "never answered", "error CAPTCHA.0001"])
def test_an_sms_without_a_pass_that_the_target_was_told_of_is_a_blocker(answer):
    spoilt = with_evidence(server_fault(), verdict_calls=(call("honest", answer, TOKEN),), guarded_calls=(sms(),))
    found = the_one(SLUG, spoilt)
    assert found.severity is Severity.BLOCKER
    assert TOKEN in found.seen
    assert "the provider did it" in found.seen


@pytest.mark.parametrize(
    "passed",
    [(), (call("honest", text="another"),), (call("honest", text=TOKEN, reached=False),)],
    ids=["none", "another's", "one that never arrived"],
)
def test_only_the_pass_of_that_very_token_counts(passed):
    assert the_one(SLUG, with_evidence(server_fault(), verdict_calls=passed, guarded_calls=(sms(),)))


def test_a_pass_that_comes_afterwards_is_too_late():
    record = with_evidence(server_fault(), verdict_calls=(call("honest", text=TOKEN),), guarded_calls=(sms(at_ms=1500),))
    assert the_one(SLUG, record)


def test_an_sms_that_only_the_provider_refused_is_grave_still():
    found = the_one(SLUG, with_evidence(server_fault(), guarded_calls=(sms("error CAPTCHA.0004"),)))
    assert found.severity is Severity.MAJOR
    assert "only the provider's refusal" in found.seen


def test_it_speaks_on_forgers_and_controls_too():
    forged = with_evidence(forgery(Policy.STEP_UP, attempt("garbage")), guarded_calls=(sms(),))
    assert the_one(SLUG, forged)
    spoilt = with_evidence(control(), guarded_calls=(sms(),))
    assert judge(spoilt, controls=()).verdict is Verdict.FAIL
