"""The oracles business-completes, page-usable, bounded-wait and recovers: does the honest user get through?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.journal.model import Diagnosis, Severity
from harness.judge import ORACLES, EvidenceMissing
from suites.selftest.judge.records import (
    AFTERWARDS,
    REAL_TICKET,
    TICKET_1004,
    ask,
    at,
    call,
    client_fault,
    control,
    server_fault,
    submit,
    the_one,
    ticket,
    visit,
    with_evidence,
    with_expect,
    with_scenario,
    with_visit,
)


@pytest.mark.parametrize("good", [client_fault, server_fault])
@pytest.mark.parametrize("slug", ["business-completes", "page-usable", "bounded-wait", "recovers", "nothing-for-free"])
def test_a_target_done_right_leaves_no_finding(slug, good):
    assert ask(slug, good()) == ()


@pytest.mark.parametrize("slug", ["business-completes", "page-usable", "bounded-wait", "fallback-ticket"])
def test_without_an_honest_visit_no_oracle_can_tell(slug):
    with pytest.raises(EvidenceMissing):
        ask(slug, with_evidence(client_fault(), visits=AFTERWARDS))


class TestBusinessCompletes:
    slug = "business-completes"

    @pytest.mark.parametrize(
        ("wanted", "seen"),
        [
            ("unverified", "stepped-up"),
            ("unverified", "verified"),
            ("stepped-up", "verified"),
            ("refused", "stepped-up"),
        ],
    )
    def test_a_stricter_safe_outcome_is_no_finding(self, wanted, seen):
        assert ask(self.slug, with_visit(with_expect(client_fault(), outcome=wanted), outcome=seen)) == ()

    @pytest.mark.parametrize("wanted", ["verified", "unverified", "stepped-up"])
    @pytest.mark.parametrize("seen", ["nothing", "refused"])
    def test_an_honest_user_turned_away_is_a_blocker(self, wanted, seen):
        record = with_visit(with_expect(client_fault(), outcome=wanted), outcome=seen, effects=0, error="no button")
        found = the_one(self.slug, record)
        assert found.severity is Severity.BLOCKER
        assert {"nothing": "not completed", "refused": "refused"}[seen] in found.seen
        assert "no button" in found.seen

    @pytest.mark.parametrize("wanted", ["verified", "stepped-up", "refused", "nothing"])
    def test_less_than_the_policy_demands_is_a_blocker(self, wanted):
        found = the_one(self.slug, with_visit(with_expect(client_fault(), outcome=wanted), outcome="unverified"))
        assert found.severity is Severity.BLOCKER
        assert "less than the policy demands" in found.seen

    def test_a_needless_step_up_is_told(self):
        record = with_visit(with_expect(client_fault(), outcome="verified"), outcome="stepped-up")
        assert "could have verified" in the_one(self.slug, record).seen

    def test_a_step_up_that_leads_nowhere_is_told(self):
        found = the_one(self.slug, with_visit(server_fault(), outcome="nothing", effects=0))
        assert "did not lead through" in found.seen

    def test_too_late_is_told_in_page_time(self):
        found = the_one(self.slug, with_visit(client_fault(), business_ms=10001))
        assert "within 10000 ms" in found.expected
        assert "10001 ms" in found.seen
        assert ask(self.slug, with_visit(client_fault(), business_ms=10000)) == ()

    def test_a_time_that_was_not_measured_runs_to_the_end_of_the_visit(self):
        found = the_one(self.slug, with_visit(client_fault(), business_ms=None, ended=at(11000)))
        assert "10500 ms" in found.seen

    def test_no_effect_is_not_completed_whatever_the_page_said(self):
        assert "did not complete" in the_one(self.slug, with_visit(client_fault(), effects=0)).seen

    def test_two_effects_are_doubled_and_the_arrivals_are_counted(self):
        record = with_evidence(client_fault(), submits=(submit(TICKET_1004), submit(TICKET_1004), submit("x", visit="new-tab")))
        found = the_one(self.slug, with_visit(record, effects=2))
        assert "doubled" in found.seen
        assert "twice" in found.seen
        assert "2 submits arrived" in found.seen
        assert found.severity is Severity.BLOCKER

    def test_a_silent_second_arrival_with_one_effect_is_right(self):
        assert ask(self.slug, with_evidence(client_fault(), submits=(submit(TICKET_1004), submit(TICKET_1004)))) == ()

    def test_an_effect_behind_the_users_back_is_told(self):
        record = with_visit(with_expect(client_fault(), outcome="refused"), outcome="refused", effects=1)
        assert "told otherwise" in the_one(self.slug, record).seen

    def test_a_block_policy_that_refuses_without_effect_is_right(self):
        record = with_visit(with_expect(client_fault(), outcome="refused"), outcome="refused", effects=0, business_ms=None)
        assert ask(self.slug, record) == ()


class TestPageUsable:
    slug = "page-usable"

    def test_four_seconds_are_in_time_and_more_are_not(self):
        assert ask(self.slug, with_visit(client_fault(), loaded_ms=4000)) == ()
        found = the_one(self.slug, with_visit(client_fault(), loaded_ms=4001))
        assert "can be used within 4000 ms" in found.expected
        assert "4001 ms" in found.seen

    def test_one_second_is_an_answer_and_more_is_a_hang(self):
        assert ask(self.slug, with_visit(client_fault(), usable_ms=1000)) == ()
        assert "1001 ms" in the_one(self.slug, with_visit(client_fault(), usable_ms=1001)).seen

    def test_what_was_not_measured_is_not_judged(self):
        assert ask(self.slug, with_visit(client_fault(), usable_ms=None)) == ()

    def test_a_page_nobody_could_click_was_never_usable(self):
        found = the_one(self.slug, with_visit(client_fault(), loaded_ms=None, clicked=None))
        assert "never could" in found.seen
        assert found.severity is Severity.BLOCKER

    @pytest.mark.parametrize("known", [{"loaded_ms": None}, {"clicked": None}])
    def test_a_page_that_was_seen_loaded_or_was_clicked_could_be_used(self, known):
        assert ask(self.slug, with_visit(client_fault(), **known)) == ()

    def test_a_fault_on_the_pages_own_link_is_not_the_captchas(self):
        oracle = ORACLES.get(self.slug)
        assert not oracle.applies(with_scenario(client_fault(), link="page").scenario)
        assert oracle.applies(client_fault().scenario)


class TestBoundedWait:
    slug = "bounded-wait"

    def test_an_answer_after_the_servers_budget_is_late(self):
        found = the_one(self.slug, with_evidence(client_fault(), submits=(submit(TICKET_1004, real_ms=5001),)))
        assert "within 5000 ms" in found.expected
        assert "5001 ms" in found.seen
        assert ask(self.slug, with_evidence(client_fault(), submits=(submit(TICKET_1004, real_ms=5000),))) == ()

    def test_an_answer_that_never_came_is_a_blocker(self):
        unanswered = (submit(TICKET_1004, status=None, real_ms=None),)
        found = the_one(self.slug, with_evidence(client_fault(), submits=unanswered))
        assert "never answered" in found.seen
        assert found.severity is Severity.BLOCKER

    def test_a_request_that_the_browser_sent_again_by_itself_is_not_held_against_the_server(self):
        """Chromium does so when a kept-alive socket was dead, POST included (PITFALLS.md); only the origin sees the first."""
        lost, again = submit(TICKET_1004, status=None, real_ms=None, at_ms=100), submit(TICKET_1004, real_ms=80, at_ms=300)
        assert ask(self.slug, with_evidence(client_fault(), submits=(lost, again))) == ()

    def test_a_submit_that_was_sent_again_much_later_was_never_answered(self):
        lost, later = submit(TICKET_1004, status=None, real_ms=None, at_ms=100), submit(TICKET_1004, real_ms=80, at_ms=2200)
        assert "never answered" in the_one(self.slug, with_evidence(client_fault(), submits=(lost, later))).seen

    def test_a_fault_on_the_submit_itself_may_keep_the_answer_back(self):
        unanswered = (submit(TICKET_1004, status=None, real_ms=None),)
        assert ask(self.slug, with_scenario(with_evidence(client_fault(), submits=unanswered), link="submit")) == ()

    def test_other_visits_are_not_its_business(self):
        late = (submit(TICKET_1004), submit(REAL_TICKET, visit="new-tab", real_ms=9000))
        assert ask(self.slug, with_evidence(client_fault(), submits=late)) == ()


class TestRecovers:
    slug = "recovers"

    @pytest.mark.parametrize("name", ["same-tab", "new-tab", "new-visitor"])
    def test_each_visit_after_the_heal_must_take_place(self, name):
        remaining = tuple(seen for seen in client_fault().evidence.visits if seen.name != name)
        assert f"({name}) took place" in the_one(self.slug, with_evidence(client_fault(), visits=remaining)).seen

    @pytest.mark.parametrize("name", ["same-tab", "new-tab", "new-visitor"])
    @pytest.mark.parametrize("outcome", ["unverified", "stepped-up", "refused", "nothing"])
    def test_each_visit_after_the_heal_must_be_verified(self, name, outcome):
        effects = 1 if outcome in ("unverified", "stepped-up") else 0
        found = the_one(self.slug, with_visit(client_fault(), name, outcome=outcome, effects=effects))
        assert found.seen == f"{name}: {outcome}"

    @pytest.mark.parametrize("effects", [0, 2])
    def test_each_has_exactly_one_effect(self, effects):
        assert "exactly one effect" in the_one(self.slug, with_visit(client_fault(), "new-tab", effects=effects)).expected

    def test_a_fallback_ticket_after_the_heal_is_a_mode_that_stuck(self):
        late = (ticket(TICKET_1004), ticket(TICKET_1004, visit="same-tab"))
        found = the_one(self.slug, with_evidence(client_fault(), tickets=late))
        assert "same-tab" in found.seen
        assert TICKET_1004 in found.seen

    def test_recovery_takes_its_budget_and_the_users_solving(self):
        assert ask(self.slug, with_visit(client_fault(), "new-tab", business_ms=15000)) == ()
        assert "within 15000 ms" in the_one(self.slug, with_visit(client_fault(), "new-tab", business_ms=15001)).expected

    def test_a_heal_nobody_read_back_proves_no_recovery(self):
        unhealed = with_evidence(client_fault(), applied=client_fault().evidence.applied[:1])
        with pytest.raises(EvidenceMissing, match="never read back"):
            ask(self.slug, unhealed)

    def test_it_does_not_speak_on_faults_that_strike_once(self):
        oracle = ORACLES.get(self.slug)
        assert not oracle.applies(with_scenario(client_fault(), strikes="once").scenario)
        assert not oracle.applies(control().scenario)


class TestHealthyControl:
    slug = "healthy-control"

    def test_a_healthy_control_is_right(self):
        assert ask(self.slug, control()) == ()
        assert ask("nothing-for-free", control()) == ()

    def test_every_visit_must_be_verified(self):
        record = with_evidence(control(), visits=(visit("control"), visit("control-2", "unverified", error="degraded")))
        found = the_one(self.slug, record)
        assert found.seen == "unverified: degraded"
        assert "control-2" in found.expected

    @pytest.mark.parametrize("effects", [0, 2])
    def test_every_visit_has_one_effect(self, effects):
        assert "exactly one effect" in the_one(self.slug, with_visit(control(), "control", effects=effects)).expected

    @pytest.mark.parametrize("calls", [(), (call("control", "21"),), (call("control", "1", reached=False),)])
    def test_a_verdict_of_1_must_have_reached_the_provider(self, calls):
        found = the_one(self.slug, with_evidence(control(), verdict_calls=calls))
        assert "answered 1" in found.expected
        assert f"{len(calls)} verdict calls" in found.seen

    @pytest.mark.parametrize("where", ["submit", "answer", "effect", "callback"])
    @pytest.mark.parametrize("text", [TICKET_1004, "terror_1004_1999991641700000000"])
    def test_a_fallback_ticket_or_near_miss_anywhere_is_a_finding(self, text, where):
        found = the_one(self.slug, with_evidence(control(), tickets=(ticket(text, where, visit="control"),)))
        assert text in found.seen
        assert where in found.seen

    @pytest.mark.parametrize("counts", [(("entry", 1),), (("entry", 1), ("frame", 0))])
    def test_a_declared_link_nobody_used_is_named(self, counts):
        found = the_one(self.slug, with_evidence(control(), requests_at_origin=counts))
        assert "entry, frame" in found.expected
        assert found.seen.endswith("over frame")

    def test_hosts_that_nobody_mapped_are_named(self):
        found = the_one(self.slug, with_evidence(control(), refused_hosts=("cdn.example", "cdn.example")))
        assert found.seen == "unmapped-host, refused: 'cdn.example'"
        assert found.severity is Severity.MAJOR

    def test_what_a_third_party_s_record_lacks_is_named_though_the_visit_is_verified(self):
        lacks = Diagnosis(name="not-recorded", seen="the record lacks GET https://cdn.example/a.js", mend="record it")
        found = the_one(self.slug, with_evidence(control(), diagnoses=(lacks,)))
        assert found.seen == "not-recorded: the record lacks GET https://cdn.example/a.js"
        assert (found.severity, found.mend) == (Severity.MAJOR, "record it")

    def test_a_control_without_a_visit_cannot_tell(self):
        with pytest.raises(EvidenceMissing):
            ask(self.slug, with_evidence(control(), visits=()))

    def test_it_speaks_on_controls_alone(self):
        assert not ORACLES.get(self.slug).applies(replace(client_fault().scenario))
