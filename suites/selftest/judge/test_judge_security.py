"""The oracles nothing-for-free and nothing-for-nothing: does the door stay shut?"""

from __future__ import annotations

from typing import ClassVar

import pytest

from harness.catalog import Policy
from harness.journal.model import Limits, Severity
from harness.judge import ORACLES, EvidenceMissing
from suites.selftest.judge.records import (
    TICKET_1004,
    TICKET_2001,
    ask,
    attempt,
    call,
    client_fault,
    control,
    forgery,
    server_fault,
    submit,
    the_one,
    with_evidence,
    with_expect,
    with_scenario,
    with_visit,
)

WORTHLESS = ["malformed:no-underscore", "stale", "replayed", "wrong-app", "garbage", "missing"]


class TestNothingForFree:
    slug = "nothing-for-free"

    @pytest.mark.parametrize("policy", list(Policy))
    def test_a_shut_door_is_right_under_every_policy(self, policy):
        tries = [attempt("well-formed:terror"), *(attempt(label) for label in WORTHLESS)]
        assert ask(self.slug, forgery(policy, *tries)) == ()

    def test_accept_gives_a_forger_what_its_limits_give_anybody(self):
        tries = [attempt("well-formed:terror", effects=1, account=f"user-{n}") for n in range(5)]
        refused = [attempt("well-formed:terror", account=f"user-{n}") for n in range(95)]
        assert ask(self.slug, forgery(Policy.ACCEPT, *tries, *refused)) == ()

    def test_accept_gives_not_one_more_for_an_address(self):
        tries = [attempt("well-formed:terror", effects=1, account=f"user-{n}", address=f"10.0.0.{n}") for n in range(6)]
        found = the_one(self.slug, forgery(Policy.ACCEPT, *tries))
        assert "at most 5 unverified effects for an address" in found.expected
        assert found.seen == "6 in 6 tries"
        assert found.severity is Severity.BLOCKER

    @pytest.mark.parametrize(("lasted_s", "most"), [(10, 5), (15, 15)])
    @pytest.mark.parametrize("whose", ["address", "account"])
    def test_a_window_that_the_tries_outlast_begins_anew(self, whose, lasted_s, most):
        """Tries of 15 s in windows of 10 s, wherever these begin, meet three of them at most."""
        limits = {"address": Limits(window_s=10), "account": Limits(per_account=5, per_address=99, window_s=10)}[whose]
        accounts = [f"user-{n}" if whose == "address" else "ann" for n in range(most + 1)]
        tries = [attempt("well-formed:terror", effects=1, account=account) for account in accounts]
        sent = (submit("x", at_ms=2000), submit("x", at_ms=2000 + lasted_s * 1000 - 40, real_ms=40))
        right = with_evidence(with_expect(forgery(Policy.ACCEPT, *tries[1:]), limits=limits), submits=sent)
        assert ask(self.slug, right) == ()
        wrong = with_evidence(with_expect(forgery(Policy.ACCEPT, *tries), limits=limits), submits=sent)
        assert f"at most {most} unverified effects for an {whose}" in the_one(self.slug, wrong).expected

    def test_accept_gives_not_one_more_for_an_account(self):
        tries = [attempt("well-formed:terror", effects=1, account="ann") for _ in range(2)]
        found = the_one(self.slug, forgery(Policy.ACCEPT, *tries))
        assert "at most 1 unverified effects for an account" in found.expected
        assert "2 for the account 'ann'" in found.seen

    @pytest.mark.parametrize("label", WORTHLESS)
    def test_a_worthless_ticket_gets_nothing_even_under_accept(self, label):
        found = the_one(self.slug, forgery(Policy.ACCEPT, attempt(label), attempt(label, effects=1)))
        assert label in found.expected
        assert found.seen == "took effect once in 2 tries"

    def test_in_an_outage_accept_bounds_all_tries_alike(self):
        few = [attempt("stale", effects=1, health="outage") for _ in range(5)]
        assert ask(self.slug, forgery(Policy.ACCEPT, *few)) == ()
        found = the_one(self.slug, forgery(Policy.ACCEPT, *few, attempt("stale", effects=1, health="outage")))
        assert "(outage)" in found.expected

    @pytest.mark.parametrize("policy", [Policy.STEP_UP, Policy.BLOCK])
    @pytest.mark.parametrize("health", ["healthy", "outage"])
    def test_step_up_and_block_give_no_effect_at_all(self, policy, health):
        found = the_one(self.slug, forgery(policy, attempt("well-formed:terror", effects=1, status=201, health=health)))
        assert f"policy {policy}" in found.expected
        assert health in found.expected

    def test_a_step_up_offer_is_not_for_free(self):
        assert ask(self.slug, forgery(Policy.STEP_UP, attempt("well-formed:terror", offered=True, status=202))) == ()

    def test_without_a_try_it_cannot_tell(self):
        with pytest.raises(EvidenceMissing):
            ask(self.slug, forgery(Policy.ACCEPT))

    def test_a_visit_verified_by_a_fallback_ticket_was_let_in_for_free(self):
        found = the_one(self.slug, with_visit(client_fault(), outcome="verified"))
        assert "honest" in found.expected
        assert "'21'" in found.seen
        assert found.severity is Severity.BLOCKER

    @pytest.mark.parametrize("calls", [(), (call("control", reached=False),), (call("another"),)])
    def test_a_visit_verified_without_asking_was_let_in_for_free(self, calls):
        assert "was not asked" in the_one(self.slug, with_evidence(control(), verdict_calls=calls)).seen


