"""The shop, an integration done right, keeps its door shut: real process, real provider, real outage."""

from __future__ import annotations

from collections import Counter

import pytest

from harness.catalog import Place
from harness.journal.model import Record, Verdict
from suites.selftest.probes.controls import judged

SCENARIOS = [f"{flow}-{what}" for flow in ("login", "checkout") for what in ("forged", "forged-in-outage", "verdicts")]
# The vendor's table of CaptchaCode but for 1 (passed) and 21 (fallback ticket), and one that stands in no table.
BLOCKING = {"7", "8", "9", "15", "16", "100", "999"}


@pytest.fixture(scope="module")
def records(run) -> dict[str, Record]:
    return run("shop", *SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_shop_passes(records, scenario):
    judgement = judged(records[scenario])
    assert judgement.verdict is Verdict.PASS, (judgement, records[scenario].evidence.lab_error)


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_the_provider_itself_gave_every_blocking_verdict(records, flow):
    evidence = records[f"{flow}-verdicts"].evidence
    assert {call.answer for call in evidence.verdict_calls} == BLOCKING
    assert {tried.label for tried in evidence.attempts} >= {f"code-{code}" for code in BLOCKING}


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_only_codes_that_no_ticket_causes_at_the_shop_were_made_by_an_altered_answer(records, flow):
    """The shop turns another app's fallback ticket away itself, so its 16 takes an altered answer."""
    tried = Counter(one.label for one in records[f"{flow}-verdicts"].evidence.attempts)
    assert tried == Counter({**{f"code-{code}": 1 for code in BLOCKING}, "fallback-ticket-of-another-app": 1})


@pytest.mark.parametrize("what", ["forged", "forged-in-outage"])
def test_a_hundred_honest_looking_tries_gain_what_the_limits_give_and_not_one_more(records, what):
    """login: 5 an address and 1 an account, by its captchaos.toml."""
    attempts = records[f"login-{what}"].evidence.attempts
    assert sum(one.label.startswith("well-formed:") for one in attempts) >= 100
    assert sum(one.effects for one in attempts) == 5
    gained = Counter(one.account for one in attempts for _ in range(one.effects))
    assert set(gained.values()) == {1}


def test_the_burst_is_on_one_account_and_every_other_try_on_its_own(records):
    per_account = Counter(one.account for one in records["login-forged"].evidence.attempts)
    assert sorted(per_account.values())[-2:] == [1, 5]


def test_a_healthy_provider_is_asked_about_what_looks_honest_and_says_21(records):
    answers = Counter(call.answer for call in records["checkout-forged"].evidence.verdict_calls)
    assert answers["21"] >= 100
    assert "1" not in answers


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_submit_was_counted_at_the_origin(records, scenario):
    evidence = records[scenario].evidence
    assert len(evidence.submits) == len(evidence.attempts)
    assert dict(evidence.requests_at_origin)["submit"] == len(evidence.attempts)


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_the_outage_stood_was_read_back_and_was_felt(records, flow):
    evidence = records[f"{flow}-forged-in-outage"].evidence
    assert [done.action for done in evidence.applied] == ["apply", "heal"]
    assert all("disabled" in receipt for receipt in evidence.applied[0].receipts)
    assert {Place.TOXIPROXY, Place.ROUTER} <= {seen.place for seen in evidence.sightings}
    healed = evidence.applied[1].moment.at_ms
    assert all(call.moment.at_ms >= healed for call in evidence.verdict_calls)


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_tickets_that_the_shop_minted_are_brought_back_after_the_outage_and_gain_nothing(records, flow):
    attempts = records[f"{flow}-forged-in-outage"].evidence.attempts
    back = [one for one in attempts if one.label == "replayed-server-ticket"]
    assert len(back) == 5
    assert all(one.health == "healthy" and one.ticket.startswith("terror_2002_") for one in back)
    assert {one.status for one in back} == {403}


@pytest.mark.parametrize("what", ["forged", "forged-in-outage"])
def test_checkout_offers_its_step_up_and_gives_nothing(records, what):
    attempts = records[f"checkout-{what}"].evidence.attempts
    assert any(one.offered and one.status == 202 for one in attempts)
    assert not any(one.effects for one in attempts)
    assert not any(one.server_error for one in attempts)
