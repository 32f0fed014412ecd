"""What the target file says of a flow's page: its spinner, where it tells what has happened, where it is told to go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.catalog import Habit
from harness.plan.build import make_plan
from harness.target.loader import load_target

Write = Callable[..., Path]
SHOP = Path(__file__).parents[3] / "fixtures" / "shop" / "captchaos.toml"
BESIDE = 'browser = "flows.py:login"\n'
GOOD = 'busy = ".spinner"\nexplains = "#why"\nreturn_parameter = "next"\n'


def test_they_are_read_and_may_be_left_out(write: Write) -> None:
    login, checkout = load_target(write((BESIDE, BESIDE + GOOD))).flows.values()
    assert (login.busy, login.explains, login.return_parameter) == (".spinner", "#why", "next")
    assert (checkout.busy, checkout.explains, checkout.return_parameter) == (None, None, None)


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        ("busy", "bussy", "flows.login.bussy is not a known key; did you mean 'busy'?"),
        ('".spinner"', '""', "flows.login.busy must be a text in quotes"),
        ('"#why"', "7", "flows.login.explains must be a text in quotes"),
        ('"next"', '"?next="', "flows.login.return_parameter must be the name of a query parameter"),
    ],
)
def test_a_mistake_is_answered(write: Write, complaint: Callable[[Path], str], old: str, new: str, answer: str) -> None:
    assert answer in complaint(write((BESIDE, BESIDE + GOOD.replace(old, new))))


@pytest.mark.parametrize("key", ["busy", "explains", "return_parameter"])
def test_a_client_without_a_page_has_neither(write: Write, complaint: Callable[[Path], str], key: str) -> None:
    said = complaint(write((BESIDE, f'{BESIDE}client = "mini"\n{key} = "x"\n')))
    assert f"flows.login.{key} is of a page, but flows.login.client is 'mini'" in said


@pytest.mark.parametrize("key", ["busy", "explains", "return_parameter"])
def test_a_flow_that_nobody_drives_has_neither(write: Write, complaint: Callable[[Path], str], key: str) -> None:
    said = complaint(write(("completed = { status = 201 }", f'completed = {{ status = 201 }}\n{key} = "x"')))
    assert f"flows.checkout.{key} is of a page, but flows.checkout has no browser" in said


def test_the_word_is_asked_for_where_a_ticket_is_due_and_nowhere_else() -> None:
    planned = [one for one in make_plan(load_target(SHOP)).scenarios if one.flow == "checkout" and one.kind == "fault"]
    assert {one.expect.says for one in planned if one.expect.codes} == {"#step-up p"}
    assert {one.expect.says for one in planned if not one.expect.codes} == {""}


def test_a_page_in_one_tab_of_a_browser_is_looked_at_and_nothing_else_is() -> None:
    planned = [one for one in make_plan(load_target(SHOP)).scenarios if one.kind in ("fault", "recovery")]
    in_two_tabs = {one.id for one in planned if one.behaviour.habit is Habit.SECOND_TAB}
    looked_at = {one.flow for one in planned if one.expect.looks}
    assert looked_at == {"login", "checkout", "register"}
    assert {one.id for one in planned if one.flow in looked_at and not one.expect.looks} == in_two_tabs != set()


def test_whatever_is_heard_is_searched_for_secrets_in_every_scenario() -> None:
    assert all(one.expect.searches for one in make_plan(load_target(SHOP)).scenarios)


def test_only_the_flow_with_such_a_parameter_is_lured_away() -> None:
    plan = make_plan(load_target(SHOP))
    assert {(one.flow, one.expect.lure) for one in plan.scenarios if one.kind == "fault" and one.expect.lure} == {
        ("login", "elsewhere.example")
    }


def test_where_the_shop_signals_is_said_in_words_with_every_scenario() -> None:
    places = ("the word 'captcha.degraded' in its output", "captcha_degraded_total at /metrics")
    plan = make_plan(load_target(SHOP))
    assert {one.expect.signals for one in (*plan.scenarios, *plan.controls)} == {places}
