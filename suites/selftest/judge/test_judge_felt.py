"""Whether a fault was felt: nothing that was not seen to happen counts."""

from __future__ import annotations

import pytest

from harness.catalog import Place, Policy
from harness.journal.model import Applied, Sighting, Verdict
from harness.judge import felt
from suites.selftest.judge.records import (
    REFUSED,
    at,
    attempt,
    call,
    client_fault,
    forgery,
    honest_try,
    judged,
    verdicts,
    with_evidence,
    with_scenario,
)


def sightings(*places):
    return tuple(Sighting(place=place, what="seen twice") for place in places)


def test_two_places_of_the_faults_own_make_it_felt():
    assert felt(client_fault()).felt
    assert felt(client_fault()).reason == ""


def test_sabotage_that_claims_success_is_unknown():
    """Receipts without a sighting: the fault's apply and read-back were replaced by ones that do nothing."""
    judgement = judged(with_evidence(client_fault(), sightings=()))
    assert judgement.verdict is Verdict.UNKNOWN
    assert not judgement.fault_felt
    assert "seen at none, not seen at toxiproxy, router, browser" in judgement.unknown_because


def test_one_place_is_not_enough_and_the_others_are_named():
    reason = felt(with_evidence(client_fault(), sightings=sightings(Place.ROUTER))).reason
    assert "seen at router, not seen at toxiproxy, browser" in reason


def test_the_same_place_twice_is_one_place():
    assert not felt(with_evidence(client_fault(), sightings=sightings(Place.ROUTER, Place.ROUTER))).felt


def test_a_place_that_is_not_the_faults_does_not_count():
    found = felt(with_evidence(client_fault(), sightings=sightings(Place.ROUTER, Place.PROVIDER)))
    assert not found.felt
    assert "seen at provider, which does not count" in found.reason


def test_what_was_seen_of_one_link_does_not_make_the_fault_felt_on_another():
    both = with_scenario(client_fault(), link="verdict", beside=("entry",))
    entry = tuple(Sighting(place=place, what="seen", link="entry") for place in (Place.ROUTER, Place.TOXIPROXY))
    assert felt(with_evidence(both, sightings=(*sightings(Place.ROUTER, Place.TOXIPROXY), *entry))).felt
    assert "not felt: seen at none" in felt(with_evidence(both, sightings=entry)).reason
    alone = felt(with_evidence(both, sightings=sightings(Place.ROUTER, Place.TOXIPROXY))).reason
    assert "the fault refused was not felt on the link entry: seen at none" in alone


def test_a_sighting_without_words_is_none():
    empty = (*sightings(Place.ROUTER), Sighting(place=Place.BROWSER, what=" "))
    assert not felt(with_evidence(client_fault(), sightings=empty)).felt


def test_a_fault_that_was_never_applied_was_not_felt():
    heal_only = (Applied(action="heal", moment=at(1), receipts=("enabled=true",)),)
    assert "never applied" in felt(with_evidence(client_fault(), applied=heal_only)).reason


@pytest.mark.parametrize("receipts", [(), ("",)])
def test_a_fault_nobody_read_back_was_not_felt(receipts):
    unread = (Applied(action="apply", moment=at(1), receipts=receipts),)
    assert "read back" in felt(with_evidence(client_fault(), applied=unread)).reason


def test_a_plan_without_a_fault_is_said_so():
    assert felt(with_scenario(client_fault(), fault=None)).reason == "the plan names no fault"


def test_a_verdict_the_provider_never_gave_is_unknown():
    tried = attempt("code-9")
    assert judged(verdicts(tried)).verdict is Verdict.PASS
    for calls in ((), (call("try", "7"),), (call("try", "9", reached=False),)):
        judgement = judged(with_evidence(verdicts(tried), verdict_calls=(call("control"), *calls)))
        assert judgement.verdict is Verdict.UNKNOWN
        assert "never gave the verdict 9" in judgement.unknown_because


def test_forged_tries_that_nobody_answered_prove_nothing():
    record = forgery(Policy.BLOCK, attempt("garbage"), attempt("garbage", status=None, health="outage"))
    judgement = judged(record)
    assert judgement.verdict is Verdict.UNKNOWN
    assert "none of the tries made in outage" in judgement.unknown_because


def test_forged_tries_in_an_outage_that_was_not_felt_prove_nothing():
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
def test_a_submit_that_a_good_ticket_does_not_get_through_proves_no_door_shut(record, spoilt, why):
    assert judged(record).verdict is Verdict.PASS
    _, *others = record.evidence.attempts
    judgement = judged(with_evidence(record, attempts=(honest_try(**spoilt), *others)))
    assert judgement.verdict is Verdict.UNKNOWN
    assert "does not work even with a good ticket" in judgement.unknown_because
    assert why in judgement.unknown_because


@pytest.mark.parametrize("record", [forgery(Policy.ACCEPT, attempt("garbage")), verdicts(attempt("code-9"))])
def test_without_a_try_with_a_good_ticket_nothing_is_known(record):
    _, *others = record.evidence.attempts
    assert "no try with a good ticket was recorded" in felt(with_evidence(record, attempts=tuple(others))).reason


def test_a_good_ticket_alone_is_no_forged_try():
    record = forgery(Policy.ACCEPT, attempt("garbage"))
    alone = with_evidence(record, attempts=record.evidence.attempts[:1])
    assert felt(alone).reason == "no forged try was recorded"


@pytest.mark.parametrize("record", [forgery(Policy.BLOCK), verdicts()])
def test_no_try_is_unknown(record):
    assert judged(record).verdict is Verdict.UNKNOWN
    assert felt(record).reason == "no try was recorded"
