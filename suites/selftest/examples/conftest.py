"""A house outside the repository, in which the command that the wheel installs runs an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from suites.selftest.acceptance.command import House
from suites.selftest.acceptance.conftest import build_house, of_wheel, venv, wheel

__all__ = ["venv", "wheel"]


@pytest.fixture
def house(tmp_path: Path, toxiproxy_path: Path, venv: Path) -> House:
    """A house of this test's own."""
    return of_wheel(build_house(tmp_path / "house", toxiproxy_path), venv / "bin" / "captchaos")
