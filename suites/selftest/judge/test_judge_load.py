"""The oracle holds-under-load: what a crowd meets before, in and after an outage of the verdict API.

One file for one oracle: every test alters the same crowd of three waves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from harness.catalog import Policy
from harness.journal.model import Applied, CrowdCall, Limits, Record, Severity, Verdict
from harness.judge import ORACLES, judge, needs_repeat
from harness.judge.crowd_policies import unreached
from harness.judge.oracle import EvidenceMissing
from suites.selftest.judge.records import (
    ask,
    at,
    call,
    control,
    judged,
    server_fault,
    the_one,
    with_evidence,
    with_expect,
)

SLUG = "holds-under-load"
EACH_S = 0.5
LASTS_S = {"before": 5, "outage": 8, "after": 13}


def made(wave: Any, who: Any, number: int, **more: Any) -> CrowdCall:
    """One call as a shop answers it whose policy is a second factor: forgers and the outage's users are offered it."""
    served = {"honest": 201 if wave != "outage" else 202, "forger": 202, "page": 200}[who]
    fields: dict[str, Any] = {
        "who": who,
        "wave": wave,
        "began_ms": number * EACH_S * 1000,
        "real_ms": 80.0,
        "status": served,
        "ticket": f"{wave}-{number}" if who == "honest" else "",
        "completed": served == 201,
        "offered": served == 202,
        "account": f"{who}-{wave}-{number}",
        "address": f"2001:db8::{wave}:{who}:{number}",
    }
    return CrowdCall(**(fields | more))


def a_crowd() -> Record:
    """Two a second of each kind; the provider passed everybody honest but those in the outage."""
    crowd = tuple(
        made(wave, who, number)
        for wave, lasts_s in LASTS_S.items()
        for number in range(int(lasts_s / EACH_S))
        for who in ("honest", "forger", "page")
    )
    fault = server_fault()
    scenario = replace(fault.scenario, id="checkout-load-hang", kind="load", mode=None)
    record = with_expect(replace(fault, scenario=scenario), policy=Policy.STEP_UP, policy_up=Policy.STEP_UP)
    struck = tuple(
        Applied(action=what, moment=at(ms), receipts=("read back",)) for what, ms in (("apply", 5000), ("heal", 13_200))
    )
    return spoilt(with_evidence(record, visits=(), submits=(), tickets=(), posts=(), applied=struck), crowd=crowd)


def spoilt(record: Record, *, crowd: tuple[CrowdCall, ...]) -> Record:
    """The same with another crowd; the provider passed the honest outside the outage, and what completed had one effect."""
    done = [one for one in crowd if one.completed]
    calls = tuple(call("load", text=one.ticket) for one in done if one.who == "honest" and one.wave != "outage")
    by = tuple(Counter(one.account for one in done).items())
    return with_evidence(record, crowd=crowd, crowd_effects=len(done), crowd_effects_by=by, verdict_calls=calls)


def but(record: Record, wave: str, who: str, *, since: int = 0, until: int = 99, **more: Any) -> Record:
    """Change the calls of one kind in one wave, from the ``since``-th to before the ``until``-th."""
    crowd = tuple(
        replace(one, **more) if (one.wave, one.who) == (wave, who) and since <= one.began_ms / (EACH_S * 1000) < until else one
        for one in record.evidence.crowd
    )
    return spoilt(record, crowd=crowd)


def under(up: Policy, down: Policy, **limits: int) -> Record:
    """The same crowd met by a target whose policy is another, and which serves it as that says."""
    record = with_expect(a_crowd(), policy=down, policy_up=up, limits=Limits(**limits))
    for wave, who, policy in (
        ("before", "forger", up),
        ("outage", "forger", down),
        ("outage", "honest", down),
        ("after", "forger", up),
    ):
        record = but(record, wave, who, **SERVED[policy])
    return record


ACCEPT, STEP_UP, BLOCK = Policy.ACCEPT, Policy.STEP_UP, Policy.BLOCK
DONE: dict[str, Any] = {"status": 201, "completed": True, "offered": False}
OFFERED: dict[str, Any] = {"status": 202, "completed": False, "offered": True}
REFUSED: dict[str, Any] = {"status": 403, "completed": False, "offered": False}
SERVED = {ACCEPT: DONE, STEP_UP: OFFERED, BLOCK: REFUSED}


def test_a_shop_that_degrades_and_comes_back_is_as_it_should_be() -> None:
    assert ask(SLUG, a_crowd()) == ()
    assert judged(a_crowd()).verdict is Verdict.PASS


