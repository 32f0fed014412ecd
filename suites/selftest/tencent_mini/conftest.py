"""A stage for each test."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from harness.certificates import Authority
from suites.selftest.tencent_mini.stage import Stage, on_stage

OpenStage = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(scope="session")
def open_stage(toxiproxy_path: Path, tmp_path_factory: pytest.TempPathFactory) -> OpenStage:
    """Open a stage on a server of its own."""
    return functools.partial(on_stage, toxiproxy_path, Authority(tmp_path_factory.mktemp("authority")))


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor's SDK would send even loopback requests through a proxy that the environment names."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
