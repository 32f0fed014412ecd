"""What a forger gets who comes by HTTP, past the page: with the captcha healthy, and in each kind of outage."""

from __future__ import annotations

import pytest

from harness.journal.model import CLIENT_OUTAGE, HEALTHY, NOTHING_BROUGHT, OUTAGE, VERDICT_DOWN, WHOLE_OUTAGE
from harness.pytest_plugin.outcome import Outcome

pytestmark = pytest.mark.scenarios(kind="forgery")

AT_ONCE = 100


def test_forged_ticket_gets_nothing_free(outcome: Outcome) -> None:
    """A fallback ticket is public and unsigned: it may open no more than the policy opens to anybody."""
    assert not outcome.findings_of("nothing-for-free")
    assert outcome.attempts


@pytest.mark.scenarios(health=VERDICT_DOWN)
def test_who_brings_nothing_gets_nothing(outcome: Outcome) -> None:
    """A missing, an empty or a garbage ticket is no outage, whatever else is one."""
    assert not outcome.findings_of("nothing-for-nothing")
    assert not [attempt for attempt in outcome.attempts if attempt.label in NOTHING_BROUGHT and attempt.effects]


@pytest.mark.scenarios(policy="accept")
def test_a_hundred_at_once_get_no_more_than_one_address_may(outcome: Outcome) -> None:
    """A limit that is read before it is used, or counted in each process, lets more through."""
    at_once = [attempt for attempt in outcome.attempts if attempt.together == AT_ONCE]
    assert len(at_once) >= AT_ONCE
    assert sum(attempt.effects for attempt in at_once) <= outcome.scenario.expect.limits.per_address


@pytest.mark.scenarios(policy="step-up")
def test_forged_ticket_is_offered_the_step_up_at_most(outcome: Outcome) -> None:
    """Where the policy is a second factor, no forged ticket has an effect of its own."""
    assert sum(attempt.effects for attempt in outcome.attempts) == 0


@pytest.mark.scenarios(policy="step-up", health=HEALTHY)
def test_the_second_factor_takes_no_code_but_its_own_and_that_once(outcome: Outcome) -> None:
    """Neither a made-up code nor a used one, nor that of another order."""
    assert not outcome.findings_of("nothing-for-free")
    assert not [tried for tried in outcome.evidence.code_tries if tried.label != "right-code" and tried.effects]


@pytest.mark.scenarios(health=HEALTHY)
def test_both_prefixes_are_worth_the_same(outcome: Outcome) -> None:
    """The vendor's clients write terror_ and trerror_: who knows one of them turns half of the honest away."""
    assert not outcome.findings_of("business-completes")


@pytest.mark.scenarios(health=(CLIENT_OUTAGE, WHOLE_OUTAGE, OUTAGE))
def test_the_outage_that_the_forger_claims_was_real(outcome: Outcome) -> None:
    """Every broken link was seen to fail; of the browser's alone the server cannot know."""
    for link in ("", *outcome.scenario.beside):
        assert len({seen.place for seen in outcome.evidence.sightings if seen.link == link}) > 1
    tried = {attempt.health for attempt in outcome.attempts}
    assert outcome.scenario.health in tried


def test_hostile_ticket_never_crashes_the_server(outcome: Outcome) -> None:
    """Whatever stands in the ticket's place, megabytes of it too, the answer is no 5xx."""
    assert not [attempt for attempt in outcome.attempts if attempt.server_error]


def test_nothing_that_costs_is_asked_for_without_a_pass(outcome: Outcome) -> None:
    """No SMS goes to whoever a forger names."""
    assert not outcome.findings_of("no-side-effect")


def test_what_a_forger_claims_to_be_reaches_nobody_and_he_is_told_no_secret(outcome: Outcome) -> None:
    """The provider is asked about the forger's own address, whatever he writes into the proxy's header."""
    assert not outcome.findings_of("private")


def test_a_ticket_is_asked_about_no_oftener_than_it_is_sent(outcome: Outcome) -> None:
    """Whoever retries a verdict that is no pass asks about a ticket that is used up."""
    assert not outcome.findings_of("no-reuse")


def test_nothing_else_is_wrong(outcome: Outcome) -> None:
    """What no claim above asks about is asked here, third-party oracles included."""
    assert not outcome.findings_beside(
        "nothing-for-free", "nothing-for-nothing", "business-completes", "no-side-effect", "no-reuse", "private"
    )
