"""A user who does not wait until a page has loaded whole.

A script with ``async`` that hangs holds back the window's ``load``, one with ``defer`` ``DOMContentLoaded`` as well. Nobody who
sits in front of the page knows of either, so no flow that waits for them may be late by it. A click that leads to another page
is not here: Playwright waits for that one's document alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any, Literal

from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

# In health such a page has loaded by then, so that a flow which needs its events meets them.
PATIENCE_MS = 1500
_Event = Literal["load", "domcontentloaded", "networkidle"]
_EVENTS: dict[str, _Event] = {"load": "load", "domcontentloaded": "domcontentloaded", "networkidle": "networkidle"}
_WALKS = ("goto", "reload", "go_back", "go_forward", "wait_for_url")


def go_on_when_it_shows(page: Page) -> None:
    """Let what a flow does on this page return when the document has come, and what it waits for has had :data:`PATIENCE_MS`.

    That is ``goto``, ``reload``, ``go_back``, ``go_forward``, ``wait_for_url``, ``wait_for_load_state`` and
    ``expect_navigation``.
    """
    whole = page.wait_for_load_state
    leads = page.expect_navigation

    async def wait_for_load_state(state: _Event | None = None, *, timeout: float | timedelta | None = None) -> None:
        own_ms = timeout.total_seconds() * 1000 if isinstance(timeout, timedelta) else timeout
        if own_ms is not None and 0 < own_ms < PATIENCE_MS:
            await whole(state, timeout=own_ms)
            return
        with contextlib.suppress(PlaywrightTimeout):
            await whole(state, timeout=PATIENCE_MS)

    @contextlib.asynccontextmanager
    async def expect_navigation(*, wait_until: str | None = None, **words: Any) -> AsyncIterator[Any]:
        async with leads(**words, wait_until="commit") as led:
            yield led
        # Whoever has been led elsewhere reads there what a document that has only begun does not hold yet.
        if (event := _EVENTS.get(wait_until or "load")) is not None:
            await wait_for_load_state(event)

    for name in _WALKS:
        setattr(page, name, _until_it_shows(getattr(page, name), wait_for_load_state))
    # What a flow is handed is the browser's page, and no other.
    page.wait_for_load_state = wait_for_load_state  # type: ignore[method-assign]
    page.expect_navigation = expect_navigation  # type: ignore[method-assign, assignment]


def _until_it_shows(walk: Callable[..., Awaitable[Any]], waits: Callable[[_Event], Awaitable[None]]) -> Callable[..., Any]:
    async def shorter(*words: Any, wait_until: str | None = None, **more: Any) -> Any:
        event = _EVENTS.get(wait_until or "load")
        answer = await walk(*words, **more, wait_until="commit")
        if event is not None:
            await waits(event)
        return answer

    return shorter
