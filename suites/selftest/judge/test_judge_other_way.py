"""The oracle other-way-open: while the captcha fails, the door beside it stands open and the page says so."""

from __future__ import annotations

from typing import Any

import pytest

from harness.journal.model import OtherWay, Record, Severity, Verdict
from harness.judge import ORACLES
from suites.selftest.judge.records import (
    ask,
    at,
    client_fault,
    control,
    judged,
    server_fault,
    the_one,
    with_evidence,
    with_expect,
    with_scenario,
    with_visit,
)

SLUG = "other-way-open"
SAID = "SMS cannot be sent right now."


def taken(status: int | None = 200, *, through: bool = True, detail: str = '{"state":"done"}') -> OtherWay:
    return OtherWay(asked="POST /login", moment=at(3100), status=status, real_ms=12.0, through=through, detail=detail)


def told(answer: OtherWay | None, explained: str | None, **expect: Any) -> Record:
    """A server's fault on a flow with another way in, and what became of that."""
    record = with_expect(server_fault(), **({"other_way": "POST /login", "explains": "#why"} | expect))
    return with_evidence(with_visit(record, explained=explained), other_way=answer)


def test_who_gets_in_and_is_told_why_finds_nothing_wrong():
    record = told(taken(), SAID)
    assert ask(SLUG, record) == ()
    assert judged(record).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (taken(503, through=False, detail="out of order"), "POST /login was answered 503: 'out of order'"),
        (taken(200, through=False, detail='{"state":"refused"}'), 'POST /login was answered 200: \'{"state":"refused"}\''),
        (taken(None, through=False, detail="no whole answer"), "POST /login had no answer: 'no whole answer'"),
    ],
    ids=["an error", "another answer", "no answer"],
)
def test_a_way_in_that_is_closed_is_a_blocker(answer, seen):
    record = told(answer, SAID)
    found = the_one(SLUG, record)
    assert (found.severity, found.seen) == (Severity.BLOCKER, seen)
    assert found.expected == "POST /login goes through while the captcha fails"
    assert judged(record).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", "nothing could be read there"),
        ("x", "it says 'x'"),
        ("123456789", "it says '123456789'"),
        ("1 2 3  4 5 6\n7 8 9", "it says '1 2 3  4 5 6\\n7 8 9'"),
    ],
    ids=["nothing", "one letter", "nine", "nine and spaces"],
)
def test_a_page_that_says_nothing_is_held_against_it(text, seen):
    found = the_one(SLUG, told(taken(), text))
    assert (found.severity, found.seen) == (Severity.MAJOR, seen)
    assert "#why" in found.expected


@pytest.mark.parametrize("text", ["1234567890", "暂时无法发送短信验证码"])
def test_ten_characters_are_an_explanation(text):
    assert ask(SLUG, told(taken(), text)) == ()


def test_a_closed_way_and_a_silent_page_are_two_findings():
    found = ask(SLUG, told(taken(503, through=False), ""))
    assert [one.severity for one in found] == [Severity.BLOCKER, Severity.MAJOR]


def test_whom_the_provider_could_verify_after_all_needs_no_word():
    record = with_visit(told(taken(), ""), outcome="verified")
    assert ask(SLUG, record) == ()


@pytest.mark.parametrize("record", [told(None, SAID), told(taken(), None)], ids=["not taken", "not read"])
def test_what_was_never_tried_makes_no_pass(record):
    judgement = judged(record)
    assert judgement.verdict is Verdict.UNKNOWN
    assert SLUG in judgement.unknown_because


def test_each_is_asked_for_where_the_target_file_names_it():
    assert ask(SLUG, told(None, SAID, other_way="")) == ()
    assert ask(SLUG, told(taken(), None, explains="")) == ()


@pytest.mark.parametrize("record", [client_fault(), server_fault(), control()], ids=["page", "server", "control"])
def test_it_is_silent_where_the_flow_names_none(record):
    assert not ORACLES.get(SLUG).applies(record.scenario)


def test_it_is_silent_without_a_fault():
    named = with_scenario(told(None, None), kind="control", fault=None)
    assert not ORACLES.get(SLUG).applies(named.scenario)
