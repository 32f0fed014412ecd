"""The oracle no-reuse: a ticket that got its verdict is used, and what the SDK or the browser sends by itself is told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.catalog import Policy, Side
from harness.journal.model import Event, Record, Severity, Submit, VerdictCall
from harness.judge import ORACLES
from suites.selftest.judge.records import (
    TICKET_1004,
    ask,
    at,
    attempt,
    client_fault,
    forgery,
    server_fault,
    submit,
    the_one,
    visit,
    with_evidence,
)

SLUG = "no-reuse"
TICKET = "t03 honestly earned"


def called(answer: str, ms: float, text: str = TICKET, who: str = "honest", **more: Any) -> VerdictCall:
    return VerdictCall(visit=who, moment=at(ms), ticket=text, answer=answer, **more)


def sent(ms: float = 1500, text: str = TICKET, status: int | None = 200, who: str = "honest") -> Submit:
    return submit(text, visit=who, status=status, at_ms=ms, real_ms=40 if status else None)


def went(*calls: VerdictCall, submits: tuple[Submit, ...] = (), outcome: str = "verified", **more: Any) -> Record:
    seen = (visit("honest", outcome), visit("same-tab"))
    return with_evidence(server_fault(), visits=seen, submits=submits or (sent(),), verdict_calls=calls, **more)


def pages_own(count: int) -> tuple[Event, ...]:
    return tuple(Event(what="request", moment=at(1400 + n), visit="honest", link="submit") for n in range(count))


def test_one_question_for_each_ticket_is_right():
    other = called("1", 1700, text="t03 another")
    assert ask(SLUG, went(called("1", 1600), other, submits=(sent(), sent(1650, "t03 another")))) == ()


@pytest.mark.parametrize("verdict", ["1", "7", "9", "100", "999"])
def test_a_ticket_that_has_got_any_verdict_is_asked_about_no_more(verdict):
    found = the_one(SLUG, went(called(verdict, 1600, fingerprint="a"), called("9", 3100, fingerprint="b")))
    assert found.severity is Severity.MAJOR
    assert TICKET in found.seen
    assert "the back end, which signed it anew" in found.seen


@pytest.mark.parametrize(
    "nothing", ["error InternalError", "never answered", "26", "31", "unreadable", "rewritten: html", "21, not delivered"]
)
def test_who_got_no_verdict_may_ask_again_three_times_in_all(nothing):
    calls = [called(nothing, 1600 + 100 * n) for n in range(2)]
    assert ask(SLUG, went(*calls, called("1", 1900))) == ()
    assert "4 about" in the_one(SLUG, went(*calls, called(nothing, 1900), called(nothing, 2000))).seen


def test_each_submit_of_a_ticket_has_a_budget_of_its_own():
    calls = [called("never answered", 1600 + n) for n in range(6)]
    assert the_one(SLUG, went(*calls))
    assert ask(SLUG, went(*calls, submits=(sent(status=None), sent(1550, status=None)))) == ()


def test_what_the_sdk_sends_again_by_itself_is_told_from_what_the_back_end_asks_again():
    twice = the_one(SLUG, went(called("1", 1600, fingerprint="a"), called("9", 1610, fingerprint="a")))
    assert "vendor's SDK or its HTTP client" in twice.seen


def test_a_lost_pass_that_is_asked_about_again_burns_the_ticket_of_a_user_who_is_turned_away():
    calls = (called("1, not delivered", 1600, fingerprint="a"), called("9", 1700, fingerprint="a"))
    found = the_one(SLUG, went(*calls, outcome="refused"))
    assert "burnt" in found.seen
    assert "vendor's SDK" in found.seen
    assert ask(SLUG, went(*calls, outcome="unverified")) == ()


def test_what_the_browser_sends_again_by_itself_is_no_finding_unless_its_user_is_turned_away():
    calls = (called("1", 1600), called("9", 1700))
    resent = (sent(status=None), sent(1650))
    assert ask(SLUG, went(*calls, submits=resent, events=pages_own(1))) == ()
    found = the_one(SLUG, went(*calls, submits=resent, events=pages_own(1), outcome="refused"))
    assert "the browser itself" in found.seen


def test_a_page_that_sends_twice_what_the_back_end_asks_about_twice_is_a_finding():
    calls = (called("1", 1600, fingerprint="a"), called("9", 1900, fingerprint="b"))
    record = went(*calls, submits=(sent(), sent(1800)), events=pages_own(2))
    assert "whoever submitted it again" in the_one(SLUG, record).seen


def test_a_page_that_sends_a_used_ticket_again_is_turned_away_and_is_a_finding():
    record = went(called("7", 1510), submits=(sent(status=403), sent(1800, status=403)))
    found = the_one(SLUG, record)
    assert "submitted twice" in found.seen
    assert "403" in found.seen


def test_a_page_whose_answer_was_lost_sends_the_same_again_and_is_right():
    lost = went(called("1", 1510), submits=(sent(status=None), sent(1800, status=409)))
    assert ask(SLUG, lost) == ()
    on_its_link = replace(lost.scenario, link="submit", link_side=Side.BROWSER)
    answered = went(called("1", 1510), submits=(sent(), sent(1800, status=409)))
    assert ask(SLUG, replace(answered, scenario=on_its_link)) == ()


def test_a_second_step_that_names_the_ticket_again_and_goes_through_is_right():
    assert ask(SLUG, went(called("21", 1510), submits=(sent(status=202), sent(1800, status=201)))) == ()


def test_a_ticket_that_is_kept_for_the_next_visit_is_a_finding():
    calls = (called("1", 1600), called("9", 5100, who="same-tab"))
    assert the_one(SLUG, went(*calls, submits=(sent(), sent(5000, who="same-tab"))))


def test_two_users_may_mint_the_same_fallback_ticket_within_a_second():
    calls = (called("21", 1600, TICKET_1004), called("21", 1700, TICKET_1004, who="new-visitor"))
    submits = (sent(text=TICKET_1004), sent(1650, TICKET_1004, who="new-visitor"))
    assert ask(SLUG, with_evidence(client_fault(), submits=submits, verdict_calls=calls)) == ()


def test_a_forger_who_sends_a_ticket_twice_may_have_it_asked_about_twice_and_no_more():
    calls = [called("9", 1600 + n, who="forger", fingerprint=str(n)) for n in range(3)]
    submits = (sent(who="forger"), sent(1550, who="forger"))
    record = forgery(Policy.STEP_UP, attempt("replayed"))
    assert ask(SLUG, with_evidence(record, submits=submits, verdict_calls=tuple(calls[:2]))) == ()
    assert the_one(SLUG, with_evidence(record, submits=submits, verdict_calls=tuple(calls)))


def test_calls_that_never_arrived_and_tickets_that_are_none_count_for_nothing():
    calls = (called("1", 1600), called("9", 1700, reached=False), called("100", 1800, text=""), called("100", 1900, text=""))
    assert ask(SLUG, went(*calls)) == ()


@pytest.mark.parametrize("kind", ["control", "load", "storm"])
def test_of_a_control_only_health_is_asked_and_in_a_crowd_nobody_is_known_by_name(kind):
    spoilt = went(called("1", 1600), called("9", 1700))
    assert ask(SLUG, spoilt)
    assert not ORACLES.get(SLUG).applies(replace(spoilt.scenario, kind=kind))


@pytest.mark.parametrize(("captchas", "said"), [(1, 1), (2, 0)])
def test_two_captchas_of_one_flow_may_mint_the_same_fallback_ticket_within_a_second(captchas: int, said: int) -> None:
    asked_twice = (called("21", 1600, TICKET_1004), called("21", 1700, TICKET_1004))
    came = visit("honest", "unverified", captchas=captchas)
    record = with_evidence(client_fault(), visits=(came,), verdict_calls=asked_twice)
    assert len(ask(SLUG, record)) == said
