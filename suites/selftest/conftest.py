"""What tests of several areas need: the Toxiproxy server of this machine, a certificate authority, asyncio for async tests."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.certificates import Authority
from harness.setup.toxiproxy import find_toxiproxy


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def toxiproxy_path() -> Path:
    """Where a usable server is; not skipped when there is none, for then nothing here is known to work."""
    found = asyncio.run(find_toxiproxy())
    assert found.path is not None, "these tests start servers of their own: unset CAPTCHAOS_TOXIPROXY, or set it to a path"
    return found.path


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))
