"""A machine in small for the real command, which needs neither Toxiproxy nor a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from suites.selftest.acceptance.command import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of this test's own."""
    (tmp_path / "tmp").mkdir()
    return House(root=tmp_path)
