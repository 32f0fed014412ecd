"""The oracles nothing-for-free and verdict-is-a-verdict: does the door stay shut?"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pytest

from harness.catalog import Policy
from harness.journal.model import Asked, CodeTry, Limits, Severity, Verdict
from harness.judge import ORACLES, EvidenceMissing
from suites.selftest.judge.records import (
    REAL_TICKET,
    TICKET_1004,
    TICKET_2001,
    ask,
    attempt,
    call,
    client_fault,
    control,
    forgery,
    judged,
    server_fault,
    submit,
    the_one,
    verdicts,
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


def the_codes(**seen):
    """Codes as a second factor that holds answers them; ``seen`` changes those of one label, None takes them out."""
    right = CodeTry(label="right-code", tries=1, status=201, effects=1)
    kinds = {"wrong-code": 100, "foretold-code": 5, **dict.fromkeys(ONE_CODE, 1)}
    held = [CodeTry(label=label, tries=tries, status=403, effects=0) for label, tries in kinds.items()]
    changed = {label.replace("_", "-"): change for label, change in seen.items()}
    later = replace(right, label="right-code-later")
    kept = [one for one in (right, *held, later) if changed.get(one.label, one) is not None]
    return tuple(replace(one, **changed.get(one.label, {})) for one in kept)


ONE_CODE = ("right-code-after-wrong-ones", "code-of-another", "code-again", "used-code-of-another")


class TestTheSecondFactor:
    slug = "nothing-for-free"

    def entered(self, *codes, untried="", due=True, **tried):
        record = with_expect(forgery(Policy.STEP_UP, attempt("stale", **tried)), second_factor=due)
        return with_evidence(record, code_tries=codes, codes_untried=untried)

    @pytest.mark.parametrize(
        ("label", "demand"),
        [
            ("right-code-after-wrong-ones", "after 100 wrong codes the right one counts no more"),
            ("code-of-another", "for the business that it was sent for, and for no other"),
            ("code-again", "a code counts once"),
            ("used-code-of-another", "a code that was used counts no more"),
        ],
    )
    def test_no_effect_may_come_of_it(self, label, demand):
        took = {label.replace("-", "_"): {"effects": 1, "status": 201}}
        found = the_one(self.slug, self.entered(*the_codes(**took)))
        assert demand in found.expected
        assert found.seen == f"{label}: took effect once, the last was answered 201"
        assert found.severity is Severity.BLOCKER

    @pytest.mark.parametrize(
        ("label", "demand", "tries"),
        [
            ("wrong-code", "a code that was made up has no effect", 100),
            ("foretold-code", "nobody can tell a code from those that came before it", 5),
        ],
    )
    def test_no_effect_may_come_of_a_guess(self, label, demand, tries):
        found = the_one(self.slug, self.entered(*the_codes(**{label.replace("-", "_"): {"effects": 1}})))
        assert demand in found.expected
        assert found.seen == f"{label}: took effect once in {tries} tries, the last was answered 403"

    def test_where_the_right_code_counts_and_no_other_it_is_right(self):
        assert ask(self.slug, self.entered(*the_codes())) == ()

    def test_where_the_right_code_has_no_effect_nothing_is_proven(self):
        record = self.entered(*the_codes(right_code={"effects": 0, "status": 403}))
        with pytest.raises(EvidenceMissing, match=r"the right code of the second factor had no effect \(it was answered 403\)"):
            ask(self.slug, record)
        assert judged(record).verdict is Verdict.UNKNOWN

    def test_where_the_right_code_has_no_effect_nobody_knows_whose_the_others_were(self):
        """A mail that came late: what was taken for another's code was the offer's own."""
        with pytest.raises(EvidenceMissing, match="the right code"):
            ask(self.slug, self.entered(*the_codes(right_code={"effects": 0}, code_of_another={"effects": 1})))

    @pytest.mark.parametrize("later", [None, {"effects": 0}], ids=["none", "refused"])
    def test_without_a_later_offer_whose_code_counts_nobody_knows_that_a_code_was_anothers(self, later):
        codes = the_codes(code_of_another={"effects": 1}, right_code_later=later)
        with pytest.raises(EvidenceMissing, match=r"whose code it was cannot be told: it was not offered"):
            ask(self.slug, self.entered(*codes, untried="it was not offered"))

    def test_a_code_that_was_made_up_is_nobodys(self):
        found = the_one(self.slug, self.entered(*the_codes(right_code={"effects": 0}, wrong_code={"effects": 1})))
        assert found.expected == "a code that was made up has no effect"

    def test_where_codes_were_due_and_none_was_tried_it_cannot_tell(self):
        with pytest.raises(EvidenceMissing, match="no code of the second factor was tried"):
            ask(self.slug, self.entered())
        with pytest.raises(EvidenceMissing, match="was tried: the outbox got no new code"):
            ask(self.slug, self.entered(untried="the outbox got no new code"))
        assert ask(self.slug, self.entered(due=False)) == ()

    @pytest.mark.parametrize("label", ["right-code", "wrong-code", "code-again", "foretold-code"])
    def test_where_one_kind_of_code_was_not_tried_it_cannot_tell(self, label):
        some = the_codes(**{label.replace("-", "_"): None})
        with pytest.raises(EvidenceMissing, match=f"of the second factor's codes {label} were not tried: it was not offered"):
            ask(self.slug, self.entered(*some, untried="it was not offered"))

    def test_what_a_forger_gained_otherwise_is_found_all_the_same(self):
        assert "policy step-up" in the_one(self.slug, self.entered(effects=1)).expected


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


class TestVerdictIsAVerdict:
    slug = "verdict-is-a-verdict"

    @pytest.mark.parametrize("status", [400, 403, 422, 429])
    def test_a_refusal_with_a_4xx_is_right(self, status):
        codes = [7, 8, 9, 15, 16, 100, 999]
        assert ask(self.slug, verdicts(*(attempt(f"code-{code}", status=status) for code in codes))) == ()

    def test_an_effect_despite_a_verdict_is_a_blocker(self):
        found = the_one(self.slug, verdicts(attempt("code-9", effects=1)))
        assert "the verdict 9" in found.expected
        assert found.severity is Severity.BLOCKER

    def test_a_step_up_for_a_verdict_takes_it_for_an_outage(self):
        assert "step-up was offered" in the_one(self.slug, verdicts(attempt("code-15", offered=True))).seen

    @pytest.mark.parametrize("crash", [{"status": 500}, {"status": 502}, {"status": 403, "server_error": True}])
    def test_a_crash_over_a_verdict_is_a_failure(self, crash):
        assert "the target failed" in the_one(self.slug, verdicts(attempt("code-999", **crash))).seen

    @pytest.mark.parametrize("status", [200, 302, 303])
    def test_a_form_that_is_shown_again_or_sent_back_to_is_a_refusal_too(self, status):
        assert ask(self.slug, verdicts(attempt("code-8", status=status))) == ()

    @pytest.mark.parametrize("status", [200, 303, 403])
    def test_no_status_excuses_an_effect_or_a_step_up(self, status):
        assert "took effect" in the_one(self.slug, verdicts(attempt("code-8", status=status, effects=1))).seen
        assert "step-up" in the_one(self.slug, verdicts(attempt("code-8", status=status, offered=True))).seen

    def test_no_answer_is_told(self):
        assert "no answer" in the_one(self.slug, verdicts(attempt("code-8", status=None))).seen

    def test_without_a_try_it_cannot_tell(self):
        with pytest.raises(EvidenceMissing):
            ask(self.slug, verdicts())

    def test_no_verdict_degrades_without_a_5xx(self):
        assert ask(self.slug, server_fault()) == ()
        crashed = with_evidence(server_fault(), submits=(submit(REAL_TICKET, status=500), submit(REAL_TICKET, status=503)))
        found = the_one(self.slug, crashed)
        assert found.seen == "the target answered a submit with 500, 503 twice"
        assert found.severity is Severity.BLOCKER

    @pytest.mark.parametrize(
        ("kind", "lacks"),
        [("expired", "has expired"), ("wrong-name", "names another host"), ("unknown-ca", "comes from an unknown CA")],
    )
    def test_an_answer_under_a_bad_certificate_is_no_verdict(self, kind, lacks):
        asked = (call("honest", certificate=kind), call("new-tab"), call("new-visitor", certificate=""))
        found = the_one(self.slug, with_evidence(server_fault(), verdict_calls=asked))
        assert found.severity is Severity.BLOCKER
        assert found.expected.startswith(f"the server refuses a certificate that {lacks}")
        assert "its verdict call arrived over it once, and was answered '1'" in found.seen
        assert "leave certificate verification on" in found.mend

    def test_a_text_that_says_ok_makes_no_pass_of_a_code_that_is_none(self):
        found = the_one(self.slug, verdicts(attempt("code-8-says-OK", effects=1, status=200)))
        assert found.expected == "the verdict 8 is refused: no effect"

    def test_the_code_1_passes_whatever_its_text_says(self):
        assert ask(self.slug, verdicts(attempt("code-1-says-passed", effects=1, status=200, completed=True))) == ()
        found = the_one(self.slug, verdicts(attempt("code-1-says-passed", status=403)))
        assert found.expected == "the verdict 1 is a pass, whatever its text says ('passed')"
        assert found.seen == "it was turned away, status 403"

    asked = (Asked(ticket="tr03x", others=(("Randstr", "@abc"), ("UserIp", "127.0.0.1"))),)
    usual = attempt("code-15", ticket="tr03x", randstr="@abc", asked=asked)

    def submitted(self, asked, **others):
        named = {"Randstr": "@def", "UserIp": "127.0.0.1", **others}
        calls = (Asked(ticket=asked, others=tuple(named.items())),) if asked else ()
        tried = attempt("hostile-text:json", ticket='tr03y","UserIp":"1.2.3.4', randstr="@def", asked=calls)
        return verdicts(self.usual, tried)

    def test_what_is_asked_about_as_it_was_submitted_is_right_and_so_is_not_asking(self):
        assert ask(self.slug, self.submitted('tr03y","UserIp":"1.2.3.4')) == ()
        assert ask(self.slug, self.submitted("")) == ()

    def test_a_quote_in_a_ticket_must_not_end_it(self):
        found = the_one(self.slug, self.submitted("tr03y"))
        assert "the provider was asked about 'tr03y'" in found.seen
        assert found.severity is Severity.BLOCKER
        assert "JSON encoder" in found.mend

    def test_nothing_else_of_the_question_may_change(self):
        record = self.submitted('tr03y","UserIp":"1.2.3.4', Extra="1")
        assert "asked with Extra '1'" in the_one(self.slug, record).seen
        calls = (Asked(ticket="tr03z", others=(("Randstr", "@g"),)),)
        cut = attempt("hostile-text:randstr", ticket="tr03z", randstr='@g","x', asked=calls)
        assert "asked with Randstr '@g'" in the_one(self.slug, verdicts(self.usual, cut)).seen

    def test_what_was_added_to_a_ticket_must_not_become_what_is_told_of_the_user(self):
        quoted, form = 'tr03y","UserIp":"192.0.2.66', "tr03y&UserIp=192.0.2.66"
        for ticket in (quoted, form):
            calls = (Asked(ticket=ticket, others=(("Randstr", "@def"), ("UserIp", "192.0.2.66"))),)
            tried = attempt("hostile-text:json", ticket=ticket, randstr="@def", asked=calls)
            assert "asked with UserIp '192.0.2.66'" in the_one(self.slug, verdicts(self.usual, tried)).seen

    @pytest.mark.parametrize("scene", ["user-160@captchaos.test", "2026-01-01T10:00:01Z", "7", ""])
    def test_a_parameter_of_the_targets_own_that_changes_with_each_user_is_right(self, scene):
        asked = tuple(replace(one, others=(*one.others, ("SceneId", "user-100"))) for one in self.asked)
        usual = replace(self.usual, asked=asked)
        ticket = 'tr03y","UserIp":"192.0.2.66'
        calls = (Asked(ticket=ticket, others=(("Randstr", "@def"), ("UserIp", "127.0.0.1"), ("SceneId", scene))),)
        assert ask(self.slug, verdicts(usual, attempt("hostile-text:json", ticket=ticket, randstr="@def", asked=calls))) == ()

    def test_where_nothing_usual_was_asked_no_name_is_told_from_another(self):
        """Who turns each bad ticket away alone asks about the first good one with all that it always names."""
        ticket = 'tr03y","UserIp":"192.0.2.66'
        calls = (Asked(ticket=ticket, others=(("Randstr", "@def"), ("UserIp", "127.0.0.1"))),)
        tried = attempt("hostile-text:json", ticket=ticket, randstr="@def", asked=calls)
        assert ask(self.slug, verdicts(attempt("code-15"), tried)) == ()

    def test_calls_under_good_certificates_or_without_tls_are_right(self):
        asked = (call("new-tab"), call("new-visitor", certificate=""))
        assert ask(self.slug, with_evidence(server_fault(), verdict_calls=asked)) == ()

    def test_it_does_not_speak_on_faults_of_the_browsers_side(self):
        assert not ORACLES.get(self.slug).applies(client_fault().scenario)


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
