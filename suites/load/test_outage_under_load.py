"""What becomes of a crowd, honest and forging, that comes while the verdict API hangs: over HTTP, past the page."""

from __future__ import annotations

import pytest

from harness.pytest_plugin.outcome import Outcome

pytestmark = pytest.mark.scenarios(kind="load")


def test_an_outage_under_load_exhausts_nothing_and_lets_nobody_in(outcome: Outcome) -> None:
    """Workers are left for everybody else, no order is lost or doubled, and all is as before when it is over."""
    assert not outcome.findings_of("holds-under-load")


def test_every_submit_of_the_crowd_is_answered(outcome: Outcome) -> None:
    """Late or early, by whatever the policy says, but not by silence and not by a crash."""
    submits = [call for call in outcome.evidence.crowd if call.who != "page"]
    assert submits
    assert all(call.status is not None and call.status < 500 for call in submits)


def test_nothing_else_is_wrong(outcome: Outcome) -> None:
    """What no claim above asks about is asked here, third-party oracles included."""
    assert not outcome.findings_beside("holds-under-load")
