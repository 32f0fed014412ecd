"""From findings to a verdict: unknown is never a pass, and nothing that was not seen to happen counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.catalog import Family, Place, Policy
from harness.journal.model import Applied, Judgement, Severity, Sighting, Verdict
from harness.judge import ORACLES, felt, finding, judge, judge_run, near_budget, needs_repeat
from suites.selftest.judge.records import (
    REFUSED,
    SCRIPTS,
    at,
    attempt,
    call,
    client_fault,
    control,
    forgery,
    honest_try,
    server_fault,
    submit,
    verdicts,
    with_evidence,
    with_expect,
    with_scenario,
    with_visit,
)

SICK = with_evidence(control(), verdict_calls=())


def sightings(*places):
    return tuple(Sighting(place=place, what="seen twice") for place in places)


def judged(record, *controls):
    return judge(record, controls=controls or (control(),))


@pytest.mark.parametrize("good", [client_fault, server_fault])
def test_a_felt_fault_a_healthy_control_and_no_finding_is_a_pass(good):
    assert judged(good()) == Judgement(verdict=Verdict.PASS, fault_felt=True)


def test_a_finding_is_a_fail():
    judgement = judged(with_visit(client_fault(), effects=2))
    assert judgement.verdict is Verdict.FAIL
    assert [found.oracle for found in judgement.findings] == ["business-completes"]
    assert judgement.unknown_because == ""


class TestFelt:
    def test_two_places_of_the_faults_own_make_it_felt(self):
        assert felt(client_fault()).felt
        assert felt(client_fault()).reason == ""

    def test_sabotage_that_claims_success_is_unknown(self):
        """Receipts without a sighting: the fault's apply and read-back were replaced by ones that do nothing."""
        judgement = judged(with_evidence(client_fault(), sightings=()))
        assert judgement.verdict is Verdict.UNKNOWN
        assert not judgement.fault_felt
        assert "seen at none, not seen at toxiproxy, router, browser" in judgement.unknown_because

    def test_one_place_is_not_enough_and_the_others_are_named(self):
        reason = felt(with_evidence(client_fault(), sightings=sightings(Place.ROUTER))).reason
        assert "seen at router, not seen at toxiproxy, browser" in reason

    def test_the_same_place_twice_is_one_place(self):
        assert not felt(with_evidence(client_fault(), sightings=sightings(Place.ROUTER, Place.ROUTER))).felt

    def test_a_place_that_is_not_the_faults_does_not_count(self):
        found = felt(with_evidence(client_fault(), sightings=sightings(Place.ROUTER, Place.PROVIDER)))
        assert not found.felt
        assert "seen at provider, which does not count" in found.reason

    def test_a_sighting_without_words_is_none(self):
        empty = (*sightings(Place.ROUTER), Sighting(place=Place.BROWSER, what=" "))
        assert not felt(with_evidence(client_fault(), sightings=empty)).felt

    def test_a_fault_that_was_never_applied_was_not_felt(self):
        heal_only = (Applied(action="heal", moment=at(1), receipts=("enabled=true",)),)
        assert "never applied" in felt(with_evidence(client_fault(), applied=heal_only)).reason

    @pytest.mark.parametrize("receipts", [(), ("",)])
    def test_a_fault_nobody_read_back_was_not_felt(self, receipts):
        unread = (Applied(action="apply", moment=at(1), receipts=receipts),)
        assert "read back" in felt(with_evidence(client_fault(), applied=unread)).reason

    def test_a_plan_without_a_fault_is_said_so(self):
        assert felt(with_scenario(client_fault(), fault=None)).reason == "the plan names no fault"

    def test_a_verdict_the_provider_never_gave_is_unknown(self):
        tried = attempt("code-9")
        assert judged(verdicts(tried)).verdict is Verdict.PASS
        for calls in ((), (call("try", "7"),), (call("try", "9", reached=False),)):
            judgement = judged(with_evidence(verdicts(tried), verdict_calls=(call("control"), *calls)))
            assert judgement.verdict is Verdict.UNKNOWN
            assert "never gave the verdict 9" in judgement.unknown_because

    def test_forged_tries_that_nobody_answered_prove_nothing(self):
        record = forgery(Policy.BLOCK, attempt("garbage"), attempt("garbage", status=None, health="outage"))
        judgement = judged(record)
        assert judgement.verdict is Verdict.UNKNOWN
        assert "none of the tries made in outage" in judgement.unknown_because

    def test_forged_tries_in_an_outage_that_was_not_felt_prove_nothing(self):
        record = with_scenario(forgery(Policy.BLOCK, attempt("garbage", health="outage")), fault=REFUSED)
        judgement = judged(record)
        assert judgement.verdict is Verdict.UNKNOWN
        assert "never applied" in judgement.unknown_because
        out = client_fault().evidence
        assert judged(with_evidence(record, applied=out.applied, sightings=out.sightings)).verdict is Verdict.PASS

    @pytest.mark.parametrize(
        ("spoilt", "why"),
        [
            ({"completed": False, "effects": 0, "status": 401}, "does not say completed (status 401)"),
            ({"completed": False, "effects": 0, "status": None}, "does not say completed (no answer)"),
            ({"effects": 0}, "0 effects and not one"),
            ({"effects": 2}, "2 effects and not one"),
            ({"ticket": "never-asked-about"}, "never gave it the verdict 1"),
        ],
    )
    @pytest.mark.parametrize("record", [forgery(Policy.ACCEPT, attempt("garbage")), verdicts(attempt("code-9"))])
    def test_a_submit_that_a_good_ticket_does_not_get_through_proves_no_door_shut(self, record, spoilt, why):
        assert judged(record).verdict is Verdict.PASS
        _, *others = record.evidence.attempts
        judgement = judged(with_evidence(record, attempts=(honest_try(**spoilt), *others)))
        assert judgement.verdict is Verdict.UNKNOWN
        assert "does not work even with a good ticket" in judgement.unknown_because
        assert why in judgement.unknown_because

    @pytest.mark.parametrize("record", [forgery(Policy.ACCEPT, attempt("garbage")), verdicts(attempt("code-9"))])
    def test_without_a_try_with_a_good_ticket_nothing_is_known(self, record):
        _, *others = record.evidence.attempts
        assert "no try with a good ticket was recorded" in felt(with_evidence(record, attempts=tuple(others))).reason

    def test_a_good_ticket_alone_is_no_forged_try(self):
        record = forgery(Policy.ACCEPT, attempt("garbage"))
        alone = with_evidence(record, attempts=record.evidence.attempts[:1])
        assert felt(alone).reason == "no forged try was recorded"

    @pytest.mark.parametrize("record", [forgery(Policy.BLOCK), verdicts()])
    def test_no_try_is_unknown(self, record):
        assert judged(record).verdict is Verdict.UNKNOWN
        assert felt(record).reason == "no try was recorded"


