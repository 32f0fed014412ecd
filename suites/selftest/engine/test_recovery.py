"""Faults that come and go, and a crowd after an outage, through the real engine: on the shop, and on one that is wrong."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from harness.journal.model import AGAIN, HELD_UP, NEXT, Record, Verdict
from harness.zoo.materialise import materialised

FLAPS = "login-recovery-flaps-verdict-refused"
BEFORE_SUBMIT = "login-recovery-ends-before-submit-frame-refused"
STORM = "login-recovery-storm-verdict-hang"
# docs/recovery.md: a crowd of thirty, each at an address of their own, where the shop's policy lets each account in unverified.
CROWD = 30


@pytest.fixture(scope="module")
def ran(run_scenarios: Any) -> Any:
    return run_scenarios(FLAPS, BEFORE_SUBMIT, STORM, jobs=2)


def order(record: Record, *what: str) -> list[str]:
    """Which of these events came one after the other in the honest visit."""
    return [event.what for event in record.evidence.events if event.what in what and event.visit == "honest"]


def test_the_shop_passes(ran: Any) -> None:
    judged = {name: ran.judgements[name] for name in (FLAPS, BEFORE_SUBMIT, STORM)}
    said = {name: (one.verdict, one.unknown_because) for name, one in judged.items()}
    assert said == dict.fromkeys((FLAPS, BEFORE_SUBMIT, STORM), (Verdict.PASS, ""))


def test_a_fault_that_flaps_comes_twice_and_is_read_back_each_time(ran: Any) -> None:
    evidence = ran.record(FLAPS).evidence
    assert [applied.action for applied in evidence.applied] == ["apply", "heal", "apply", "heal"]
    assert all(applied.receipts for applied in evidence.applied)
    assert [visit.name for visit in evidence.visits] == ["honest", "comes-back", "same-tab", "new-tab", "new-visitor"]
    assert [visit.outcome for visit in evidence.visits[:2]] == ["unverified", "unverified"]


def test_the_submit_waits_at_the_door_until_the_fault_has_ended(ran: Any) -> None:
    record = ran.record(BEFORE_SUBMIT)
    (submit,) = (one for one in record.evidence.submits if one.visit == "honest")
    healed_ms = next(done.moment.at_ms for done in record.evidence.applied if done.action == "heal")
    assert order(record, "submit", "fault-healed", "submit-answered") == ["submit", "fault-healed", "submit-answered"]
    assert submit.moment.at_ms <= healed_ms
    assert submit.ticket.startswith("terror_1004_")


def test_a_crowd_that_comes_back_at_once_is_served_once_each(ran: Any) -> None:
    evidence = ran.record(STORM).evidence
    came = Counter(attempt.label for attempt in evidence.attempts)
    assert (came[HELD_UP], came[AGAIN], came[NEXT]) == (CROWD, CROWD, 1)
    in_outage = sum(attempt.effects for attempt in evidence.attempts if attempt.label in (HELD_UP, AGAIN))
    assert in_outage == CROWD
    # Each of the crowd, the honest try before it, and the next visitor.
    assert sum(attempt.effects for attempt in evidence.attempts) == CROWD + 2
    address = {attempt.account: attempt.address for attempt in evidence.attempts if attempt.label in (AGAIN, NEXT)}
    assert len(set(address.values())) == CROWD + 1, "each comes from somewhere else"
    (last,) = (attempt for attempt in evidence.attempts if attempt.label == NEXT)
    assert {call.user_ip for call in evidence.verdict_calls if call.ticket == last.ticket} == {last.address}
    came_back = {attempt.account for attempt in evidence.attempts if attempt.label in (AGAIN, NEXT)}
    assert dict(evidence.crowd_effects_by) == dict.fromkeys(came_back, 1), "the shop's records say whose they are"


@pytest.mark.nightly  # every day the zoo has this animal
def test_a_crowd_that_is_signed_in_twice_is_found(run_scenarios: Any) -> None:
    with materialised("storm-signs-in-twice") as folder:
        ran = run_scenarios(STORM, target=str(folder))
    judgement = ran.judgements[STORM]
    assert judgement.verdict is Verdict.FAIL
    assert [found.oracle for found in judgement.findings] == ["exactly-once"]
    assert judgement.findings[0].seen.startswith("doubled:")
