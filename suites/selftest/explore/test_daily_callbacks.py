"""What the daily property of callbacks makes of a page that breaks a rule, always or once."""

from __future__ import annotations

from typing import Any, cast

import pytest

from harness.catalog.callbacks import Callbacks
from harness.explore.callbacks import CallbackSubject
from harness.explore.finding import Failure
from suites.fuzz.test_callbacks_in_the_browser import examine

TWICE = Failure(rule="one-effect", cause="well-formed", expected="one effect", seen="2 effects")


class Page:
    """A page whose used form always has two effects, and a fresh one as often as it is told."""

    def __init__(self, *, fresh_too: bool) -> None:
        self.fresh_too = fresh_too

    def ask(self, _presses: tuple[Callbacks, ...], *, chasing: str = "") -> tuple[str, tuple[Failure, ...]]:
        return "done", (TWICE,) if self.fresh_too or not chasing else ()

    def whole(self, _failure: Failure, presses: tuple[Callbacks, ...]) -> tuple[Callbacks, ...]:
        return presses

    def label(self, _presses: tuple[Callbacks, ...]) -> str:
        return "click"

    def shown(self, _presses: tuple[Callbacks, ...]) -> str:
        return "a click"


@pytest.mark.parametrize(
    ("fresh_too", "said"), [(True, "^one-effect: expected"), (False, "^not repeatable, seen 0 of 3 on fresh")]
)
def test_a_rule_that_is_broken_is_red_whether_or_not_it_comes_again(fresh_too: bool, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        examine(cast(CallbackSubject, cast(Any, Page(fresh_too=fresh_too))), seed_used=1)