class TestUnknown:
    def test_findings_are_listed_though_the_verdict_is_unknown(self):
        judgement = judged(with_evidence(with_visit(client_fault(), effects=2), sightings=()))
        assert judgement.verdict is Verdict.UNKNOWN
        assert [found.oracle for found in judgement.findings] == ["business-completes"]

    def test_a_broken_laboratory_says_nothing_about_the_target(self):
        for record in (client_fault(), control()):
            judgement = judged(with_evidence(record, lab_error="the browser crashed"))
            assert judgement.verdict is Verdict.UNKNOWN
            assert "the browser crashed" in judgement.unknown_because

    def test_an_oracle_that_crashes_is_named_and_the_others_still_speak(self, monkeypatch):
        def explode(record):
            raise ZeroDivisionError("by design")

        monkeypatch.setattr(ORACLES.get("bounded-wait"), "examine", explode, raising=True)
        judgement = judged(with_visit(client_fault(), effects=2))
        assert judgement.verdict is Verdict.UNKNOWN
        assert "bounded-wait crashed: ZeroDivisionError: by design" in judgement.unknown_because
        assert [found.oracle for found in judgement.findings] == ["business-completes"]

    def test_an_oracle_that_crashes_on_the_control_makes_its_slot_unhealthy(self, monkeypatch):
        def explode(record):
            raise KeyError("x")

        monkeypatch.setattr(ORACLES.get("healthy-control"), "examine", explode)
        assert judged(control()).verdict is Verdict.UNKNOWN
        assert judged(client_fault()).verdict is Verdict.UNKNOWN

    def test_missing_evidence_is_said_by_the_oracle_that_misses_it(self):
        judgement = judged(with_evidence(client_fault(), visits=client_fault().evidence.visits[1:]))
        assert judgement.verdict is Verdict.UNKNOWN
        assert "the oracle business-completes cannot tell: no visit of the honest user" in judgement.unknown_because

    def test_a_scenario_nobody_speaks_on_is_unknown(self, monkeypatch):
        for oracle in ORACLES:
            monkeypatch.setattr(oracle, "applies", lambda scenario: False)
        judgement = judge(control(), controls=())
        assert judgement.verdict is Verdict.UNKNOWN
        assert "no oracle" in judgement.unknown_because

    def test_an_oracle_of_somebody_elses_package_is_asked_like_our_own(self, monkeypatch):
        class NoScreenshot:
            slug = "screenshot"
            demands = "Every visit leaves a screenshot."
            why = "A report without one is hard to believe."
            source = "our own rules, 4.2"
            severity = Severity.MINOR
            mend = "Front end: nothing. Back end: nothing."
            needs = "fault"

            def applies(self, scenario):
                return scenario.kind == "fault"

            def examine(self, record):
                bare = [visit.name for visit in record.evidence.visits if not visit.screenshot]
                return tuple(finding(self, expected="a screenshot", seen=f"none of {name}") for name in bare[:1])

        ORACLES.all()
        monkeypatch.setitem(ORACLES._parts, "screenshot", NoScreenshot())
        judgement = judged(client_fault())
        assert judgement.verdict is Verdict.FAIL
        assert judgement.findings[0].seen == "none of honest"

    def test_the_judge_keeps_no_list_of_its_own(self):
        """An oracle is found by standing in its folder."""
        assert set(ORACLES.all()) >= {
            "fallback-ticket",
            "business-completes",
            "page-usable",
            "nothing-for-free",
            "verdict-is-a-verdict",
            "bounded-wait",
            "healthy-control",
            "recovers",
        }


