"""Bugs that tickets and answers reach over HTTP: found within a minute from nothing, each small enough to be read at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from harness.explore.cases import load, rerun
from harness.explore.finding import Discovery
from harness.explore.kinds import KINDS, Options, Outcome
from harness.target.loader import find_target, load_target
from harness.zoo.materialise import materialised

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(300)]
WITHIN_S = 60.0
GOOD, TERROR, TRERROR = "a good ticket of the provider's", "'terror_1001_{app}_{now}'", "'trerror_1001_{app}_{now}'"


class Found(Exception):  # noqa: N818 - it ends a search that has done what it had to
    """What was looked for."""


def searched(kind: str, animal: Path, rule: str, cases: Path, seed: int) -> Discovery:
    """The first failure of this rule, found as `captchaos fuzz` does without a word on where it is."""
    began = time.monotonic()

    def found(one: Discovery) -> None:
        if one.failure.rule == rule and one.repeatable:
            raise Found

    options, outcome = Options(seconds=WITHIN_S, seed=seed, cases=cases, found=found), Outcome()
    with pytest.raises(Found):
        KINDS.get(kind).explore(load_target(find_target(str(animal))), options, outcome)
    spent_s = time.monotonic() - began
    assert spent_s <= WITHIN_S, f"{spent_s:.0f} s and {outcome.examples} examples"
    return outcome.discoveries[-1]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("animal", "kind", "rule", "read"),
    [
        ("B1", "tickets", "business-completes", GOOD),
        ("B2", "tickets", "business-completes", TERROR),
        ("B3", "tickets", "business-completes", TERROR),
        ("B4", "tickets", "business-completes", TRERROR),
        ("B5", "tickets", "nothing-for-free", TERROR),
        ("B6", "tickets", "nothing-for-free", GOOD),
        ("B8", "tickets", "never-5xx", GOOD),
        ("B9", "answers", "nothing-for-free", "code 8 whose text says OK"),
        ("B13", "tickets", "nothing-for-free", "'tr03AAAAAAAAAAAAAAAAAAAAAAAAAAAA\"'"),
        ("B14", "tickets", "private", GOOD),
        ("slow-to-give-up", "tickets", "bounded-wait", GOOD),
        ("missing-ticket-in-an-outage", "tickets", "nothing-for-nothing", f"{GOOD} and 2 more, then ''"),
    ],
)
def test_bug_is_found_within_a_minute_and_read_at_once(
    animal: str, kind: str, rule: str, read: str, seed: int, tmp_path: Path
) -> None:
    with materialised(animal) as folder:
        one = searched(kind, folder, rule, tmp_path, seed)
        assert read in one.shown
        assert one.case is not None
        # The case in its file is tried again for ever.
        assert rerun(load(one.case)).seen == 1
