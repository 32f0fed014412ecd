"""Whose turn it is: everybody in health on a fresh target, then in their outages, in short before at length, until it is over.

The door is a stand-in that writes down what is asked of it; the shop's plan and Hypothesis are real.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.explore import turns
from harness.explore.door import Door
from harness.explore.finding import Failure
from harness.explore.kinds import HEALTHS, Options, Outcome
from harness.explore.outages import HEALTHY, Outage, outages_of
from harness.explore.telling import beside
from harness.explore.turns import take_turns
from harness.faults.base import FAULTS
from harness.plan.build import Plan, make_plan
from harness.target.loader import find_target, load_target
from harness.target.spec import FlowSpec, Target

SHOP = load_target(find_target(None))
PLAN = make_plan(SHOP)
FLOWS = ("login", "checkout")
CHOSEN = (10_001, 10_002)
KINDS = {flow: [outage.fault for outage in outages_of(PLAN, flow)] for flow in FLOWS}


@dataclass
class Doorman:
    """Writes down when a fresh target is asked for, and what is done to whose captcha."""

    target: Target = SHOP
    plan: Plan = PLAN
    noted: list[tuple[str, str, str]] = field(default_factory=list)

    def renew(self, outage: Outage | None = None) -> None:
        self.noted.append(("fresh target", "", outage.fault if outage else HEALTHY))

    def strike(self, flow: FlowSpec, outage: Outage | None) -> None:
        self.noted.append(("turn", flow.name, outage.fault if outage else HEALTHY))

    def from_elsewhere(self, _flow: FlowSpec) -> None:
        """Whoever comes, comes from nowhere."""

    def stand(self, _flow: FlowSpec) -> None:
        """There is no target that could fall."""

    @property
    def turns(self) -> list[tuple[str, str]]:
        return [(flow, health) for what, flow, health in self.noted if what == "turn"]


@dataclass
class Fine:
    """A subject with which nothing is ever wrong."""

    flow: str
    health: str

    def strategy(self) -> st.SearchStrategy[int]:
        return st.integers(0, 10_000)

    def telling(self) -> tuple[int, ...]:
        return CHOSEN

    def label(self, example: int) -> str:
        return "chosen" if example in CHOSEN else "drawn"

    def shown(self, example: int) -> str:
        return str(example)

    def written(self, example: int) -> Mapping[str, object]:
        return {"number": example}

    def ask(self, _example: int, *, chasing: str = "") -> tuple[str, tuple[Failure, ...]]:
        return "fine", ()

    def fresh(self) -> None:
        """Nothing is used up."""

    def used(self) -> bool:
        return False

    def whole(self, _failure: Failure, example: int) -> int:
        return example

    def own_limit(self, _failure: Failure) -> bool:
        return False


def fine(flow: FlowSpec, outage: Outage | None) -> Fine:
    return Fine(flow.name, outage.fault if outage else HEALTHY)


def taken(examples: int, *, healths: tuple[str, ...] = HEALTHS, flows: tuple[str, ...] = FLOWS) -> tuple[Doorman, Outcome]:
    """What happens at the door in so many examples; each turn has a quarter of them, as there are two flows."""
    door, outcome = Doorman(), Outcome()
    options = Options(seconds=None, examples=examples, flows=flows, healths=healths)
    take_turns(cast("Door", door), options, outcome, case_kind="ticket", subject=fine)
    return door, outcome


def test_every_flow_has_its_turn_in_health_before_any_meets_an_outage() -> None:
    _door, outcome = taken(40)
    assert list(outcome.coverage.became)[:4] == [
        ("login", HEALTHY), ("checkout", HEALTHY), ("login", KINDS["login"][0]), ("checkout", KINDS["checkout"][0]),
    ]  # fmt: skip


def test_a_target_is_started_anew_where_health_and_outages_meet_and_nowhere_else() -> None:
    """What it knows of an outage is nothing that a healthy one knows; from one outage to the next it may know all."""
    door, _outcome = taken(60)
    turns_taken = [
        (at > 0 and door.noted[at - 1][0] == "fresh target", health == HEALTHY)
        for at, (what, _flow, health) in enumerate(door.noted)
        if what == "turn"
    ]
    assert all(anew is (before is not now) for (_, before), (anew, now) in pairwise(turns_taken))
    assert any(anew for anew, _now in turns_taken[1:])


@pytest.mark.parametrize(("health", "expected"), [("health", {HEALTHY}), ("outage", set(KINDS["login"]))])
def test_a_search_in_one_state_of_health_never_leaves_it(health: str, expected: set[str]) -> None:
    door, _outcome = taken(8, healths=(health,))
    assert {seen for _flow, seen in door.turns} <= expected


def test_what_is_asked_is_what_the_captcha_is_in() -> None:
    door, outcome = taken(40)
    assert outcome.coverage.became
    assert set(outcome.coverage.became) <= set(door.turns)


def test_what_had_no_turn_is_named() -> None:
    _door, outcome = taken(4)
    missed = outcome.coverage.not_reached()
    assert f"login/{KINDS['login'][-1]}" in missed
    assert "login/health" not in missed


def test_no_example_is_tried_beyond_those_asked_for() -> None:
    _door, outcome = taken(10)
    assert outcome.examples == 10


def test_half_of_the_examples_are_kept_for_what_is_drawn() -> None:
    _door, outcome = taken(40)
    assert {label: row["fine"] for label, row in outcome.labels.items()} == {"chosen": 20, "drawn": 20}


def test_where_nothing_was_drawn_is_named() -> None:
    _door, outcome = taken(40)
    (sentence,) = [line for line in beside(outcome) if line.startswith("nothing was drawn at ")]
    named = sentence.removeprefix("nothing was drawn at ").partition(":")[0].split(", ")
    # Twenty chosen, two at each place: health, then four outages, of both flows; the drawn ones are all of health.
    assert named == [f"{flow}/{KINDS['login'][nth]}" for nth in range(4) for flow in FLOWS]


def test_all_meet_every_outage_that_is_quick_to_tell_and_one_of_them_each_that_hangs() -> None:
    """Both flows are one provider's, and so is what hangs."""
    flows = [SHOP.flows[name] for name in FLOWS]
    kinds = {name: outages_of(PLAN, name) for name in FLOWS}
    looked = [(flow.name, outage.fault if outage else HEALTHY) for flow, outage in turns._places(kinds, flows, HEALTHS)]
    hanging = [kind for kind in KINDS["login"] if FAULTS.get(kind).hangs]
    quick = [kind for kind in KINDS["login"] if kind not in hanging]
    assert "hang" in hanging
    assert "refused" in quick
    assert looked == [(flow, health) for health in (HEALTHY, *quick) for flow in FLOWS] + [("login", kind) for kind in hanging]


