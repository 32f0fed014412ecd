"""A running target for tests that are no scenarios: the laboratory lives in a thread, the tests are plain functions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis.statistics import collector, describe_statistics

from harness.explore.door import ACCOUNTS, Door, open_door
from harness.target.loader import find_target, load_target


@pytest.fixture(scope="session")
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    """The door of the target that the session tests, each of whose submits is shown to work."""
    named: Path | None = request.config.getoption("captchaos_target")
    # All come from one address until a test says otherwise.
    with open_door(load_target(find_target(str(named) if named else None)), per_address=ACCOUNTS) as opened:
        yield opened


@pytest.fixture(autouse=True)
def told_of_examples(request: pytest.FixtureRequest) -> Iterator[None]:
    """Say for ``--hypothesis-show-statistics`` of what the examples were: these tests hold their claims inside of them.

    Hypothesis's plugin asks only tests that are themselves decorated by ``given``; what it shows of an item it finds there.
    """
    told: list[str] = []
    # The variable's type is that of its default, which is None.
    with collector.with_value(lambda statistics: told.append(describe_statistics(statistics))):  # type: ignore[arg-type]
        yield
    if told:
        request.node.hypothesis_statistics = "\n\n".join((f"{request.node.nodeid}:", *told))
