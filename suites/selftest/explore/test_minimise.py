"""A failing schedule is made small in few trials: no fault in it that is not needed, none longer than it must be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from harness.catalog import Schedule, Stroke
from harness.explore.minimise import smallest

FIVE = tuple(Stroke(link=link, fault="hang") for link in ("entry", "frame", "config", "verify", "verdict"))
Fails = Callable[[tuple[Stroke, ...]], bool]


def shrunk(strokes: tuple[Stroke, ...], fails: Fails) -> tuple[Schedule, list[Schedule]]:
    """What is left of them, and what was tried for it."""
    tried: list[Schedule] = []

    async def still_fails(schedule: Schedule) -> bool:
        tried.append(schedule)
        return fails(schedule.strokes)

    return asyncio.run(smallest(Schedule(strokes=strokes), still_fails)), tried


def links(strokes: tuple[Stroke, ...]) -> list[str]:
    return [stroke.link for stroke in strokes]


def only_if_it_stands(needed: set[str]) -> Fails:
    """The bug shows where all of these links are broken until all is healed."""
    return lambda strokes: needed <= {one.link for one in strokes if one.lasts_ms is None}


@pytest.mark.parametrize("needed", [{"frame"}, {"entry", "verdict"}, {"frame", "config", "verify"}, set(links(FIVE))])
def test_what_is_left_are_the_faults_that_the_bug_needs_in_their_order(needed: set[str]) -> None:
    small, _tried = shrunk(FIVE, only_if_it_stands(needed))
    assert links(small.strokes) == [link for link in links(FIVE) if link in needed]


def test_order_is_kept_for_a_bug_that_needs_one_before_the_other() -> None:
    def fails(strokes: tuple[Stroke, ...]) -> bool:
        names = links(strokes)
        return "frame" in names and "verdict" in names and names.index("frame") < names.index("verdict")

    small, _tried = shrunk(FIVE, fails)
    assert links(small.strokes) == ["frame", "verdict"]


def test_each_fault_ends_as_early_as_the_bug_allows() -> None:
    def fails(strokes: tuple[Stroke, ...]) -> bool:
        lasts = {one.link: one.lasts_ms or 60_000 for one in strokes}
        return lasts.get("frame", 0) >= 900 and lasts.get("verdict", 0) >= 100

    small, _tried = shrunk(FIVE, fails)
    assert [(one.link, one.lasts_ms) for one in small.strokes] == [("frame", 1000), ("verdict", 200)]


def test_no_schedule_is_tried_twice_and_none_without_faults() -> None:
    _small, tried = shrunk(FIVE, only_if_it_stands({"entry", "verdict"}))
    assert len(tried) == len(set(tried))
    assert all(schedule.strokes for schedule in tried)


def test_one_fault_of_four_takes_some_ten_trials() -> None:
    """A trial costs seconds of a laboratory: halves first finds one of four in three trials, and its times are five."""
    _small, tried = shrunk(FIVE[:4], only_if_it_stands({"verify"}))
    assert len(tried) <= 10