class TestControls:
    def test_a_control_is_judged_by_itself(self):
        assert judge(control(), controls=()) == Judgement(verdict=Verdict.PASS)
        sick = judge(SICK, controls=())
        assert sick.verdict is Verdict.FAIL
        assert {found.oracle for found in sick.findings} == {"healthy-control", "nothing-for-free"}

    def test_without_a_control_nothing_passes(self):
        judgement = judge(client_fault(), controls=())
        assert judgement.verdict is Verdict.UNKNOWN
        assert judgement.unknown_because == "no control ran in slot 0"

    def test_a_control_of_another_slot_does_not_count(self):
        assert "slot 0" in judged(client_fault(), replace(control(), slot=1)).unknown_because

    def test_a_fault_record_is_no_control(self):
        assert judged(client_fault(), client_fault()).verdict is Verdict.UNKNOWN

    @pytest.mark.parametrize("order", [(control(), SICK), (SICK, control())])
    def test_one_unhealthy_control_before_or_after_is_enough(self, order):
        judgement = judged(client_fault(), *order)
        assert judgement.verdict is Verdict.UNKNOWN
        assert "not healthy: control-login" in judgement.unknown_because

    def test_an_unhealthy_control_of_another_slot_is_not_its_business(self):
        assert judged(client_fault(), control(), replace(SICK, slot=1)).verdict is Verdict.PASS

    def test_another_flows_control_says_nothing_on_this_flow(self):
        other = with_scenario(control(), flow="checkout")
        assert "no control ran the flow login" in judged(client_fault(), other).unknown_because
        assert judged(client_fault(), other, replace(control(), slot=1)).verdict is Verdict.PASS


class TestScripts:
    changed = (("entry", "aa"), ("frame", "XX"))

    def test_a_client_script_that_differs_from_the_controls_is_unknown(self):
        judgement = judged(with_evidence(client_fault(), scripts=self.changed))
        assert judgement.verdict is Verdict.UNKNOWN
        assert judgement.unknown_because == "client script differs from the control's: frame"

    def test_a_script_the_control_never_saw_differs(self):
        assert judged(with_evidence(client_fault(), scripts=(*SCRIPTS, ("extra", "cc")))).verdict is Verdict.UNKNOWN

    def test_a_response_fault_makes_its_own_links_script_and_no_other(self):
        garbage = replace(REFUSED, family=Family.RESPONSE)
        record = with_scenario(with_evidence(client_fault(), scripts=self.changed), fault=garbage)
        assert judged(record).verdict is Verdict.PASS
        assert judged(with_scenario(record, link="entry")).verdict is Verdict.UNKNOWN

    def test_builds_are_compared_with_controls_of_their_own(self):
        newer = with_scenario(with_evidence(client_fault(), scripts=self.changed), build="newer")
        assert "no control ran the client build newer" in judged(newer).unknown_because
        of_newer = with_scenario(with_evidence(control(), scripts=self.changed), build="newer")
        assert judged(newer, control(), of_newer).verdict is Verdict.PASS


