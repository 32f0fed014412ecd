"""What a person's hands do at a slider in a page, whoever's it is: put it off, ask for another picture, drag.

All of it by Playwright's async API, in real time or under an advanced page clock.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

_STEPS = 4
# All windows of a Firefox have one pointer between them: of two that are dragged at once one loses hold of its handle.
_ONE_POINTER = "firefox"
_POINTERS: WeakKeyDictionary[Any, asyncio.Lock] = WeakKeyDictionary()


async def put_off(page: Any, ms: int) -> None:
    """Do nothing for ``ms`` of page time."""
    if ms:
        # A timer of the page itself: it fires in page time, whatever the clock does.
        await page.evaluate("ms => new Promise(resolve => setTimeout(resolve, ms))", ms)


async def another_picture(
    scope: Any, panel: Any, *, round_of: str, button: str, mark: Callable[[str], Awaitable[None]]
) -> bool:
    """Click ``button`` and return whether another picture came before ``panel`` went away.

    ``round_of`` selects what carries ``data-round``, which changes with every picture. It and ``button`` are looked for in
    ``scope``: a page or a frame.
    """
    seen = await scope.locator(round_of).get_attribute("data-round")
    await mark("refresh")
    await scope.locator(button).click()
    renewed = scope.locator(f'{round_of}:not([data-round="{seen}"])')
    waits = [
        asyncio.ensure_future(renewed.wait_for(state="visible", timeout=0)),
        asyncio.ensure_future(panel.wait_for(state="hidden", timeout=0)),
    ]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        came = waits[0].done() and waits[0].exception() is None
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    if came:
        await mark("refreshed")
    return came


async def drag(page: Any, handle: Mapping[str, float], way_px: float) -> None:
    """Take the middle of ``handle``, a bounding box, and let it go ``way_px`` further to the right."""
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    async with _pointer_of(page.context.browser):
        await page.mouse.move(x, y)
        await page.mouse.down()
        await page.mouse.move(x + way_px, y, steps=_STEPS)
        await page.mouse.up()


def _pointer_of(browser: Any) -> contextlib.AbstractAsyncContextManager[Any]:
    """What whoever drags holds meanwhile; nothing where each window has a pointer of its own."""
    if browser is None or browser.browser_type.name != _ONE_POINTER:
        return contextlib.nullcontext()
    return _POINTERS.setdefault(browser, asyncio.Lock())
