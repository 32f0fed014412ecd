"""bounded-wait on what a page has its server do beside the flow's submit: fetch a picture, check a code."""

from __future__ import annotations

from typing import Any

from harness.journal.model import Post, Severity
from suites.selftest.judge.records import ask, at, server_fault, the_one, with_evidence, with_scenario

SLUG = "bounded-wait"


def post(real_ms: float | None, *, visit: str = "honest", at_ms: float = 1000, path: str = "/register/captcha") -> Post:
    status = None if real_ms is None else 200
    return Post(visit=visit, moment=at(at_ms), method="POST", path=path, status=status, real_ms=real_ms)


def found(*posts: Post, **scenario: Any):
    return ask(SLUG, with_scenario(with_evidence(server_fault(), posts=posts), **scenario))


def test_a_picture_that_came_after_the_servers_budget_is_late():
    late = the_one(SLUG, with_evidence(server_fault(), posts=(post(5001),)))
    assert "POST /register/captcha" in late.expected
    assert "5001 ms" in late.seen
    assert found(post(5000)) == ()


def test_a_request_that_was_never_answered_is_a_blocker():
    never = the_one(SLUG, with_evidence(server_fault(), posts=(post(None),)))
    assert never.seen == "1 of the visit's other requests never answered"
    assert never.severity is Severity.BLOCKER


def test_what_the_browser_sent_again_by_itself_is_not_held_against_the_server():
    assert found(post(None, at_ms=100), post(80, at_ms=300)) == ()
    assert found(post(None, at_ms=100), post(80, at_ms=300, path="/another")) != ()
    assert found(post(None, at_ms=100), post(80, at_ms=2200)) != ()


def test_a_fault_on_the_targets_own_submit_may_keep_an_answer_back():
    assert found(post(None), link="submit") == ()


def test_other_visits_are_not_its_business():
    assert found(post(9000, visit="new-tab"), post(None, visit="new-tab")) == ()