def test_it_speaks_on_crowds_alone() -> None:
    oracle = ORACLES.all()[SLUG]
    assert oracle.applies(a_crowd().scenario)
    assert not any(oracle.applies(record.scenario) for record in (control(), server_fault()))


def test_a_submit_that_nobody_answers_is_found() -> None:
    found = the_one(SLUG, but(a_crowd(), "outage", "honest", until=1, status=None, offered=False))
    assert found.seen == "1 of 104 never were"
    assert found.severity is Severity.BLOCKER


@pytest.mark.parametrize("who", ["honest", "forger"])
@pytest.mark.parametrize("wave", ["outage", "after"])
def test_a_5xx_is_found_whoever_gets_it(wave: str, who: str) -> None:
    found = ask(SLUG, but(a_crowd(), wave, who, until=2, status=500, offered=False, completed=False))
    assert "2 of 104 were" in [one.seen for one in found]


def test_answers_after_the_servers_budget_are_found_when_more_than_one_in_twenty_is_late() -> None:
    late = but(a_crowd(), "outage", "honest", until=2, real_ms=5001.0)
    assert the_one(SLUG, late).seen == "95 of 100 submits of the crowd are answered in the outage after 5001 ms"
    assert ask(SLUG, but(a_crowd(), "outage", "honest", until=1, real_ms=5001.0)) == ()
    assert ask(SLUG, but(a_crowd(), "outage", "honest", real_ms=5000.0)) == ()


def test_pages_that_wait_for_a_worker_are_found() -> None:
    found = the_one(SLUG, but(a_crowd(), "outage", "page", real_ms=1001.0))
    assert found.seen == "95 of 100 pages that need no captcha are answered in the outage after 1001 ms"
    broken = the_one(SLUG, but(a_crowd(), "outage", "page", until=1, status=503))
    assert broken.seen == "1 of 16 were not: no worker was left for them"


def test_pages_may_be_as_slow_as_three_times_before() -> None:
    slow = but(a_crowd(), "before", "page", real_ms=400.0)
    assert ask(SLUG, but(slow, "outage", "page", real_ms=1200.0)) == ()
    assert the_one(SLUG, but(slow, "outage", "page", real_ms=1201.0)).expected.startswith("95 of 100 pages")


def test_an_honest_user_who_is_turned_away_in_the_outage_is_found() -> None:
    found = the_one(SLUG, but(a_crowd(), "outage", "honest", until=3, status=403, offered=False))
    assert found.seen == "3 of 16 were turned away (status 403)"


PAIRS_OF_POLICIES = [(up, down) for up in Policy for down in Policy]


@pytest.mark.parametrize(("up", "down"), PAIRS_OF_POLICIES)
def test_a_target_that_serves_every_wave_by_its_policy_is_as_it_should_be(up: Policy, down: Policy) -> None:
    assert ask(SLUG, under(up, down)) == ()
    assert judged(under(up, down)).verdict is Verdict.PASS


WORDS = {"before": "before the outage", "outage": "in the outage", "after": "after the outage"}


@pytest.mark.parametrize(("up", "down"), PAIRS_OF_POLICIES)
@pytest.mark.parametrize("wave", ["before", "outage", "after"])
def test_a_forger_gets_through_only_in_a_wave_whose_policy_accepts(wave: str, up: Policy, down: Policy) -> None:
    """The very last of a wave: after the outage the target must know by then that it is over."""
    last = {"before": 9, "outage": 10, "after": 25}[wave]
    policy = down if wave == "outage" else up
    record = but(under(up, down), wave, "forger", since=last, until=last + 1, **DONE)
    expected = f"nobody gets through {WORDS[wave]} without the provider's 1 (policy {policy})"
    found = [(one.expected, one.seen) for one in ask(SLUG, record)]
    assert found == ([] if policy is ACCEPT else [(expected, "1 of the forgers did")])


@pytest.mark.parametrize("down", [STEP_UP, BLOCK])
def test_an_honest_user_without_a_verdict_gets_through_only_where_the_policy_accepts(down: Policy) -> None:
    """Who lets a ticket of the right form in because nobody can say it is wrong lets in whoever makes one up."""
    found = the_one(SLUG, but(under(STEP_UP, down), "outage", "honest", until=3, **DONE))
    assert found.seen == "3 of the honest users did"
    assert "no verdict is no pass" in found.mend
    assert found.severity is Severity.BLOCKER