class TestRun:
    def test_of_repeats_only_the_last_attempt_counts(self):
        bad = with_visit(client_fault(), effects=2)
        run = judge_run([control(), bad, replace(client_fault(), attempt=2)])
        assert run["login-frame-refused"].verdict is Verdict.PASS
        run = judge_run([control(), replace(bad, attempt=2), client_fault()])
        assert run["login-frame-refused"].verdict is Verdict.FAIL

    def test_a_resumed_run_that_ran_a_scenario_again_counts_the_later_record(self):
        bad = with_visit(client_fault(), effects=2)
        assert judge_run([control(), bad, client_fault()])["login-frame-refused"].verdict is Verdict.PASS
        assert judge_run([control(), client_fault(), bad])["login-frame-refused"].verdict is Verdict.FAIL

    def test_each_scenario_answers_to_its_own_slot(self):
        other = with_scenario(replace(client_fault(), slot=1), id="other")
        run = judge_run([control(), replace(SICK, slot=1), client_fault(), other])
        assert run["login-frame-refused"].verdict is Verdict.PASS
        assert run["other"].verdict is Verdict.UNKNOWN

    def test_a_control_in_many_slots_is_told_at_its_worst(self):
        for order in ([control(), replace(SICK, slot=1)], [SICK, replace(control(), slot=1)]):
            assert judge_run(order)["control-login"].verdict is Verdict.FAIL

    def test_a_control_that_fails_only_at_the_end_of_its_slot_still_counts(self):
        assert judge_run([control(), client_fault(), SICK])["login-frame-refused"].verdict is Verdict.UNKNOWN

    def test_a_repeated_control_replaces_its_first_attempt(self):
        run = judge_run([SICK, replace(control(), attempt=2), client_fault()])
        assert {judgement.verdict for judgement in run.values()} == {Verdict.PASS}


class TestRepeat:
    def reason(self, record):
        return needs_repeat(record, judged(record))

    def test_a_pass_stands(self):
        assert self.reason(client_fault()) == ""
        assert self.reason(with_evidence(client_fault(), clock="advanced")) == ""

    @pytest.mark.parametrize("spoil", [{"effects": 2}, {"outcome": "nothing", "effects": 0}])
    def test_anything_but_a_pass_under_an_advanced_clock_is_repeated(self, spoil):
        record = with_evidence(with_visit(client_fault(), **spoil), clock="advanced")
        assert self.reason(record) == "clock was advanced"
        assert self.reason(with_evidence(record, sightings=())) == "clock was advanced"

    @pytest.mark.parametrize(
        "late",
        [
            with_visit(client_fault(), fallback_ms=5001),
            with_visit(client_fault(), business_ms=20000),
            with_visit(client_fault(), loaded_ms=4001),
            with_visit(client_fault(), usable_ms=2900),
            with_visit(client_fault(), "new-tab", business_ms=15001),
            with_evidence(client_fault(), submits=(submit("x", real_ms=5100),)),
        ],
        ids=["fallback", "business", "loaded", "usable", "recovery", "server"],
    )
    def test_every_time_a_little_over_its_budget_is_repeated_once(self, late):
        assert near_budget(late)
        assert self.reason(late) == "time near budget"
        assert self.reason(replace(late, attempt=2)) == ""

    def test_a_time_in_its_budget_is_not_near_it(self):
        """5000 ms is the fallback's budget, 15000 thrice that."""
        for spent_ms, near in ((4999, False), (5000, False), (5001, True), (15000, True), (15001, False)):
            assert near_budget(with_visit(client_fault(), fallback_ms=spent_ms)) is near

    def test_only_times_that_a_finding_may_rest_on_are_near(self):
        own_page = with_scenario(with_visit(client_fault(), loaded_ms=4001), link="page")
        unwanted = with_expect(with_visit(client_fault(), fallback_ms=5001), codes=())
        refused = with_visit(client_fault(), outcome="refused", business_ms=10001)
        assert not any(near_budget(record) for record in (own_page, unwanted, refused))
        assert not near_budget(with_scenario(with_visit(client_fault(), loaded_ms=4001), kind="control"))

    def test_a_time_far_over_its_budget_is_not_the_machines_fault(self):
        late = with_visit(client_fault(), business_ms=30001)
        assert judged(late).verdict is Verdict.FAIL
        assert self.reason(late) == ""

    @pytest.mark.parametrize("name", ["honest", "new-visitor"])
    def test_a_visit_that_was_waited_for_in_vain_is_repeated_once(self, name):
        """The lab gives up a little after the budget: a busy machine may have needed that little."""
        given_up = with_visit(client_fault(), name, outcome="nothing", effects=0, business_ms=None, ended=at(16000))
        assert self.reason(given_up) == "given up near budget"
        assert self.reason(with_visit(given_up, name, ended=at(3000))) == ""

    def test_a_fail_that_is_not_about_time_stands(self):
        assert self.reason(with_visit(client_fault(), effects=2)) == ""
