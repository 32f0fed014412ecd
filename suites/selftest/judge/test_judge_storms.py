"""A crowd that comes back after an outage has its business once each, and so have those who come after it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.catalog import Policy
from harness.journal.model import Attempt, Evidence, Limits, Record, Verdict
from harness.judge.repeat import needs_repeat
from suites.selftest.judge.records import (
    ask,
    attempt,
    call,
    honest_try,
    judged,
    server_fault,
    submit,
    the_one,
    with_evidence,
    with_expect,
    with_scenario,
)

# The issue: exactly once, always; docs/recovery.md says what each of these may lead to.
LIMIT = 5


def storm(
    *crowd: Attempt,
    policy: Policy = Policy.ACCEPT,
    passed: tuple[str, ...] = (),
    last: tuple[Attempt, ...] = (),
    by: dict[str, int] | None = None,
) -> Record:
    """A crowd that came back, the next visitors after it, the tickets that the provider passed, effects by account."""
    record = with_expect(server_fault(), policy=policy, limits=Limits(per_address=LIMIT))
    record = with_scenario(record, id="login-recovery-storm-verdict-hang", kind="storm")
    last = last or (done("storm:next", "next"),)
    calls = tuple(call("storm", text=text) for text in (honest_try().ticket, "t03 of next", *passed))
    evidence = Evidence(
        applied=record.evidence.applied,
        sightings=record.evidence.sightings,
        attempts=(honest_try(), *crowd, *last),
        verdict_calls=calls,
        crowd_effects_by=tuple((by or {}).items()),
    )
    return replace(record, evidence=evidence)


def one(label: str, account: str, **more: Any) -> Attempt:
    return attempt(label, **({"account": account, "ticket": f"t03 of {account}"} | more))


def done(label: str, account: str, **more: Any) -> Attempt:
    return one(label, account, **({"effects": 1, "status": 200, "completed": True} | more))


def quiet_crowd() -> tuple[Attempt, ...]:
    """One was let in while the API hung; the other was refused twice, and solved again."""
    return (
        done("storm:held-up", "anna"),
        one("storm:held-up", "bela", status=429),
        one("storm:again", "anna"),
        one("storm:again", "bela"),
        done("storm:fresh", "bela", ticket="t03 fresh"),
    )


def test_a_crowd_that_is_served_once_each_passes() -> None:
    judgement = judged(storm(*quiet_crowd(), passed=("t03 fresh",)))
    assert (judgement.verdict, judgement.unknown_because) == (Verdict.PASS, "")


def test_a_second_effect_for_one_of_a_crowd_is_doubled() -> None:
    anna, *others = quiet_crowd()
    record = storm(replace(anna, effects=2), *others, passed=("t03 fresh",))
    assert the_one("exactly-once", record).seen == "doubled: the business took effect 3 times"


def test_an_effect_that_one_of_a_crowd_was_promised_and_has_not_is_lost() -> None:
    anna, *others = quiet_crowd()
    record = storm(replace(anna, effects=0), *others, passed=("t03 fresh",))
    assert the_one("exactly-once", record).seen == "lost: the business took effect once"


def test_a_crowd_gets_no_more_without_a_verdict_than_the_limits_say() -> None:
    crowd = [done("storm:held-up", f"user {number}") for number in range(LIMIT + 1)]
    assert the_one("nothing-for-free", storm(*crowd)).seen == "6 when all came back at once"
    assert judged(storm(*crowd[:LIMIT])).verdict is Verdict.PASS
    assert judged(storm(*crowd, passed=("t03 of user 0",))).verdict is Verdict.PASS


def test_a_crowd_that_comes_from_many_addresses_gets_what_the_limits_give_to_each() -> None:
    crowd = [done("storm:held-up", f"user {number}", address=f"192.0.2.{number}") for number in range(LIMIT + 1)]
    assert judged(storm(*crowd)).verdict is Verdict.PASS
    again = [replace(one, label="storm:again") for one in crowd[:1]]
    found = the_one("nothing-for-free", storm(*crowd, *again))
    assert found.expected == "at most 6 effects without the provider's 1 for a crowd at 6 addresses (policy accept)"
    assert found.seen == "7 when all came back at once"


def test_a_window_that_a_storm_outlasts_begins_anew() -> None:
    """Some 15 s in windows of 10 s, wherever these begin: three of them at most."""
    crowd = [done("storm:held-up", f"user {number}") for number in range(3 * LIMIT + 1)]
    sent = tuple(submit("t", at_ms=at_ms) for at_ms in (1000, 16_000))

    def lasting(*some: Attempt) -> Record:
        return with_evidence(with_expect(storm(*some), limits=Limits(per_address=LIMIT, window_s=10)), submits=sent)

    assert ask("nothing-for-free", lasting(*crowd[:-1])) == ()
    assert the_one("nothing-for-free", lasting(*crowd)).expected.startswith("at most 15 effects")


def test_where_a_second_factor_is_asked_for_a_crowd_gets_nothing_without_a_verdict() -> None:
    offered = one("storm:held-up", "anna", status=202, offered=True)
    assert judged(storm(offered, policy=Policy.STEP_UP)).verdict is Verdict.PASS
    assert the_one("nothing-for-free", storm(done("storm:held-up", "anna"), policy=Policy.STEP_UP)).seen.startswith("1 when")


@pytest.mark.parametrize(
    ("spoilt", "seen"),
    [
        ({"status": 500, "server_error": True}, "1 of 6 tries were answered with a 5xx"),
        ({"status": None}, "1 of 6 tries were not answered"),
    ],
)
def test_a_crowd_is_answered_and_never_by_a_crash(spoilt: dict[str, Any], seen: str) -> None:
    crowd = list(quiet_crowd())
    crowd[3] = replace(crowd[3], **spoilt)
    assert the_one("recovers", storm(*crowd, passed=("t03 fresh",))).seen == seen


def test_who_is_refused_with_a_ticket_of_their_own_too_is_locked_out() -> None:
    crowd = (*quiet_crowd()[:4], one("storm:fresh", "bela", ticket="t03 fresh"))
    assert the_one("recovers", storm(*crowd)).seen == "1 did not"


def not_yet(after_ms: float, **more: Any) -> Attempt:
    """A next visitor whom a breaker that remembers the outage turns away, or as ``more`` has it."""
    return one("storm:next", f"next at {after_ms:.0f}", **({"status": 429, "after_ms": after_ms} | more))


@pytest.mark.parametrize(
    ("last", "seen"),
    [
        (one("storm:next", "next"), "1 came, the last 0 ms after it: status 403, 0 effects, a 1 of the provider"),
        (
            done("storm:next", "next", ticket="t03 unasked"),
            "1 came, the last 0 ms after it: status 200, 1 effects, no 1 of the provider",
        ),
        (done("storm:next", "next", effects=2), "status 200, 2 effects, a 1 of the provider"),
        (done("storm:next", "next", effects=0), "status 200, 0 effects, a 1 of the provider"),
        # 10 s for recovery and 5 s for solving, the defaults.
        (done("storm:next", "next", real_ms=15_001.0), "after 15001 ms"),
    ],
)
def test_the_next_visitor_is_verified_once_and_in_time(last: Attempt, seen: str) -> None:
    assert the_one("recovers", storm(*quiet_crowd(), passed=("t03 fresh",), last=(last,))).seen == seen


def test_a_breaker_that_remembers_the_outage_for_some_seconds_is_right() -> None:
    """Until it has forgotten, next visitors are turned away or let in as the policy says."""
    unverified = not_yet(3500, status=200, effects=1, completed=True)
    last = (not_yet(400), not_yet(2000), unverified, done("storm:next", "next", after_ms=4100.0))
    judgement = judged(storm(*quiet_crowd(), passed=("t03 fresh",), last=last))
    assert (judgement.verdict, judgement.unknown_because, judgement.findings) == (Verdict.PASS, "", ())


def test_a_target_that_verifies_nobody_in_the_time_for_recovery_is_found_and_tried_once_more() -> None:
    record = storm(*quiet_crowd(), passed=("t03 fresh",), last=(not_yet(400), not_yet(5000), not_yet(10_400)))
    found = the_one("recovers", record)
    assert found.expected == "a next visitor is verified within 10000 ms of the outage's end"
    assert found.seen == "3 came, the last 10400 ms after it: status 429, 0 effects, no 1 of the provider"
    assert needs_repeat(record, judged(record)) == "given up near budget"


def test_next_visitors_get_no_more_unverified_than_the_limits_say_until_one_is_verified() -> None:
    let_in = [not_yet(ms, status=200, effects=1, completed=True) for ms in range(LIMIT + 1)]
    last = (*let_in, done("storm:next", "next", after_ms=4100.0))
    found = the_one("nothing-for-free", storm(*quiet_crowd(), passed=("t03 fresh",), last=last))
    assert (found.expected.split(" at one")[0], found.seen[:2]) == (
        f"at most {LIMIT} effects without the provider's 1 for next visitors", f"{LIMIT + 1} ",
    )  # fmt: skip
    assert judged(storm(*quiet_crowd(), passed=("t03 fresh",), last=last[1:])).verdict is Verdict.PASS


def test_a_next_visitor_is_answered_and_never_by_a_crash_though_a_later_one_is_verified() -> None:
    crashed = not_yet(400, status=500, server_error=True)
    record = storm(*quiet_crowd(), passed=("t03 fresh",), last=(crashed, done("storm:next", "next", after_ms=900.0)))
    assert the_one("recovers", record).seen == "1 of 7 tries were answered with a 5xx"


WHOSE = {"anna": 1, "bela": 1, "next": 1}


def test_a_crowd_whose_effects_are_told_apart_by_account_passes() -> None:
    assert judged(storm(*quiet_crowd(), passed=("t03 fresh",), by=WHOSE)).verdict is Verdict.PASS


def test_an_effect_that_is_lost_hides_none_that_is_doubled() -> None:
    """In all there are as many as there should be."""
    record = storm(*quiet_crowd(), passed=("t03 fresh",), by={"anna": 2, "next": 1})
    found = the_one("exactly-once", record)
    assert found.seen == "doubled and lost: the business took effect twice ('anna', 'bela')"


def test_a_late_effect_of_the_crowds_is_not_taken_for_the_next_visitors() -> None:
    """The lab counts what all of a round gained; the records say whose it was."""
    anna, *others = quiet_crowd()
    last = (done("storm:next", "next", effects=2),)
    record = storm(replace(anna, effects=0), *others, passed=("t03 fresh",), last=last, by=WHOSE)
    assert judged(record).verdict is Verdict.PASS


def test_records_that_do_not_all_name_somebody_are_counted_together() -> None:
    """What is nobody's may be anybody's: then only the totals are compared."""
    assert judged(storm(*quiet_crowd(), passed=("t03 fresh",), by={"anna": 2})).verdict is Verdict.PASS


def test_an_effect_for_one_of_a_crowd_who_was_never_answered_is_not_doubled() -> None:
    unheard = (replace(quiet_crowd()[0], status=None, completed=False), *quiet_crowd()[1:])
    found = judged(storm(*unheard, passed=("t03 fresh",), by=WHOSE)).findings
    assert "exactly-once" not in [one.oracle for one in found]


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"completed": False, "effects": 0, "status": 404}, "its answer does not say completed (status 404)"),
        ({"ticket": "t03 nobody was asked about"}, "it completed, but the provider never gave it the verdict 1 (status 201)"),
    ],
)
def test_a_crowd_at_a_submit_that_nobody_gets_through_proves_nothing(spoilt: dict[str, Any], why: str) -> None:
    record = storm(*quiet_crowd(), passed=("t03 fresh",))
    honest, *others = record.evidence.attempts
    judgement = judged(with_evidence(record, attempts=(replace(honest, **spoilt), *others)))
    assert judgement.verdict is Verdict.UNKNOWN
    assert f"(flows.login.submit) does not work even with a good ticket: {why}" in judgement.unknown_because
    assert "no try with a good ticket" in judged(with_evidence(record, attempts=tuple(others))).unknown_because


def test_a_storm_without_a_crowd_is_unknown() -> None:
    judgement = judged(storm())
    assert judgement.verdict is Verdict.UNKNOWN
    assert "nobody of the crowd was recorded" in judgement.unknown_because


@pytest.mark.parametrize(("real_ms", "again"), [(4000.0, False), (5000.0, False), (10_001.0, True), (40_000.0, False)])
def test_a_crowd_that_a_busy_machine_kept_waiting_is_asked_once_more(real_ms: float, again: bool) -> None:
    # 5 s is the server's budget; beyond three times that, load explains nothing.
    crowd = list(quiet_crowd())
    crowd[3] = replace(crowd[3], status=None, real_ms=real_ms)
    record = storm(*crowd, passed=("t03 fresh",))
    assert (needs_repeat(record, judged(record)) == "time near budget") is again
