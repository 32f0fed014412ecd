"""The oracle verdict-is-a-verdict: what is no pass blocks, no verdict degrades, and what was submitted is what is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.journal.model import Asked, Severity
from harness.judge import ORACLES, EvidenceMissing
from suites.selftest.judge.records import (
    REAL_TICKET,
    ask,
    attempt,
    call,
    client_fault,
    server_fault,
    submit,
    the_one,
    verdicts,
    with_evidence,
)


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
