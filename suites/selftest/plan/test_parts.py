"""A part of the plan for each of several machines, and what comes first where there is no time for all of it."""

from __future__ import annotations

import pytest

from harness.catalog import Side
from harness.plan.build import Plan
from harness.plan.sampling import most_telling_first
from harness.plan.shards import Shard, seconds


@pytest.mark.parametrize("of", [1, 2, 5, 7])
def test_shards_have_every_scenario_once_and_are_of_one_size(plan: Plan, of: int) -> None:
    parts = [Shard(number=number, of=of).part(plan.scenarios) for number in range(1, of + 1)]
    assert sorted(one.id for part in parts for one in part) == sorted(one.id for one in plan.scenarios)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_each_shard_of_the_ordered_plan_has_some_of_everything(plan: Plan) -> None:
    """Both sides, forgers, and faults both cold and warm: a shard that has all that is slow would hold up the others."""
    ordered = most_telling_first(plan.scenarios)
    for number in range(1, 6):
        part = Shard(number=number, of=5).part(ordered)
        assert {one.link_side for one in part if one.kind == "fault"} == set(Side)
        assert {"fault", "forgery", "recovery"} <= {one.kind for one in part}
        assert len({one.warmth for one in part if one.kind == "fault"}) == 2


def test_what_tells_most_comes_first(plan: Plan) -> None:
    """Every failure mode once before any a third time, the verdict API's first of all; a crowd comes last of its round."""
    ordered = most_telling_first(plan.scenarios)
    assert sorted(one.id for one in ordered) == sorted(one.id for one in plan.scenarios)
    faults = [one for one in ordered if one.kind == "fault" and one.mode is not None]
    modes = {one.mode for one in faults}
    assert {one.mode for one in faults[: 4 * len(modes)]} == modes
    assert ordered[0].link_side is Side.SERVER
    assert {"forgery", "fault"} <= {one.kind for one in ordered[:40]}


@pytest.mark.parametrize("text", ["0/5", "6/5", "2", "2/0", "a/b", "-1/5", "1/99999", "2/5 "])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write the second of five as 2/5"):
        Shard.parse(text)


@pytest.mark.parametrize(("text", "amount"), [("90", 90), ("90s", 90), ("5m", 300), ("1.5h", 5400)])
def test_times_are_read_as_people_write_them(text: str, amount: float) -> None:
    assert seconds(text) == amount


@pytest.mark.parametrize("text", ["", "0", "5 m", "m", "-3s", "5d", "nan", "inf"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write five minutes as 5m"):
        seconds(text)
