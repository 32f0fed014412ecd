"""What a verdict other than 1 gets, and whether the provider is asked about what was submitted."""

from __future__ import annotations

import pytest

from harness.judge.asked import HOSTILE
from harness.pytest_plugin.outcome import Outcome

pytestmark = pytest.mark.scenarios(kind="verdict")

# The one verdict in these scenarios that is a pass, with a text of its own.
A_PASS = "code-1-says-"


def test_a_verdict_is_a_verdict(outcome: Outcome) -> None:
    """Every verdict that is no pass blocks (Tencent's 7, 8, 9, 15, 16, 100 and unknown ones): no effect, and no step-up."""
    assert not outcome.findings_of("verdict-is-a-verdict")
    assert sum(attempt.effects for attempt in outcome.attempts if not attempt.label.startswith(A_PASS)) == 0


def test_the_code_decides_and_not_its_text(outcome: Outcome) -> None:
    """Whatever says OK is no pass for that, and a 1 is one whatever it says."""
    assert not outcome.findings_of("verdict-is-a-verdict")
    said = {attempt.label: attempt.completed for attempt in outcome.attempts if "-says-" in attempt.label}
    assert said == {label: label.startswith(A_PASS) for label in said}


def test_a_quote_in_a_ticket_writes_nothing_into_the_question(outcome: Outcome) -> None:
    """The provider is asked about the very ticket, or not at all."""
    assert not outcome.findings_of("verdict-is-a-verdict")
    hostile = [attempt for attempt in outcome.attempts if attempt.label.startswith(HOSTILE)]
    assert all(asked.ticket == attempt.ticket for attempt in hostile for asked in attempt.asked)


def test_hostile_ticket_never_crashes_the_server(outcome: Outcome) -> None:
    """Whatever stands in the ticket's place, the answer is no 5xx."""
    assert not [attempt for attempt in outcome.attempts if attempt.server_error]


def test_nothing_that_costs_is_asked_for_without_a_pass(outcome: Outcome) -> None:
    """No SMS leaves on a verdict that is no pass."""
    assert not outcome.findings_of("no-side-effect")


def test_what_a_forger_claims_to_be_reaches_nobody_and_he_is_told_no_secret(outcome: Outcome) -> None:
    """The provider is asked about the forger's own address, whatever he writes into the proxy's header."""
    assert not outcome.findings_of("private")


def test_a_ticket_is_asked_about_no_oftener_than_it_is_sent(outcome: Outcome) -> None:
    """Whoever retries a verdict that is no pass asks about a ticket that is used up."""
    assert not outcome.findings_of("no-reuse")


def test_nothing_else_is_wrong(outcome: Outcome) -> None:
    """What no claim above asks about is asked here, third-party oracles included."""
    assert not outcome.findings_beside("verdict-is-a-verdict", "no-side-effect", "no-reuse", "private")
