"""The shop's own detection of an outage: three unanswered calls in a row, for five seconds, and no visitor's word on it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from suites.selftest.shop.parts import FIXTURES

DOWN, THROTTLED = 2002, 2006


class Time:
    """A clock that is moved by hand, in seconds."""

    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture(scope="module")
def parts() -> Iterator[Callable[[str], Any]]:
    """The shop's own modules by name; they are no package of the project's."""
    sys.path.insert(0, str(FIXTURES / "shop"))
    yield lambda name: importlib.import_module(f"shop.{name}")
    sys.path.remove(str(FIXTURES / "shop"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def breaker(parts: Callable[[str], Any], time: Time) -> Any:
    return parts("breaker").Breaker(clock=time)


@pytest.fixture
def unanswered(parts: Callable[[str], Any], breaker: Any) -> Callable[..., None]:
    def call(times: int = 1, code: int = DOWN) -> None:
        for _ in range(times):
            breaker.heard(parts("reading").NoVerdict(code=code))

    return call


def test_it_opens_at_the_third_call_in_a_row_that_nobody_answers(breaker: Any, unanswered: Callable[..., None]) -> None:
    unanswered(2)
    assert (breaker.state.value, breaker.down) == ("closed", False)
    unanswered()
    assert (breaker.state.value, breaker.down) == ("open", True)


@pytest.mark.parametrize("code", [1, 9, 21, 999])
def test_any_verdict_closes_it_a_refusal_too(
    parts: Callable[[str], Any], breaker: Any, unanswered: Callable[..., None], code: int
) -> None:
    unanswered(5)
    breaker.heard(parts("reading").Verdict(code=code))
    assert breaker.state.value == "closed"
    unanswered(2)
    assert breaker.state.value == "closed"


def test_without_news_it_is_half_open_after_five_seconds_and_closed_after_thirty(
    breaker: Any, unanswered: Callable[..., None], time: Time
) -> None:
    unanswered(3)
    seen = []
    for passed_s in (4.9, 0.2, 24.8, 0.2):
        time.s += passed_s
        seen.append((breaker.state.value, breaker.down))
    assert seen == [("open", True), ("half-open", False), ("half-open", False), ("closed", False)]
    unanswered(2)
    assert breaker.state.value == "closed"


def test_half_open_one_more_failure_opens_it_again(breaker: Any, unanswered: Callable[..., None], time: Time) -> None:
    unanswered(3)
    time.s += 10
    unanswered()
    assert breaker.state.value == "open"


def test_failures_that_lie_far_apart_are_no_outage(breaker: Any, unanswered: Callable[..., None], time: Time) -> None:
    for _ in range(5):
        unanswered()
        time.s += 31
    unanswered()
    assert breaker.state.value == "closed"


def test_who_asks_until_the_api_refuses_to_serve_has_made_no_outage(breaker: Any, unanswered: Callable[..., None]) -> None:
    unanswered(50, code=THROTTLED)
    assert breaker.state.value == "closed"


def test_silence_in_a_crowd_is_no_outage_nor_for_a_while_after_it(
    breaker: Any, unanswered: Callable[..., None], time: Time
) -> None:
    for _ in range(11):
        breaker.begin()
    unanswered(5)
    for _ in range(11):
        breaker.end()
    time.s += 4.9
    unanswered(5)
    assert breaker.state.value == "closed"
    time.s += 0.2
    unanswered(3)
    assert breaker.state.value == "open"


def test_ten_calls_at_once_are_no_crowd(breaker: Any, unanswered: Callable[..., None]) -> None:
    for _ in range(10):
        breaker.begin()
    unanswered(3)
    assert breaker.state.value == "open"


def test_what_one_process_has_seen_another_does_not_believe(
    parts: Callable[[str], Any], breaker: Any, unanswered: Callable[..., None], time: Time
) -> None:
    unanswered(9)
    assert (breaker.down, parts("breaker").Breaker(clock=time).down) == (True, False)
