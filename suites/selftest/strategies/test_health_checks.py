"""Whoever draws from a public strategy as it stands hears nothing of Hypothesis's health checks, though none is suppressed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import DeadlineExceeded, FailedHealthCheck, Flaky

from harness import strategies
from harness.catalog import Phase as FlowPhase
from harness.catalog import Stroke

APP = "199999164"
STROKES = (
    Stroke(link="frame", fault="refused", phase=FlowPhase.BEFORE_LOAD),
    Stroke(link="verdict", fault="hang", phase=FlowPhase.DURING_VERDICT),
)
DRAWN: Mapping[str, Callable[[], st.SearchStrategy[Any]]] = {
    "app_ids": strategies.app_ids,
    "callback_objects": lambda: strategies.callback_objects(app_id=APP),
    "callback_results": lambda: strategies.callback_results(app_id=APP),
    "documented_answers": strategies.documented_answers,
    "fallback_recipes": strategies.fallback_recipes,
    "fallback_tickets": strategies.fallback_tickets,
    "fault_schedules": lambda: strategies.fault_schedules(STROKES),
    "garbage_recipes": strategies.garbage_recipes,
    "honest_tickets": strategies.honest_tickets,
    "misplaced_recipes": strategies.misplaced_recipes,
    "near_miss_recipes": strategies.near_miss_recipes,
    "near_misses": lambda: strategies.near_misses(app_id=APP),
    "provider_answers": strategies.provider_answers,
    "randstrs": strategies.randstrs,
    "target_schedules": lambda: strategies.target_schedules(flow="checkout"),
    "user_behaviour": strategies.user_behaviour,
    "worthless_recipes": strategies.worthless_recipes,
}
PROVIDERS = ("tencent_web", "tencent_mini", "huawei", "geetest_v4")


# A machine that others keep busy may be slow in one of these; a strategy that is slow is so each time.
TRIES = 3


def draw(drawn: st.SearchStrategy[Any], *, tries: int = TRIES) -> int:
    """Draw as anybody's test does who has suppressed nothing, and has the usual number of examples."""
    count = 0

    @settings(settings.get_profile("default"), suppress_health_check=[], database=None, phases=[Phase.generate])
    @given(drawn)
    def nothing_is_asked(_one: object) -> None:
        nonlocal count
        count += 1

    try:
        nothing_is_asked()
    except (FailedHealthCheck, DeadlineExceeded, Flaky) as failed:
        slow = not isinstance(failed, FailedHealthCheck) or HealthCheck.too_slow.name in str(failed)
        if tries == 1 or not slow:
            raise
        return draw(drawn, tries=tries - 1)
    return count


def test_every_public_strategy_is_drawn_from() -> None:
    assert [name for name in strategies.__all__ if name.islower() and callable(getattr(strategies, name))] == list(DRAWN)


@pytest.mark.parametrize("name", DRAWN)
def test_a_public_strategy_passes_every_health_check(name: str) -> None:
    assert draw(DRAWN[name]()) > 0


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("make", [strategies.honest_tickets, strategies.provider_answers])
def test_so_does_what_other_providers_mint_and_answer(make: Callable[..., st.SearchStrategy[Any]], provider: str) -> None:
    assert draw(make(provider=provider)) > 0


def test_a_strategy_that_is_slow_is_noticed() -> None:
    def slowly(one: str) -> str:
        time.sleep(0.2)  # so slow is what is drawn
        return one

    with pytest.raises(FailedHealthCheck, match="too_slow"):
        draw(strategies.app_ids().map(slowly))


def test_a_strategy_that_throws_most_of_what_it_draws_away_is_noticed() -> None:
    with pytest.raises(FailedHealthCheck):
        draw(strategies.fallback_tickets(app_id=APP).filter(lambda ticket: ticket.startswith("error_")))