class TestNothingForNothing:
    """O4: missing, empty and garbage tickets are rejected in health and in an outage."""

    slug = "nothing-for-nothing"

    def in_an_outage(self, policy, *attempts, **changes):
        record = with_scenario(forgery(policy, *attempts), fault=server_fault().scenario.fault, link="verdict")
        return with_scenario(record, **changes)

    @pytest.mark.parametrize("health", ["outage", "whole-outage"])
    @pytest.mark.parametrize("label", ["no-ticket", "empty", "garbage", "sql-text", "script-text", "huge", "megabytes"])
    def test_who_brings_nothing_gets_nothing_within_limits_either(self, label, health):
        found = the_one(self.slug, self.in_an_outage(Policy.ACCEPT, attempt(label, effects=1, status=200, health=health)))
        assert found.expected == f"no effect from '{label}' in an outage"
        assert found.severity is Severity.BLOCKER

    @pytest.mark.parametrize("answer", [{"status": 403}, {"status": 429}, {"status": 202, "offered": True}, {"status": None}])
    def test_a_refusal_a_limit_and_the_offer_of_a_step_up_are_right(self, answer):
        assert ask(self.slug, self.in_an_outage(Policy.STEP_UP, attempt("no-ticket", health="outage", **answer))) == ()

    def test_what_looks_honest_is_the_limits_to_bound(self):
        tries = (attempt("no-ticket", health="outage"), attempt("well-formed:terror_1001", effects=1, health="outage"))
        assert ask(self.slug, self.in_an_outage(Policy.ACCEPT, *tries)) == ()

    def test_it_leaves_health_and_outages_that_the_server_cannot_see_to_nothing_for_free(self):
        oracle = ORACLES.get(self.slug)
        assert not oracle.applies(forgery(Policy.ACCEPT).scenario)
        assert not oracle.applies(with_scenario(self.in_an_outage(Policy.ACCEPT), link="entry").scenario)
        assert oracle.applies(self.in_an_outage(Policy.ACCEPT, beside=("entry",)).scenario)

    def test_without_such_a_try_it_cannot_tell(self):
        with pytest.raises(EvidenceMissing):
            ask(self.slug, self.in_an_outage(Policy.ACCEPT, attempt("no-ticket"), attempt("stale", health="outage")))


class TestEitherPrefix:
    """B4: knows only one of the two prefixes."""

    slug = "business-completes"

    def tried(self, terror, trerror, policy=Policy.STEP_UP):
        answers = {"terror": terror, "trerror": trerror}
        looks = [attempt(f"well-formed:{prefix}_1001", **answer) for prefix, answer in answers.items()]
        return with_scenario(forgery(policy, *looks), provider="tencent_web")

    offered: ClassVar = {"offered": True, "status": 202}
    let_in: ClassVar = {"completed": True, "status": 200, "effects": 1}
    refused: ClassVar = {"status": 403}

    @pytest.mark.parametrize("answer", [offered, let_in, refused])
    def test_the_same_for_both_is_right_whatever_it_is(self, answer):
        assert ask(self.slug, self.tried(answer, answer)) == ()

    @pytest.mark.parametrize(
        ("terror", "trerror", "seen"),
        [
            (offered, refused, "terror_: the step-up offered (status 202); trerror_: turned away (status 403)"),
            (refused, let_in, "terror_: turned away (status 403); trerror_: accepted (status 200)"),
        ],
    )
    def test_who_knows_one_prefix_turns_half_of_the_honest_away(self, terror, trerror, seen):
        found = the_one(self.slug, self.tried(terror, trerror))
        assert found.seen == seen
        assert "^tr?error_" in found.mend

    def test_one_that_was_never_answered_tells_nothing(self):
        assert ask(self.slug, self.tried(self.offered, {"status": None})) == ()

    def test_a_limit_of_one_an_address_explains_the_second_ones_refusal(self):
        record = with_expect(self.tried(self.let_in, {"status": 429}, Policy.ACCEPT), limits=Limits(per_address=1))
        assert not ORACLES.get(self.slug).applies(record.scenario)

    def test_a_page_whose_client_knows_one_prefix_may_know_one(self):
        assert not ORACLES.get(self.slug).applies(with_scenario(self.tried({}, {}), provider="geetest_v4").scenario)