@pytest.mark.parametrize(("began", "findings"), [(20, 0), (21, 1)])
def test_until_recovery_may_be_over_a_target_may_not_know_that_the_outage_is(began: int, findings: int) -> None:
    """At 10.0 s after it the policy of the outage may still hold, at 10.5 s no more."""
    record = but(under(STEP_UP, ACCEPT), "after", "forger", since=began, until=began + 1, **DONE)
    assert len(ask(SLUG, record)) == findings


@pytest.mark.parametrize(("took_ms", "findings"), [(600.0, 1), (800.0, 0), (2500.0, 0)])
def test_who_still_waits_when_the_outage_ends_may_be_served_by_either_policy(took_ms: float, findings: int) -> None:
    """This one comes at 7.0 s of the wave; the outage lasts for 8.2 s, and the wave begins in its first half second."""
    record = but(under(ACCEPT, STEP_UP), "outage", "forger", since=14, until=15, real_ms=took_ms, **DONE)
    assert len(ask(SLUG, record)) == findings


def shared(record: Record, *, through: int, whose: str) -> Record:
    """Forgers of the outage who share one address or one account, of whom so many get through."""
    record = but(record, "outage", "forger", **{whose: "shared"})
    return but(record, "outage", "forger", since=through, **OFFERED)


@pytest.mark.parametrize(
    ("whose", "limits", "most", "seen"),
    [
        ("address", {"per_address": 5}, 5, "6 did for 'shared', and 1 in all are over the limit"),
        ("account", {"per_account": 2}, 2, "3 did for 'shared', and 1 in all are over the limit"),
        ("account", {"per_account": 1}, 1, "2 did for 'shared', and 1 in all are over the limit"),
    ],
)
def test_where_policy_accepts_no_more_get_through_than_the_limits_say(
    whose: str, limits: dict[str, int], most: int, seen: str
) -> None:
    record = under(STEP_UP, ACCEPT, **limits)
    assert ask(SLUG, shared(record, through=most, whose=whose)) == ()
    found = the_one(SLUG, shared(record, through=most + 1, whose=whose))
    assert found.expected == f"policy accept: at most {most} get through unverified for an {whose}"
    assert found.seen == seen
    assert "by account and by address" in found.mend


def test_limits_hold_over_all_waves_together() -> None:
    record = under(ACCEPT, ACCEPT, per_address=5)
    for wave in ("before", "outage", "after"):
        record = but(record, wave, "forger", until=2, address="shared")
    assert the_one(SLUG, record).seen == "6 did for 'shared', and 1 in all are over the limit"


def test_a_window_that_the_crowd_outlasts_begins_anew() -> None:
    """Some 25 s of crowd in windows of 20 s, wherever these begin: three of them at most."""
    record = under(STEP_UP, ACCEPT, per_address=2, window_s=20)
    assert ask(SLUG, shared(record, through=6, whose="address")) == ()
    assert "at most 6" in the_one(SLUG, shared(record, through=7, whose="address")).expected


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"per_address": 15}, []),
        ({"per_address": 16}, [("per_address", 16, 16)]),
        ({"per_address": 6, "window_s": 20}, [("per_address", 18, 16), ("per_account", 3, 1)]),
    ],
)
def test_a_limit_that_the_crowd_cannot_have_exceeded_is_said_to_be_untried(
    limits: dict[str, int], said: list[tuple[str, int, int]]
) -> None:
    """Sixteen forgers of the outage at one address, an account each; the first account is tried twice but in the last case."""
    record = but(under(STEP_UP, ACCEPT, **limits), "outage", "forger", address="shared")
    if "window_s" not in limits:
        record = spoilt(record, crowd=(*record.evidence.crowd, made("outage", "forger", 0, address="shared", **OFFERED)))
    assert list(unreached(record)) == said


def test_limits_are_untried_nowhere_where_no_policy_accepts() -> None:
    assert list(unreached(under(STEP_UP, BLOCK))) == []
    assert list(unreached(with_expect(a_crowd(), policy_up=None))) == []


@pytest.mark.parametrize("safe", [DONE, OFFERED])
def test_where_policy_accepts_an_honest_user_may_be_asked_for_more_but_not_turned_away(safe: dict[str, Any]) -> None:
    record = but(under(STEP_UP, ACCEPT), "outage", "honest", **safe)
    assert ask(SLUG, record) == ()
    found = the_one(SLUG, but(record, "outage", "honest", until=2, **REFUSED))
    assert found.seen == "2 of 16 were turned away (status 403)"


