"""Where Toxiproxy is, a certificate authority, and a stage for each test."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from harness.certificates import Authority
from harness.setup.toxiproxy import find_toxiproxy
from suites.selftest.tencent_mini.stage import Stage, on_stage

OpenStage = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(scope="session")
def open_stage(tmp_path_factory: pytest.TempPathFactory) -> OpenStage:
    """Not skipped when there is no Toxiproxy, for then nothing here is known to work."""
    found = asyncio.run(find_toxiproxy(install=False))
    assert found.path is not None, "these tests start servers of their own: configure a path, not a URL"
    return functools.partial(on_stage, found.path, Authority(tmp_path_factory.mktemp("authority")))


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor's SDK would send even loopback requests through a proxy that the environment names."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