class TestOutagesAndAddresses:
    slug = "nothing-for-free"

    def test_an_outage_of_the_browsers_links_is_health_to_the_server(self):
        found = the_one(self.slug, forgery(Policy.ACCEPT, attempt("stale", effects=1, health="client-outage")))
        assert found.expected == "no effect from 'stale' while the verdict API answers"

    def test_an_outage_on_both_sides_is_bounded_by_the_limits(self):
        few = [attempt("stale", effects=1, health="whole-outage") for _ in range(5)]
        assert ask(self.slug, forgery(Policy.ACCEPT, *few)) == ()
        assert ask(self.slug, forgery(Policy.ACCEPT, *few, attempt("stale", effects=1, health="whole-outage")))

    def claiming(self, count):
        return [
            attempt("well-formed:from-elsewhere:terror_1001", effects=1, account=f"user-{n}", together=12) for n in range(count)
        ]

    def test_claimed_addresses_widen_no_limit(self):
        found = the_one(self.slug, forgery(Policy.ACCEPT, *self.claiming(6)))
        assert "for an address (healthy, each try claiming another one)" in found.expected

    def test_an_address_that_a_trusted_proxy_would_have_told_has_its_own_limit(self):
        """Without a word on who tells addresses, the claim is made as a proxy on the same machine would hand it on."""
        assert ask(self.slug, forgery(Policy.ACCEPT, *self.here(5), *self.claiming(5))) == ()

    def here(self, count):
        return [attempt("well-formed:terror_1001", effects=1, account=f"other-{n}") for n in range(count)]

    def behind_a_proxy(self, *tries, **limits):
        record = with_evidence(forgery(Policy.ACCEPT, *tries), addresses=(("forger", "192.175.48.9"),))
        return with_expect(record, limits=Limits(**limits))

    def test_where_a_proxy_tells_the_address_what_came_by_claims_counts_with_the_rest(self):
        found = the_one(self.slug, self.behind_a_proxy(*self.here(5), *self.claiming(1)))
        assert "for an address (healthy, each try claiming another one)" in found.expected
        assert found.seen == "1 in 1 tries, after 5 in 5 tries that claimed none"
        assert ask(self.slug, self.behind_a_proxy(*self.here(3), *self.claiming(2))) == ()

    def test_a_larger_limit_is_what_counts(self):
        assert ask(self.slug, self.behind_a_proxy(*self.here(5), *self.claiming(15), per_address=20)) == ()
        assert ask(self.slug, self.behind_a_proxy(*self.here(5), *self.claiming(16), per_address=20))

    def test_an_account_is_one_account_wherever_the_tries_for_it_come_from(self):
        elsewhere = [attempt("well-formed:from-elsewhere:terror_1001", effects=1, account="ann")]
        tries = [attempt("well-formed:terror_1001", effects=1, account="ann"), *elsewhere]
        found = the_one(self.slug, forgery(Policy.ACCEPT, *tries))
        assert found.expected == "at most 1 unverified effects for an account (healthy)"
        assert "2 for the account 'ann'" in found.seen
        record = with_expect(forgery(Policy.ACCEPT, *tries), limits=Limits(per_account=2))
        assert ask(self.slug, record) == ()


def test_the_tickets_of_these_tests_are_what_the_vendor_writes():
    """domain/tencent-client.md 3.2: prefix, code, app id, seconds, and a fifth part."""
    assert TICKET_1004 == "terror_1004_199999164_1700000000_sid"
    assert TICKET_2001 == "terror_2001_199999164_1700000000_hmac"


class TestTheMarkOnARecord:
    """Business that was accepted without verification must stay recognisable (DESIGN.md: "marked as such")."""

    def test_an_unverified_users_record_must_not_be_marked_as_verified(self):
        marked = with_visit(client_fault(), "honest", marked_verified=1)
        found = the_one("nothing-for-free", marked)
        assert "marked as not verified" in found.expected

    def test_a_mark_that_says_unverified_is_right(self):
        assert ask("nothing-for-free", with_visit(client_fault(), "honest", marked_verified=0)) == ()

    def test_a_verified_users_record_may_be_marked(self):
        assert ask("nothing-for-free", with_visit(client_fault(), "new-tab", marked_verified=1)) == ()

    def test_a_target_without_a_mark_is_not_judged_by_it(self):
        assert ask("nothing-for-free", with_visit(client_fault(), "honest", marked_verified=None)) == ()
