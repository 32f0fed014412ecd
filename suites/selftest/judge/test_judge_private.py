"""The oracle private: the user's own address is passed on, and secrets stay where they belong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.catalog import Policy
from harness.journal.model import Leak, Record, Severity, Verdict, VerdictCall
from suites.selftest.judge.records import (
    ask,
    at,
    attempt,
    client_fault,
    forgery,
    judged,
    submit,
    the_one,
    with_evidence,
    with_expect,
)

SLUG = "private"
HERS, HIS = "198.51.100.17", "198.51.100.99"
SEEN_AT = (("honest", HERS), ("new-visitor", HIS))


def naming(user_ip: str, *, ticket: str = "t03a", visit: str = "honest") -> VerdictCall:
    return VerdictCall(visit=visit, moment=at(1600), ticket=ticket, answer="1", user_ip=user_ip)


def visited(*calls: VerdictCall, seen_at: tuple[tuple[str, str], ...] = SEEN_AT) -> Record:
    return with_evidence(client_fault(), addresses=seen_at, submits=(submit("t03a"),), verdict_calls=calls)


@pytest.mark.parametrize("named", [HERS, f" {HERS}", f"::ffff:{HERS}"])
def test_the_address_at_which_the_target_saw_the_user_is_right_however_it_is_written(named):
    assert ask(SLUG, visited(naming(named))) == ()


@pytest.mark.parametrize(
    ("named", "whose"),
    [("127.0.0.1", "the proxy's own"), ("::1", "the proxy's own"), (HIS, "another user's"), ("192.0.2.4", "nobody's")],
)
def test_any_other_address_is_a_finding_that_says_whose_it_is(named, whose):
    found = the_one(SLUG, visited(naming(named)))
    assert found.severity is Severity.MAJOR
    assert HERS in found.expected
    assert repr(named) in found.seen
    assert whose in found.seen


def test_what_is_no_address_at_all_is_a_finding():
    assert "'unknown'" in the_one(SLUG, visited(naming("unknown"))).seen


def test_an_address_that_the_user_made_up_is_told_from_others():
    claims = replace(attempt("honest", account="a"), address="203.0.113.5")
    forged = with_evidence(
        forgery(Policy.STEP_UP, claims),
        addresses=(("forger", HERS),),
        submits=(submit("t03a", visit="forger"),),
        verdict_calls=(naming("203.0.113.5", visit="forger"),),
    )
    assert "himself" in the_one(SLUG, forged).seen


def test_a_call_is_compared_with_who_handed_its_ticket_in_however_late_it_comes():
    assert ask(SLUG, visited(naming(HERS, visit="new-visitor"))) == ()
    assert the_one(SLUG, visited(naming(HIS, visit="new-visitor")))


def test_a_call_about_a_ticket_that_nobody_handed_in_is_compared_with_its_visit():
    assert ask(SLUG, visited(naming(HIS, ticket="t03 of a picture", visit="new-visitor"))) == ()
    assert the_one(SLUG, visited(naming(HERS, ticket="t03 of a picture", visit="new-visitor")))


def test_without_a_proxy_everybody_is_seen_at_this_machines_address():
    everybody = (("honest", "127.0.0.1"),)
    assert ask(SLUG, visited(naming("::1"), seen_at=everybody)) == ()
    assert "nobody's" in the_one(SLUG, visited(naming("8.8.8.8"), seen_at=everybody)).seen


def test_a_vendor_that_asks_for_no_address_is_told_none():
    assert ask(SLUG, visited(naming(""))) == ()


def test_a_journal_from_before_addresses_were_kept_says_nothing_on_them():
    assert ask(SLUG, visited(naming("8.8.8.8"), seen_at=())) == ()


def test_one_wrong_address_is_one_finding_however_often_it_is_named():
    assert "twice" in the_one(SLUG, visited(naming("8.8.8.8"), naming("8.8.8.8"))).seen


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("page", "an answer that the target sent to a browser: 'GET /login'"),
        ("url", "in a URL: 'GET /login'"),
        ("elsewhere", "asks for no secret: 'GET /login'"),
        ("output", "the target printed it"),
    ],
)
def test_a_secret_that_was_seen_is_a_blocker_that_says_which_and_where(where, words):
    at_path = "" if where == "output" else "GET /login"
    leak = Leak(secret="app_secret", where=where, at=at_path, visit="honest")
    found = the_one(SLUG, with_evidence(client_fault(), leaks=(leak, leak)))
    assert found.severity is Severity.BLOCKER
    assert "app_secret" in found.expected
    assert words in found.seen


@pytest.mark.parametrize("record", [client_fault(), forgery(Policy.STEP_UP, attempt("garbage"))])
def test_where_nobody_searched_it_is_unknown(record):
    judgement = judged(with_evidence(record, secrets=(), searched=()))
    assert judgement.verdict is Verdict.UNKNOWN
    assert judgement.unknown_because == "the oracle private cannot tell: nobody searched for secrets"


def test_a_vendor_that_gives_no_secret_leaves_none_to_be_found():
    assert ask(SLUG, with_evidence(client_fault(), secrets=())) == ()


def test_a_journal_from_before_anything_was_searched_is_judged_as_it_was_then():
    assert ask(SLUG, with_expect(with_evidence(client_fault(), secrets=(), searched=()), searches=False)) == ()


def test_each_secret_and_each_place_is_a_finding_of_its_own():
    leaks = tuple(
        Leak(secret=secret, where=where, at="GET /a", visit="honest")
        for secret in ("app_secret", "one-time code")
        for where in ("page", "url")
    )
    assert len(ask(SLUG, with_evidence(client_fault(), leaks=leaks))) == 4
