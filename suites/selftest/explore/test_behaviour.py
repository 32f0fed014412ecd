"""What users do besides: the rules speak of what breaks them, and the search finds a page that does not bear it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.catalog.deeds import Act, Deed, Way
from harness.catalog.words import Phase
from harness.errors import UsageError
from harness.explore.behaviour import chosen_flows, failures, label_of, open_subject
from harness.explore.kinds import KINDS, Options, Outcome
from harness.explore.server_errors import ServerError, server_errors
from harness.explore.thread import open_laboratory
from harness.explore.walking import Walked
from harness.journal.model import PageError
from harness.lab.origin import OriginRequest
from harness.target.loader import find_target, load_target
from harness.zoo.materialise import materialised

PRESSES_AGAIN = Way(acts=(Act(deed=Deed.CLICK_AGAIN, phase=Phase.DURING_VERDICT),))
BUSY = ServerError(method="POST", path="/api/presence", status=503)
THROUGH = Walked(way=PRESSES_AGAIN, completed=True, error="", wanted=1, gained=1, errors=())


def test_who_gets_through_once_breaks_no_rule() -> None:
    assert list(failures(THROUGH)) == []
    # Who has sent an order, has heard nothing and began anew may have two.
    assert list(failures(replace(THROUGH, wanted=2, gained=2))) == []


@pytest.mark.parametrize(
    ("walked", "rule"),
    [
        (replace(THROUGH, gained=2), "one-effect"),
        (replace(THROUGH, completed=False, gained=0, error="no challenge"), "business-completes"),
        (replace(THROUGH, gained=0), "told-what-is"),
        (replace(THROUGH, errors=(PageError(text="TypeError", script="/a.js:1:1"),)), "no-uncaught-error"),
        (replace(THROUGH, server_errors=(BUSY,)), "no-server-error"),
        (replace(THROUGH, died="it ended with 1"), "target-lives"),
    ],
)
def test_what_breaks_a_rule_is_told(walked: Walked, rule: str) -> None:
    assert [one.rule for one in failures(walked)] == [rule]


def test_errors_of_whoever_walks_straight_through_are_not_told() -> None:
    usual = PageError(text="TypeError", script="/a.js:1:1")
    assert list(failures(replace(THROUGH, errors=(usual,)), usual=frozenset({usual}))) == []


def test_an_answer_that_fails_in_health_just_so_is_not_told() -> None:
    polls = replace(THROUGH, server_errors=(BUSY,))
    assert list(failures(polls, usual_answers=frozenset({BUSY}))) == []
    broken = ServerError(method="POST", path="/login", status=500)
    found = list(failures(replace(polls, server_errors=(BUSY, broken)), usual_answers=frozenset({BUSY})))
    assert [(one.rule, one.seen) for one in found] == [("no-server-error", "the target answered 500 to POST /login")]


def test_only_requests_that_act_are_held_against_a_target() -> None:
    flow = load_target(find_target(None)).flows["login"]
    log = [
        OriginRequest(method=method, path=path, arrived=0.0, status=503)
        for method, path in (("GET", "/api/news"), ("POST", "/api/presence?n=7"), ("POST", "/api/presence?n=8"))
    ]
    assert server_errors(log, flow) == (BUSY,)


def test_who_began_anew_and_is_told_that_it_is_done_already_is_served() -> None:
    # The first submit took effect, the second was answered that this account exists.
    done_already = replace(THROUGH, completed=False, error="no success was shown", wanted=2, gained=1)
    assert list(failures(done_already)) == []
    assert [one.rule for one in failures(replace(done_already, gained=0))] == ["business-completes"]


def test_label_says_what_was_done() -> None:
    assert label_of(PRESSES_AGAIN) == "clicks-again"
    assert label_of(Way()) == "walks straight through"


def test_a_flow_without_a_page_is_refused_with_a_sentence() -> None:
    with pytest.raises(UsageError, match="'mini-profile' has no page in a browser"):
        chosen_flows(load_target(find_target(None)), Options(flows=("mini-profile",)))


@pytest.mark.nightly
@pytest.mark.timeout(300)
def test_second_press_that_orders_again_is_seen() -> None:
    with materialised("double-click-orders-twice") as folder:
        target = load_target(find_target(str(folder)))
        with open_laboratory(target) as laboratory:
            subject = open_subject(laboratory, target.flows["checkout"])
            try:
                subject.prove()
                _became, found = subject.ask(PRESSES_AGAIN)
            finally:
                laboratory.do(subject.walker.close())
    assert [one.rule for one in found] == ["one-effect"]


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_right_integration_bears_what_users_do(tmp_path: Path) -> None:
    outcome = Outcome()
    KINDS.get("behaviour").explore(
        load_target(find_target(None)), Options(seconds=120, seed=7, flows=("login", "checkout"), cases=tmp_path), outcome
    )
    assert outcome.examples > 0
    assert outcome.discoveries == []
