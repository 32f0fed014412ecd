"""How a person solves the slider in the target's own page: looks at the two pictures, and drags the piece to where it belongs.

The vendor ships no client, so a target's page carries these ids:

- ``#oneaccess-captcha``: the panel, visible while a picture can be solved; its ``data-round`` changes with every new picture;
- ``#oneaccess-picture`` and ``#oneaccess-piece``: ``<img>`` with ``data:image/png;base64,`` sources, the piece's strip laid
  over the picture's left edge at the same scale;
- ``#oneaccess-handle``: dragged by the mouse; the piece moves right by as much;
- ``#oneaccess-refresh``: asks for another picture, which comes, or the panel goes away.

The page sends the way in pixels of the picture's own width: ``{"x":237.0,"y":5.0}``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from harness.catalog import Behaviour
from harness.errors import LaboratoryError
from harness.providers.huawei.eyes import find_gap, width_of

PANEL = "#oneaccess-captcha"
PICTURE = "#oneaccess-picture"
PIECE = "#oneaccess-piece"
HANDLE = "#oneaccess-handle"
REFRESH = "#oneaccess-refresh"
_DATA_URL = "data:image/png;base64,"
_STEPS = 4


class DraggingHuman:
    """Works with Playwright's async API, in real time or under an advanced page clock."""

    async def challenge_visible(self, page: Any) -> None:
        """Return when both pictures are on screen; wait for ever otherwise."""
        for name in (PANEL, PICTURE, PIECE, HANDLE):
            await page.locator(name).wait_for(state="visible", timeout=0)

    async def solve(self, page: Any, behaviour: Behaviour, mark: Callable[[str], Awaitable[None]]) -> None:
        """Solve it with the mouse, after one click on refresh and a pause when the behaviour says so.

        Returns without a drag when the panel goes away before another picture has come.
        """
        if behaviour.refresh and not await self._refresh(page, mark):
            return
        if behaviour.solve_ms:
            # A timer of the page itself: it fires in page time, whatever the clock does.
            await page.evaluate("ms => new Promise(resolve => setTimeout(resolve, ms))", behaviour.solve_ms)
        await mark("drag")
        await self._drag(page)
        await mark("dragged")

    async def _refresh(self, page: Any, mark: Callable[[str], Awaitable[None]]) -> bool:
        seen = await page.locator(PANEL).get_attribute("data-round")
        await mark("refresh")
        await page.locator(REFRESH).click()
        renewed = page.locator(f'{PANEL}:not([data-round="{seen}"])')
        waits = [
            asyncio.ensure_future(renewed.wait_for(state="visible", timeout=0)),
            asyncio.ensure_future(page.locator(PANEL).wait_for(state="hidden", timeout=0)),
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

    async def _drag(self, page: Any) -> None:
        original, jigsaw = [await _picture_in(page, name) for name in (PICTURE, PIECE)]
        boxes = await asyncio.gather(*(page.locator(name).bounding_box(timeout=0) for name in (HANDLE, PICTURE)))
        if None in boxes:
            raise LaboratoryError("the slider went away while it was looked at: the panel was closed by something else")
        handle, picture = boxes
        way = find_gap(original, jigsaw) * picture["width"] / width_of(original)
        x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
        await page.mouse.move(x, y)
        await page.mouse.down()
        await page.mouse.move(x + way, y, steps=_STEPS)
        await page.mouse.up()


async def _picture_in(page: Any, name: str) -> str:
    source = await page.locator(name).get_attribute("src", timeout=0) or ""
    if not source.startswith(_DATA_URL):
        raise LaboratoryError(f"{name} shows no {_DATA_URL} picture: nobody can look at it (docs/huawei-oneaccess.md)")
    return source.removeprefix(_DATA_URL)
