"""The table of figures is reckoned rightly; what it says of this machine is nobody's promise, so no figure is asserted."""

from __future__ import annotations

import math
import os

import psutil
import pytest

from bench.arithmetic import Figure, figures_table, percentile, ratio, spread
from bench.busy import busy_cores
from bench.verdicts import alarms, differences, unknowns


def figure(measured: float, **more: object) -> Figure:
    return Figure(name="a", measured=measured, unit="ms", **more)  # type: ignore[arg-type]  # each test names what it is about


@pytest.mark.parametrize(
    ("measured", "bound_is", "verdict"),
    [
        (5.0, "at most", "met"), (5.01, "at most", "not met"), (20.0, "at least", "met"), (4.99, "at least", "not met"),
        (math.nan, "at most", "not met"), (math.nan, "at least", "not met"),
    ],
)
def test_a_bound_itself_is_met_and_what_could_not_be_measured_is_not(measured: float, bound_is: str, verdict: str) -> None:
    assert figure(measured, bound=5.0, bound_is=bound_is).verdict == verdict


def test_a_figure_without_a_target_has_no_verdict() -> None:
    assert (figure(3.0).target, figure(3.0).verdict) == ("stated", "–")


def test_a_percentile_is_a_value_that_was_measured() -> None:
    hundred = list(range(100, 0, -1))
    assert [percentile(hundred, share) for share in (0.0, 0.5, 0.99, 1.0)] == [1, 50, 99, 100]
    assert percentile([7.0], 0.99) == 7.0
    assert math.isnan(percentile([], 0.5))


def test_a_ratio_to_nothing_is_no_number() -> None:
    assert ratio(3.0, 2.0) == 1.5
    assert math.isnan(ratio(3.0, 0.0))


@pytest.mark.parametrize(("count", "taken"), [(1, (0,)), (3, (0, 3, 6)), (10, tuple(range(10))), (99, tuple(range(10)))])
def test_a_sample_is_evenly_spread_and_never_takes_one_twice(count: int, taken: tuple[int, ...]) -> None:
    assert spread(range(10), count) == taken


def test_without_a_count_the_sample_is_everything() -> None:
    assert spread("abc", None) == ("a", "b", "c")


def test_every_line_of_the_table_has_four_cells_under_each_other() -> None:
    lines = figures_table([figure(1.234, bound=5.0), Figure(name="a longer name", measured=1500.4, unit="MB")]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert [cell.strip() for cell in lines[2].strip("|").split("|")] == ["a", "1.23 ms", "at most 5 ms", "met"]
    assert [cell.strip() for cell in lines[3].strip("|").split("|")] == ["a longer name", "1500 MB", "stated", "–"]


def test_a_verdict_that_changes_or_is_missing_in_one_run_is_a_difference() -> None:
    runs = [{"a": "pass", "b": "pass", "c": "unknown"}, {"a": "pass", "b": "fail"}]
    assert differences(runs) == {"b": ("pass", "fail"), "c": ("unknown", "missing")}
    assert unknowns(runs) == ["c"]


def test_runs_that_agree_differ_in_nothing() -> None:
    assert differences([{"a": "fail"}] * 3) == {}
    assert unknowns([{"a": "fail"}] * 3) == []


def test_every_fail_on_a_target_that_is_right_is_a_false_alarm_once() -> None:
    runs = [{"a": "pass", "b": "fail", "c": "unknown"}, {"a": "fail", "b": "fail", "c": "pass"}]
    assert alarms(runs) == ["b", "a"]


def test_busy_cores_are_free_again_afterwards() -> None:
    us = psutil.Process()
    before = {child.pid for child in us.children()}
    with busy_cores():
        working = [child for child in us.children() if child.pid not in before]
        assert len(working) == os.cpu_count()
    assert not any(child.is_running() for child in working)
