"""Choosing from a plan, and what a word that nothing has is answered with."""

from __future__ import annotations

import pytest

from harness.catalog import Side
from harness.errors import UsageError
from harness.plan.build import Plan
from harness.plan.select import Selection, select


@pytest.mark.parametrize(
    ("selection", "closest"),
    [
        (Selection(flows=("chekout",)), "checkout"),
        (Selection(modes=("10013",)), "1013"),
        (Selection(links=("verfy",)), "verify"),
        (Selection(faults=("refusd",)), "refused"),
        (Selection(phases=("mid-chalenge",)), "mid-challenge"),
        (Selection(oracles=("page-useable",)), "page-usable"),
        (Selection(word="login-1002-frame-hang-clod"), "login-1002-frame-hang-cold"),
    ],
)
def test_an_unknown_word_is_answered_with_the_closest_one(plan: Plan, selection: Selection, closest: str) -> None:
    with pytest.raises(UsageError) as refusal:
        select(plan.scenarios, selection)
    assert closest in str(refusal.value)


def test_a_whole_id_selects_itself_alone(plan: Plan) -> None:
    assert [s.id for s in select(plan.scenarios, Selection(word="login-forged"))] == ["login-forged"]


def test_part_of_an_id_selects_every_one_that_has_it(plan: Plan) -> None:
    chosen = select(plan.scenarios, Selection(word="-1013-"))
    assert {(s.mode, s.link) for s in chosen} == {(1013, "verify")}
    assert {s.flow for s in chosen} == {"login", "checkout", "app-checkout", "mini-profile"}


def test_an_expression_of_pytests_is_told_what_takes_one(plan: Plan) -> None:
    with pytest.raises(UsageError, match="run it by pytest, whose -k takes expressions"):
        select(plan.scenarios, Selection(word="login-forged or checkout-forged"))


def test_words_of_different_kinds_narrow_and_words_of_one_kind_widen(plan: Plan) -> None:
    chosen = select(plan.scenarios, Selection(flows=("login",), modes=("1002", "1013"), faults=("hang",)))
    assert {(s.flow, s.mode) for s in chosen} == {("login", 1002), ("login", 1013)}


def test_known_words_that_nothing_has_together_are_said_to_be_so(plan: Plan) -> None:
    with pytest.raises(UsageError, match="no scenario has them all"):
        select(plan.scenarios, Selection(modes=("1002",), links=("verdict",)))


def test_no_selection_is_everything(plan: Plan) -> None:
    assert select(plan.scenarios, Selection()) == plan.scenarios
    assert {s.link_side for s in plan.scenarios} == set(Side)