@pytest.mark.parametrize(("through", "findings"), [(4, 1), (5, 0)])
def test_an_honest_user_whose_address_has_used_its_limit_up_may_be_turned_away(through: int, findings: int) -> None:
    """All from one address, as behind a company's proxy: five get through, and the rest are refused."""
    record = but(under(STEP_UP, ACCEPT, per_address=5), "outage", "honest", address="shared")
    assert len(ask(SLUG, but(record, "outage", "honest", since=through, **REFUSED))) == findings


@pytest.mark.parametrize(("whose", "limit"), [("address", {"per_address": 5}), ("account", {"per_account": 5})])
def test_who_refuses_need_not_have_met_a_second_window(whose: str, limit: dict[str, int]) -> None:
    """All 16 come within one window of 10 s, though the crowd of all waves outlasts it: five are let in, eleven refused."""
    record = but(under(STEP_UP, ACCEPT, window_s=10, **limit), "outage", "honest", **{whose: "shared"})
    assert ask(SLUG, but(record, "outage", "honest", since=5, **REFUSED)) == ()
    assert the_one(SLUG, but(record, "outage", "honest", since=4, **REFUSED)).seen == "12 of 16 were turned away (status 403)"


@pytest.mark.parametrize("status", [200, 403, 429, 503])
def test_under_block_every_refusal_is_right_but_a_5xx(status: int) -> None:
    record = but(under(BLOCK, BLOCK), "outage", "honest", **REFUSED | {"status": status})
    assert len(ask(SLUG, record)) == (status == 503)


@pytest.mark.parametrize("lack", [{"account": ""}, {"address": ""}])
def test_where_nobody_noted_whose_a_call_was_no_limit_is_held(lack: dict[str, str]) -> None:
    assert judged(but(under(STEP_UP, ACCEPT), "outage", "forger", until=1, **lack)).verdict is Verdict.UNKNOWN
    assert judged(but(under(STEP_UP, STEP_UP), "outage", "forger", until=1, **lack)).verdict is Verdict.PASS


def test_without_both_policies_there_is_no_verdict() -> None:
    with pytest.raises(EvidenceMissing, match="which policy holds while the verdict API answers"):
        ask(SLUG, with_expect(a_crowd(), policy_up=None))


@pytest.mark.parametrize(("effects", "word"), [(-1, "1 lost"), (1, "1 doubled"), (5, "5 doubled")])
def test_orders_that_are_lost_or_doubled_are_found(effects: int, word: str) -> None:
    told = a_crowd().evidence.crowd_effects
    record = with_evidence(a_crowd(), crowd_effects=told + effects, crowd_effects_by=())
    assert the_one(SLUG, record).seen == f"{told + effects} effects at the origin: {word}"


def with_effects_of(record: Record, **changed: int) -> Record:
    by = dict(record.evidence.crowd_effects_by) | changed
    return with_evidence(record, crowd_effects=sum(by.values()), crowd_effects_by=tuple(by.items()))


def test_one_order_that_is_lost_does_not_hide_one_that_is_doubled() -> None:
    anna, berta = "honest-before-1", "honest-before-2"
    found = the_one(SLUG, with_effects_of(a_crowd(), **{anna: 0, berta: 2}))
    assert "under one key for an attempt" in found.mend
    assert found.seen == f"36 effects at the origin: 1 lost, 1 doubled ('{anna}', '{berta}')"


def test_where_one_effect_names_nobody_totals_are_all_that_can_be_compared() -> None:
    swapped = with_effects_of(a_crowd(), **{"honest-before-1": 0, "honest-before-2": 2})
    nameless = with_evidence(swapped, crowd_effects_by=swapped.evidence.crowd_effects_by[3:])
    assert ask(SLUG, nameless) == ()


def test_who_was_never_answered_may_have_had_an_effect() -> None:
    unanswered = but(a_crowd(), "after", "honest", since=25, status=None, completed=False)
    for record in (unanswered, with_effects_of(unanswered, **{"honest-after-25": 1})):
        assert not [one for one in ask(SLUG, record) if "effects at the origin" in one.seen]
    twice = ask(SLUG, with_effects_of(unanswered, **{"honest-after-25": 2}))
    assert [one for one in twice if "effects at the origin" in one.seen]


def test_a_degraded_mode_that_outlives_the_outage_is_found() -> None:
    """Who comes 10.0 s after its end is the last who may be offered a second factor; at 12.5 s comes the last of all."""
    assert ask(SLUG, but(a_crowd(), "after", "honest", until=21, **OFFERED)) == ()
    late = the_one(SLUG, but(a_crowd(), "after", "honest", until=22, **OFFERED))
    assert late.seen == "once the outage is over, the last honest user who is not verified comes after 10500 ms"
    assert the_one(SLUG, but(a_crowd(), "after", "honest", **OFFERED)).seen.endswith("12500 ms, and that was the last of all")


