"""The plan asks the oracles: what none of them speaks on is not run, and the user may ask for what one of them needs."""

from __future__ import annotations

import dataclasses

import pytest

from harness.journal.model import Scenario
from harness.judge import ORACLES
from harness.plan.build import make_plan
from harness.plan.demand import looked_at
from harness.plan.select import Selection, select
from harness.target.loader import find_target, load_target

PLANNED = make_plan(load_target(find_target(None))).scenarios


def chosen(*slugs: str) -> tuple[Scenario, ...]:
    return select(PLANNED, Selection(oracles=slugs))


def test_a_scenario_that_no_oracle_looks_at_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    looks_at_crowds = {"holds-under-load": ORACLES.get("holds-under-load")}
    monkeypatch.setattr(ORACLES, "all", lambda: looks_at_crowds)
    crowd = next(scenario for scenario in PLANNED if scenario.kind == "load")
    nobodys = dataclasses.replace(crowd, id="login-nobodys", kind="verdict")
    assert looked_at([crowd, nobodys]) == ([crowd], ["login-nobodys: no oracle has anything to say on it"])


def test_an_oracles_scenarios_can_be_chosen_by_its_slug() -> None:
    assert {scenario.kind for scenario in chosen("holds-under-load")} == {"load"}
    assert {scenario.kind for scenario in chosen("verdict-is-a-verdict", "holds-under-load")} >= {"verdict", "load"}


def test_it_narrows_what_other_words_choose() -> None:
    both = select(PLANNED, Selection(flows=("checkout",), oracles=("page-usable",)))
    assert both
    assert {scenario.flow for scenario in both} == {"checkout"}
    assert set(both) < set(chosen("page-usable"))
