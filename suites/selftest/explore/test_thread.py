"""A search's laboratory in its thread: whoever stops waiting leaves nothing behind, and a limit is told in a sentence."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from harness.errors import LaboratoryError
from harness.explore import thread
from harness.explore.thread import open_laboratory
from harness.target.loader import find_target, load_target


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a workshop says that takes long to open."""
    heard: list[str] = []

    @contextlib.asynccontextmanager
    async def slow(*_parts: object, **_words: object) -> AsyncIterator[None]:
        heard.append("something is up")
        try:
            await asyncio.sleep(60)
            yield
        finally:
            await asyncio.sleep(0.05)
            heard.append("taken down")

    monkeypatch.setattr(thread, "open_workshop", slow)
    return heard


def test_what_is_half_open_is_taken_down_when_it_takes_too_long(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread, "_OPEN_LIMIT_S", 0.2)
    with pytest.raises(LaboratoryError, match=r"within 0\.2 s"), open_laboratory(load_target(find_target(None))):
        pass
    assert said == ["something is up", "taken down"]