def test_who_completes_without_the_providers_word_is_not_verified_again() -> None:
    calls = tuple(one for one in a_crowd().evidence.verdict_calls if "after" not in one.ticket)
    found = ask(SLUG, with_evidence(a_crowd(), verdict_calls=calls))
    assert ["verified comes after 12500 ms" in one.seen for one in found] == [False, True]


@pytest.mark.parametrize(
    "late",
    [
        but(a_crowd(), "before", "honest", real_ms=1100.0),
        but(a_crowd(), "outage", "honest", real_ms=5100.0),
        but(a_crowd(), "outage", "page", real_ms=1100.0),
        but(a_crowd(), "after", "honest", until=22, **OFFERED),
    ],
    ids=["in health", "submits", "pages", "recovery"],
)
def test_a_time_a_little_over_its_budget_is_repeated_once(late: Record) -> None:
    assert needs_repeat(late, judged(late)) == "time near budget"
    again = replace(late, attempt=2, repeat_reason="time near budget")
    assert needs_repeat(again, judged(again)) == ""


def test_a_crowd_that_ends_before_all_are_verified_again_is_called_once_more() -> None:
    degraded = but(a_crowd(), "after", "honest", **OFFERED)
    assert needs_repeat(degraded, judged(degraded)) == "given up near budget"


@pytest.mark.parametrize(("who", "budget_ms"), [("honest", 5000), ("page", 1000)])
@pytest.mark.parametrize(("over_ms", "verdict"), [(39.0, Verdict.UNKNOWN), (41.0, Verdict.FAIL)])
def test_over_its_budget_by_less_than_it_varied_before_the_outage_is_unknown(
    who: str, budget_ms: int, over_ms: float, verdict: Verdict
) -> None:
    """Before it the middle answer took 80 ms, and 95 of 100 up to 120 ms. The scenario had been repeated by then."""
    varied = but(a_crowd(), "before", who, until=2, real_ms=120.0)
    record = but(varied, "outage", who, real_ms=budget_ms + over_ms)
    assert judged(record).verdict is Verdict.FAIL
    repeated = replace(record, attempt=2, repeat_reason="time near budget")
    judgement = judge(repeated, controls=(control(),))
    assert judgement.verdict is verdict
    said = "varies by 40 ms, from 80 (the middle one) to 120 ms (95 of 100)"
    assert (said in judgement.unknown_because) is (verdict is Verdict.UNKNOWN)


def test_one_cold_start_before_the_outage_makes_no_late_answer_noise() -> None:
    """One submit of twenty took 900 ms before it, while 95 of 100 in the outage are 300 ms late."""
    cold = but(but(a_crowd(), "before", "honest", until=1, real_ms=900.0), "outage", "honest", real_ms=5300.0)
    judgement = judge(replace(cold, attempt=2, repeat_reason="time near budget"), controls=(control(),))
    assert judgement.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "sick", [{"real_ms": 1001.0}, {"status": 202, "completed": False, "offered": True}], ids=["slow", "degraded"]
)
def test_a_crowd_that_is_not_served_in_health_makes_no_verdict(sick: dict[str, Any]) -> None:
    with pytest.raises(EvidenceMissing, match=r"lower flows\.[a-z]+\.load\.rate_per_s"):
        ask(SLUG, but(a_crowd(), "before", "honest", **sick))
    assert judged(but(a_crowd(), "before", "honest", **sick)).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("wave", "who"), [("before", "honest"), ("outage", "honest"), ("outage", "forger"), ("outage", "page"), ("after", "honest")]
)
def test_who_did_not_come_makes_no_verdict(wave: str, who: str) -> None:
    crowd = tuple(one for one in a_crowd().evidence.crowd if (one.wave, one.who) != (wave, who))
    judgement = judged(spoilt(a_crowd(), crowd=crowd))
    assert judgement.verdict is Verdict.UNKNOWN
    assert "raise flows.login.load.rate_per_s" in judgement.unknown_because


def test_if_nobody_honest_came_after_the_recovery_budget_nobody_saw_it_end() -> None:
    crowd = tuple(one for one in a_crowd().evidence.crowd if one.wave != "after" or one.began_ms < 10_000)
    assert judged(spoilt(a_crowd(), crowd=crowd)).verdict is Verdict.UNKNOWN
