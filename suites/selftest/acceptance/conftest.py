"""A house for each test or module, with a Toxiproxy that is there already."""

from __future__ import annotations

from pathlib import Path

import pytest

from suites.selftest.acceptance.command import House


@pytest.fixture
def house(tmp_path: Path, toxiproxy_path: Path) -> House:
    """A house of this test's own."""
    return build_house(tmp_path, toxiproxy_path)


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory, toxiproxy_path: Path) -> House:
    """A house that the tests of one module share: they look at the same run, or leave nothing in it."""
    return build_house(tmp_path_factory.mktemp("house"), toxiproxy_path)


def build_house(root: Path, toxiproxy: Path) -> House:
    """Furnish one: what a run temporarily makes goes to ``tmp``, what it remembers to ``cache``."""
    (root / "tmp").mkdir()
    return House(root=root, env={"CAPTCHAOS_TOXIPROXY": str(toxiproxy)})
