"""What becomes of users when a fault comes and goes, and of the business when users do things twice."""

from __future__ import annotations

import pytest

from harness.judge.reading import RECOVERY_VISITS
from harness.pytest_plugin.outcome import Outcome

pytestmark = pytest.mark.scenarios(kind="recovery")


def test_business_completes_exactly_once(outcome: Outcome) -> None:
    """Whatever comes twice, the fault, the click or the ticket: one user, one effect, counted at the origin."""
    assert not outcome.findings_of("business-completes")
    assert not outcome.findings_of("exactly-once")
    assert outcome.honest.effects == 1


@pytest.mark.scenarios(strikes=("flaps", "briefly"), side="browser")
def test_a_captcha_that_comes_back_in_time_verifies_the_user(outcome: Outcome) -> None:
    """The vendor's client has more sources and tries than that: nobody needs a fallback ticket."""
    assert not outcome.findings_of("fallback-ticket")
    assert outcome.honest.outcome == "verified"


@pytest.mark.scenarios(strikes="flaps")
def test_each_time_the_fault_stood_was_read_back(outcome: Outcome) -> None:
    """A fault that flaps came more than once, and each time it also ended."""
    done = [applied.action for applied in outcome.evidence.applied if applied.receipts]
    assert done == ["apply", "heal", "apply", "heal"]


@pytest.mark.scenarios(strikes="flaps", side="server")
def test_the_next_user_for_whom_the_fault_is_back_is_served_like_the_first(outcome: Outcome) -> None:
    """No breaker, flag or cache of the first time stands in the way of the second."""
    (again,) = (visit for visit in outcome.evidence.visits if visit.name == "comes-back")
    assert (again.outcome, again.effects) == (outcome.honest.outcome, 1)


@pytest.mark.scenarios(strikes="until-submit")
def test_the_ticket_of_an_outage_that_is_over_is_worth_what_the_policy_says(outcome: Outcome) -> None:
    """The user holds a fallback ticket and the captcha is back: that is no forgery, and no verification either."""
    assert not outcome.findings_of("fallback-ticket")
    assert not outcome.findings_of("nothing-for-free")
    assert outcome.honest.outcome != "verified"


@pytest.mark.scenarios(habit="second-tab")
def test_limits_hold_for_two_tabs_at_once(outcome: Outcome) -> None:
    """Both submits arrive together: a limit that is read before it is used up lets both through."""
    assert outcome.honest.effects <= outcome.scenario.expect.limits.per_account
    assert len([submit for submit in outcome.evidence.submits if submit.visit == "honest"]) >= 2


@pytest.mark.scenarios(habit="goes-back")
def test_going_back_brings_no_second_effect_without_a_second_verification(outcome: Outcome) -> None:
    """Who comes again and solves nothing gets nothing."""
    assert not outcome.findings_of("exactly-once")
    assert [visit.effects for visit in outcome.evidence.visits if visit.name == "back"] == [0]


@pytest.mark.scenarios(habit="solves-late")
def test_a_late_captcha_changes_nothing(outcome: Outcome) -> None:
    """The page's own watchdog came first, and its ticket is the one that counts."""
    assert not outcome.findings_of("fallback-ticket")
    assert outcome.honest.effects == 1


def test_next_visitors_are_verified_again(outcome: Outcome) -> None:
    """When the fault is over, it is over: same tab, new tab, new visitor, each in a bounded time."""
    assert not outcome.findings_of("recovers")
    after = {visit.name: visit for visit in outcome.evidence.visits if visit.name in RECOVERY_VISITS}
    assert [visit.outcome for visit in after.values()] == ["verified"] * len(RECOVERY_VISITS)


def test_nothing_else_is_wrong(outcome: Outcome) -> None:
    """What no claim above asks about is asked here, third-party oracles included."""
    assert not outcome.findings_beside("business-completes", "exactly-once", "recovers")
