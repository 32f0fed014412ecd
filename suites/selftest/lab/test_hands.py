"""Whoever drags a slider in a Firefox has its one pointer to himself; elsewhere each window has its own.

What the browsers do with two drags at once is tried in the nightly run of a Firefox (acceptance/test_firefox.py).
"""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from harness.providers.hands import drag

pytestmark = pytest.mark.anyio
HANDLE = {"x": 0.0, "y": 0.0, "width": 60.0, "height": 40.0}


class Browser:
    """Stands for Playwright's: hands out windows, and notes what is done by the mouse of each."""

    def __init__(self, name: str) -> None:
        self.browser_type = SimpleNamespace(name=name)
        self.done: list[str] = []

    def window(self, name: str) -> Any:
        async def does(what: str) -> None:
            self.done.append(f"{name} {what}")
            # Any round trip to the browser lets the others go on.
            await asyncio.sleep(0)

        mouse = SimpleNamespace(
            move=lambda *_place, steps=1: does("moves"), down=lambda: does("takes"), up=lambda: does("lets go")
        )
        return SimpleNamespace(mouse=mouse, context=SimpleNamespace(browser=self))


async def held_meanwhile(name: str) -> list[str]:
    """What two who drag at once do from the first hold on."""
    browser = Browser(name)
    await asyncio.gather(*(drag(browser.window(who), HANDLE, 100) for who in ("one", "two")))
    return [what for what in browser.done if "moves" not in what]


async def test_of_two_who_drag_at_once_in_a_firefox_one_waits() -> None:
    assert await held_meanwhile("firefox") == ["one takes", "one lets go", "two takes", "two lets go"]


async def test_nobody_waits_in_a_chromium() -> None:
    assert await held_meanwhile("chromium") == ["one takes", "two takes", "one lets go", "two lets go"]


async def test_two_firefoxes_have_a_pointer_each() -> None:
    first, second = Browser("firefox"), Browser("firefox")
    # One list, so that their order is seen.
    first.done = second.done
    await asyncio.gather(drag(first.window("one"), HANDLE, 100), drag(second.window("two"), HANDLE, 100))
    assert [what for what in second.done if "moves" not in what][:2] == ["one takes", "two takes"]
