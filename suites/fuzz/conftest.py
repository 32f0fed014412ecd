"""A running target for tests that are no scenarios: the laboratory lives in a thread, the tests are plain functions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.explore.door import ACCOUNTS, Door, open_door
from harness.target.loader import find_target, load_target


@pytest.fixture(scope="session")
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    """The door of the target that the session tests, each of whose submits is shown to work."""
    named: Path | None = request.config.getoption("captchaos_target")
    # All come from one address until a test says otherwise.
    with open_door(load_target(find_target(str(named) if named else None)), per_address=ACCOUNTS) as opened:
        yield opened
