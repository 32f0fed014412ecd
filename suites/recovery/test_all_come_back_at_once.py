"""What becomes of a crowd that an outage held up, when it ends and all come back at the same moment."""

from __future__ import annotations

import pytest

from harness.journal.model import AGAIN, HELD_UP, NEXT
from harness.judge.storms import crowd
from harness.pytest_plugin.outcome import Outcome

pytestmark = pytest.mark.scenarios(kind="storm")


def test_each_is_served_exactly_once(outcome: Outcome) -> None:
    """As many effects at the origin as people who were told that it is done: none twice, none lost."""
    assert not outcome.findings_of("exactly-once")
    assert crowd(outcome.record).effects == crowd(outcome.record).completed


def test_limits_hold_in_the_rush(outcome: Outcome) -> None:
    """Only the provider's 1 lets more people in than the policy's limits do."""
    assert not outcome.findings_of("nothing-for-free")


def test_nobody_is_turned_away_by_a_crash(outcome: Outcome) -> None:
    """All of them are answered, and none with a 5xx."""
    assert {HELD_UP, AGAIN} <= {attempt.label for attempt in outcome.attempts}
    assert not [attempt for attempt in outcome.attempts if attempt.server_error or attempt.status is None]


def test_the_next_visitor_is_verified(outcome: Outcome) -> None:
    """Somebody new, after the crowd, in a bounded time; who comes before a breaker has forgotten gets what the policy gives."""
    assert not outcome.findings_of("recovers")
    *_early, last = (attempt for attempt in outcome.attempts if attempt.label == NEXT)
    assert last.completed


def test_nothing_else_is_wrong(outcome: Outcome) -> None:
    """What no claim above asks about is asked here, third-party oracles included."""
    assert not outcome.findings_beside("exactly-once", "nothing-for-free", "recovers")
