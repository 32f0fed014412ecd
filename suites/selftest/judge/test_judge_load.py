"""The oracle holds-under-load: what a crowd meets before, in and after an outage of the verdict API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.catalog import Policy
from harness.journal.model import CrowdCall, Record, Severity, Verdict
from harness.judge import ORACLES
from harness.judge.oracle import EvidenceMissing
from suites.selftest.judge.records import ask, call, control, judged, server_fault, the_one, with_evidence, with_expect

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
    record = with_expect(replace(fault, scenario=scenario), policy=Policy.STEP_UP)
    return spoilt(with_evidence(record, visits=(), submits=(), tickets=(), posts=()), crowd=crowd)


def spoilt(record: Record, *, crowd: tuple[CrowdCall, ...], effects: int | None = None) -> Record:
    """The same with another crowd; the provider passed what completed, and each of these had one effect."""
    done = [one for one in crowd if one.completed]
    calls = tuple(call("load", text=one.ticket) for one in done if one.who == "honest")
    return with_evidence(record, crowd=crowd, crowd_effects=len(done) if effects is None else effects, verdict_calls=calls)


def but(record: Record, wave: str, who: str, *, since: int = 0, until: int = 99, **more: Any) -> Record:
    """Change the calls of one kind in one wave, from the ``since``-th to before the ``until``-th."""
    crowd = tuple(
        replace(one, **more) if (one.wave, one.who) == (wave, who) and since <= one.began_ms / (EACH_S * 1000) < until else one
        for one in record.evidence.crowd
    )
    return spoilt(record, crowd=crowd)


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
    assert the_one(SLUG, late).seen == "95 of 100 took up to 5001 ms"
    assert ask(SLUG, but(a_crowd(), "outage", "honest", until=1, real_ms=5001.0)) == ()
    assert ask(SLUG, but(a_crowd(), "outage", "honest", real_ms=5000.0)) == ()


def test_pages_that_wait_for_a_worker_are_found() -> None:
    found = the_one(SLUG, but(a_crowd(), "outage", "page", real_ms=1001.0))
    assert found.seen == "95 of 100 took up to 1001 ms, 0 of 16 failed: no worker was left for them"
    assert the_one(SLUG, but(a_crowd(), "outage", "page", until=1, status=503)).seen.endswith(
        "1 of 16 failed: no worker was left for them"
    )


def test_pages_may_be_as_slow_as_three_times_before() -> None:
    slow = but(a_crowd(), "before", "page", real_ms=400.0)
    assert ask(SLUG, but(slow, "outage", "page", real_ms=1200.0)) == ()
    assert the_one(SLUG, but(slow, "outage", "page", real_ms=1201.0)).expected.startswith("in the outage 95 of 100 pages")


def test_an_honest_user_who_is_turned_away_in_the_outage_is_found() -> None:
    found = the_one(SLUG, but(a_crowd(), "outage", "honest", until=3, status=403, offered=False))
    assert found.seen == "3 of 16 were turned away (status 403)"


@pytest.mark.parametrize("wave", ["before", "outage", "after"])
def test_a_forger_who_gets_through_is_found(wave: str) -> None:
    found = the_one(SLUG, but(a_crowd(), wave, "forger", until=1, status=201, completed=True, offered=False))
    assert (found.expected, found.seen) == ("policy step-up: at most 0 forged orders of 52 get through", "1 did")


def test_where_unverified_users_are_accepted_each_forged_account_gets_no_more_than_its_limit() -> None:
    accepting = with_expect(a_crowd(), policy=Policy.ACCEPT)
    assert ask(SLUG, but(accepting, "outage", "forger", status=201, completed=True)) == ()


@pytest.mark.parametrize(("effects", "word"), [(-1, "1 lost"), (1, "1 doubled"), (5, "5 doubled")])
def test_orders_that_are_lost_or_doubled_are_found(effects: int, word: str) -> None:
    told = a_crowd().evidence.crowd_effects
    found = the_one(SLUG, with_evidence(a_crowd(), crowd_effects=told + effects))
    assert found.seen == f"{told + effects} effects at the origin: {word}"


def test_who_was_never_answered_may_have_had_an_effect() -> None:
    unanswered = but(a_crowd(), "after", "honest", since=25, status=None, completed=False)
    found = ask(SLUG, with_evidence(unanswered, crowd_effects=unanswered.evidence.crowd_effects + 1))
    assert not [one for one in found if "effects at the origin" in one.seen]


def test_a_degraded_mode_that_outlives_the_outage_is_found() -> None:
    degraded = {"status": 202, "completed": False, "offered": True}
    assert ask(SLUG, but(a_crowd(), "after", "honest", until=20, **degraded)) == ()
    assert the_one(SLUG, but(a_crowd(), "after", "honest", until=21, **degraded)).seen == "that took 10500 ms"
    assert the_one(SLUG, but(a_crowd(), "after", "honest", **degraded)).seen == "that never came"


def test_who_completes_without_the_providers_word_is_not_verified_again() -> None:
    record = a_crowd()
    assert (
        the_one(
            SLUG,
            with_evidence(
                record, verdict_calls=tuple(one for one in record.evidence.verdict_calls if "after" not in one.ticket)
            ),
        ).seen
        == "that never came"
    )


@pytest.mark.parametrize(
    "sick", [{"real_ms": 1001.0}, {"status": 202, "completed": False, "offered": True}], ids=["slow", "degraded"]
)
def test_a_crowd_that_is_not_served_in_health_makes_no_verdict(sick: dict[str, Any]) -> None:
    with pytest.raises(EvidenceMissing, match=r"lower flows\.[a-z]+\.load\.rate_per_s"):
        ask(SLUG, but(a_crowd(), "before", "honest", **sick))
    assert judged(but(a_crowd(), "before", "honest", **sick)).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("wave", ["before", "outage"])
def test_no_crowd_makes_no_verdict(wave: str) -> None:
    crowd = tuple(one for one in a_crowd().evidence.crowd if one.wave != wave)
    assert judged(spoilt(a_crowd(), crowd=crowd)).verdict is Verdict.UNKNOWN
