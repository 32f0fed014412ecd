"""What `serve` tells people about each provider is that provider's own, ours or somebody else's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.alone.pointers import pointers
from harness.alone.standin import StandIn, Wish
from harness.providers.base import PROVIDERS


def told_of(name: str, folder: Path) -> str:
    """The lines for people, as for one that serves TLS."""
    where = replace(pointers(StandIn(Wish(provider=name), folder)), tls="https://127.0.0.1:4443")
    return "\n".join(where.lines())


def test_only_where_tencents_sdk_is_used_is_it_said_how_it_takes_a_ca_file(tmp_path: Path) -> None:
    naming = {name for name in PROVIDERS.all() if "HttpProfile(certification=" in told_of(name, tmp_path)}
    assert naming == {"tencent_web", "tencent_mini"}


def test_another_vendors_sdk_is_told_of_it_in_its_providers_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PROVIDERS.get("geetest_v4"), "sdk_ca_file", "Client(ca=...) in its SDK", raising=False)
    assert "hand it the CA file, Client(ca=...) in its SDK" in told_of("geetest_v4", tmp_path)
