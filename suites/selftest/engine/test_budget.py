"""A run that has so much time and no more."""

from __future__ import annotations

import pytest

from harness.engine.budget import Budget


class Clock:
    """Monotonic seconds that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("passed_s", "left_out"), [(0, False), (99, False), (101, True)])
def test_before_anything_is_known_only_the_time_itself_counts(passed_s: float, left_out: bool) -> None:
    clock, said = Clock(), list[bool]()
    budget = Budget(100, clock=clock)
    clock.now += passed_s
    budget.end_in_time(lambda: said.append(True))
    assert bool(said) is left_out


@pytest.mark.parametrize(("passed_s", "left_out"), [(59, False), (61, True)])
def test_one_more_scenario_and_the_last_controls_must_end_in_time(passed_s: float, left_out: bool) -> None:
    """Of 100 s the longest scenario so far took 30 and the controls 10."""
    clock, said = Clock(), list[bool]()
    budget = Budget(100, clock=clock)
    for seconds in (5, 30, 8):
        budget.scenario_took(seconds)
    budget.controls_took(10)
    budget.controls_took(2)
    clock.now += passed_s
    budget.end_in_time(lambda: said.append(True))
    assert bool(said) is left_out


def test_without_a_budget_nothing_is_left_out() -> None:
    clock, said = Clock(), list[bool]()
    budget = Budget(None, clock=clock)
    clock.now += 1e9
    budget.end_in_time(lambda: said.append(True))
    assert said == []
