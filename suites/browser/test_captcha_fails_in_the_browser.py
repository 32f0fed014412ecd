"""What becomes of the user when a link between the browser and the captcha breaks."""

from __future__ import annotations

import pytest

from harness import tickets
from harness.pytest_plugin.outcome import Outcome

pytestmark = pytest.mark.scenarios(kind="fault", side="browser")


@pytest.mark.scenarios(ticket=True)
def test_yields_its_fallback_ticket(outcome: Outcome) -> None:
    """The documented code, our app id, a fresh timestamp, in time: that is how the server learns of the outage."""
    assert not outcome.findings_of("fallback-ticket")
    handed_over = [tickets.read(seen.text).ticket for seen in outcome.tickets("submit")]
    assert {ticket.code for ticket in handed_over if ticket} <= set(outcome.scenario.expect.codes)
    assert {ticket.app_id for ticket in handed_over if ticket} == {outcome.scenario.expect.app_id}


@pytest.mark.scenarios(ticket=False)
def test_mints_no_ticket_while_the_captcha_works(outcome: Outcome) -> None:
    """When only the target's own edge breaks, the user was verified, and no ticket may say otherwise."""
    assert not outcome.findings_of("fallback-ticket")
    assert all(tickets.read(seen.text).ticket is None for seen in outcome.tickets("submit", "answer"))


def test_business_completes(outcome: Outcome) -> None:
    """The user gets done what they came for, in time, and exactly once."""
    assert not outcome.findings_of("business-completes")
    assert outcome.honest.effects == 1


@pytest.mark.scenarios(page=True)
def test_page_stays_usable(outcome: Outcome) -> None:
    """A hanging link must not freeze the page, where there is one that loads."""
    assert not outcome.findings_of("page-usable")


def test_every_wait_is_bounded(outcome: Outcome) -> None:
    """The server answers each submit within its budget."""
    assert not outcome.findings_of("bounded-wait")


def test_nobody_is_taken_for_verified(outcome: Outcome) -> None:
    """Only the provider's 1 verifies a user."""
    assert not outcome.findings_of("nothing-for-free")


@pytest.mark.scenarios(other_way=True)
def test_the_other_way_in_stays_open_and_the_page_tells_of_it(outcome: Outcome) -> None:
    """While the captcha fails another user gets in without it, and the one it failed for can read what has happened."""
    assert not outcome.findings_of("other-way-open")


@pytest.mark.scenarios(page=True)
def test_the_page_goes_on_as_well(outcome: Outcome) -> None:
    """No spinner that never ends, a word in the page's own language, a keyboard that comes on, and no script that crashed."""
    assert not outcome.findings_of("ux")


@pytest.mark.scenarios(lure=True)
def test_nobody_is_led_to_another_site(outcome: Outcome) -> None:
    """Whatever site the page's address names as the way back, the way through an outage does not lead there."""
    assert not outcome.findings_of("no-open-redirect")


@pytest.mark.scenarios(signals=True)
def test_the_degraded_mode_is_signalled_and_only_then(outcome: Outcome) -> None:
    """Whoever is on call sees the outage in the log or the metric that the target file names, and sees it end."""
    assert not outcome.findings_of("observable")


def test_no_used_ticket_is_sent_again(outcome: Outcome) -> None:
    """A ticket buys one verdict: who asks twice burns it, be it the page, the back end or the vendor's SDK in it."""
    assert not outcome.findings_of("no-reuse")


def test_the_provider_is_told_who_the_user_is_and_nobody_is_told_a_secret(outcome: Outcome) -> None:
    """UserIp is the user's own address; keys, sessions and one-time codes reach no page, URL, other host or log."""
    assert not outcome.findings_of("private")


@pytest.mark.scenarios(strikes="until-heal")
def test_next_visitors_are_verified_again(outcome: Outcome) -> None:
    """When the fault is over, it is over: same tab, new tab, new visitor."""
    assert not outcome.findings_of("recovers")
    assert [visit.outcome for visit in outcome.next_visits] == ["verified", "verified", "verified"]


def test_nothing_else_is_wrong(outcome: Outcome) -> None:
    """What no claim above asks about is asked here, third-party oracles included."""
    assert not outcome.findings_beside(
        "fallback-ticket",
        "business-completes",
        "page-usable",
        "bounded-wait",
        "nothing-for-free",
        "other-way-open",
        "observable",
        "no-open-redirect",
        "ux",
        "no-reuse",
        "private",
        "recovers",
    )
