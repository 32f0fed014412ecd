"""Bugs of pages that a callback reaches: found within a minute from nothing, each made small enough to be read at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.explore.cases import load, rerun
from harness.explore.finding import Discovery
from harness.explore.kinds import KINDS, Options, Outcome
from harness.target.loader import find_target, load_target
from harness.zoo.materialise import materialised

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(300)]
WITHIN_S = 60.0
SEED = 7


def searched(animal: Path, cases: Path) -> list[Discovery]:
    """What a search of a minute finds, which is told of no flow."""
    options, outcome = Options(seconds=WITHIN_S, seed=SEED, cases=cases), Outcome()
    KINDS.get("callbacks").explore(load_target(find_target(str(animal))), options, outcome)
    assert outcome.examples > 0
    return outcome.discoveries


@pytest.mark.parametrize(
    ("animal", "rule", "cause", "read"),
    [
        ("F5", "well-formed-ticket", "no-underscore-before-time", "show() throws"),
        ("F6", "well-formed-ticket", "empty-app-id", "show() throws"),
        ("M", "well-formed-ticket", "milliseconds-for-seconds", "show() throws"),
    ],
)
def test_malformed_builder_is_found_and_made_small(animal: str, rule: str, cause: str, read: str, tmp_path: Path) -> None:
    with materialised(animal) as folder:
        found = searched(folder, tmp_path)
        (one,) = [each for each in found if each.failure.rule == rule]
        assert one.repeatable
        assert (one.failure.cause, one.shown) == (cause, read)
        assert one.case is not None
        # The case in its file is tried again for ever.
        assert rerun(load(one.case)).seen == 1


@pytest.mark.parametrize(
    ("animal", "rule"),
    [
        ("F2", "told-what-is"),
        ("F3", "ticket-handed-in"),
        ("F4", "always-an-answer"),
        ("F10", "always-an-answer"),
        ("late-callback-orders-twice", "one-effect"),
        ("B5", "nothing-for-free"),
    ],
)
def test_bug_behind_a_callback_is_found(animal: str, rule: str, tmp_path: Path) -> None:
    with materialised(animal) as folder:
        found = searched(folder, tmp_path)
        assert rule in {one.failure.rule for one in found if one.repeatable}


def test_right_integration_has_no_finding(tmp_path: Path) -> None:
    found = searched(find_target(None), tmp_path)
    assert found == []
