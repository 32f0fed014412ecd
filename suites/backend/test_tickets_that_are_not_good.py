"""What a forger gets, and what a verdict other than 1 gets: over HTTP, past the page."""

from __future__ import annotations

import pytest

from harness.pytest_plugin.outcome import Outcome


@pytest.mark.scenarios(kind="forgery")
def test_forged_ticket_gets_nothing_free(outcome: Outcome) -> None:
    """A fallback ticket is public and unsigned: it may open no more than the policy opens to anybody."""
    assert not outcome.findings_of("nothing-for-free")
    assert outcome.attempts


@pytest.mark.scenarios(kind="forgery", policy="step-up")
def test_forged_ticket_is_offered_the_step_up_at_most(outcome: Outcome) -> None:
    """Where the policy is a second factor, no forged ticket has an effect of its own."""
    assert not outcome.findings_of("nothing-for-free")
    assert sum(attempt.effects for attempt in outcome.attempts) == 0


@pytest.mark.scenarios(kind="verdict")
def test_a_verdict_is_a_verdict(outcome: Outcome) -> None:
    """Every verdict that is no pass blocks (Tencent's 7, 8, 9, 15, 16, 100 and unknown ones): no effect, and no step-up."""
    assert not outcome.findings_of("verdict-is-a-verdict")
    assert sum(attempt.effects for attempt in outcome.attempts if not attempt.label.startswith("code-1-says-")) == 0


@pytest.mark.scenarios(kind=("forgery", "verdict"))
def test_hostile_ticket_never_crashes_the_server(outcome: Outcome) -> None:
    """Whatever stands in the ticket's place, the answer is no 5xx."""
    assert not [attempt for attempt in outcome.attempts if attempt.server_error]


@pytest.mark.scenarios(kind=("forgery", "verdict"))
def test_nothing_that_costs_is_asked_for_without_a_pass(outcome: Outcome) -> None:
    """No SMS goes to whoever a forger names."""
    assert not outcome.findings_of("no-side-effect")


@pytest.mark.scenarios(kind=("forgery", "verdict"))
def test_what_a_forger_claims_to_be_reaches_nobody_and_he_is_told_no_secret(outcome: Outcome) -> None:
    """The provider is asked about the forger's own address, whatever he writes into the proxy's header."""
    assert not outcome.findings_of("private")


@pytest.mark.scenarios(kind=("forgery", "verdict"))
def test_a_ticket_is_asked_about_no_oftener_than_it_is_sent(outcome: Outcome) -> None:
    """Whoever retries a verdict that is no pass asks about a ticket that is used up."""
    assert not outcome.findings_of("no-reuse")


@pytest.mark.scenarios(kind=("forgery", "verdict"))
def test_nothing_else_is_wrong(outcome: Outcome) -> None:
    """What no claim above asks about is asked here, third-party oracles included."""
    assert not outcome.findings_beside("nothing-for-free", "verdict-is-a-verdict", "no-side-effect", "no-reuse", "private")
