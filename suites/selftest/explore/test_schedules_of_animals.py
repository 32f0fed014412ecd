"""A search finds, for real, a bug that no fault shows alone."""

from __future__ import annotations

import asyncio

import pytest

from bench.schedules import schedule_searches


@pytest.mark.nightly
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("how", ["blind", "guided"])
def test_a_bug_of_two_faults_is_found(how: str) -> None:
    """Guided from the first schedule on: what both begin with would find it the same way."""
    (searched,) = asyncio.run(
        schedule_searches(["late-answer-sends-ticket-again"], runs=1, most=25, jobs=1, hows=[how], drawn_first=0)
    )
    assert searched.after is not None