def test_a_first_look_at_outages_alone_never_sees_health() -> None:
    kinds = {"login": outages_of(PLAN, "login")}
    assert all(outage is not None for _flow, outage in turns._places(kinds, [SHOP.flows["login"]], ("outage",)))


def test_every_outage_of_a_flow_has_its_turn_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = limits_of(monkeypatch, turns_left=80)
    assert {health for _flow, health, _limit_s in limits} >= {HEALTHY, *KINDS["login"], *KINDS["checkout"]}


def test_all_are_looked_at_in_short_before_any_is_at_length(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = limits_of(monkeypatch, turns_left=80)
    healthy = [limit_s for flow, health, limit_s in limits if (flow, health) == ("login", HEALTHY)]
    assert all(earlier <= later for earlier, later in pairwise(healthy))
    assert healthy[0] < healthy[-1]
    assert healthy[0] >= 1.0


def limits_of(monkeypatch: pytest.MonkeyPatch, *, turns_left: int) -> list[tuple[str, str, float]]:
    """How long each turn may last, of so many turns: a search that is told, and asks nobody."""
    limits: list[tuple[str, str, float]] = []

    class Told:
        def __init__(self, *_parts: object, **_words: object) -> None:
            """Nothing is kept."""

        @property
        def over(self) -> bool:
            return len(limits) >= turns_left

        half_over = False

        def look(self, _subject: Fine, _examples: object) -> None:
            """Nobody is asked."""

        def batch(self, subject: Fine, *, limit_s: float, examples: int) -> None:
            assert examples > 0
            limits.append((subject.flow, subject.health, limit_s))

    monkeypatch.setattr(turns, "Search", Told)
    searched: Callable[..., Any] = take_turns
    searched(Doorman(), Options(seconds=None, flows=FLOWS), Outcome(), case_kind="ticket", subject=fine)
    return limits


def test_a_flow_that_is_not_there_is_refused_before_anything_is_touched() -> None:
    door = Doorman()
    with pytest.raises(UsageError, match="did you mean 'login'"):
        take_turns(cast("Door", door), Options(flows=("logn",)), Outcome(), case_kind="ticket", subject=fine)
    assert door.noted == []
