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
from harness.providers.hands import another_picture, drag, put_off

PANEL = "#oneaccess-captcha"
PICTURE = "#oneaccess-picture"
PIECE = "#oneaccess-piece"
HANDLE = "#oneaccess-handle"
REFRESH = "#oneaccess-refresh"
_DATA_URL = "data:image/png;base64,"


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
        panel = page.locator(PANEL)
        if behaviour.refresh and not await another_picture(page, panel, round_of=PANEL, button=REFRESH, mark=mark):
            return
        await put_off(page, behaviour.solve_ms)
        await mark("drag")
        await self._drag(page)
        await mark("dragged")

    async def _drag(self, page: Any) -> None:
        original, jigsaw = [await _picture_in(page, name) for name in (PICTURE, PIECE)]
        boxes = await asyncio.gather(*(page.locator(name).bounding_box(timeout=0) for name in (HANDLE, PICTURE)))
        if None in boxes:
            raise LaboratoryError("the slider went away while it was looked at: the panel was closed by something else")
        # As for pictures that are drawn (emulator.py): whoever looks at none is spared Pillow.
        from harness.providers.huawei.eyes import find_gap, width_of

        handle, picture = boxes
        way = find_gap(original, jigsaw) * picture["width"] / width_of(original)
        await drag(page, handle, way)


async def _picture_in(page: Any, name: str) -> str:
    source = await page.locator(name).get_attribute("src", timeout=0) or ""
    if not source.startswith(_DATA_URL):
        raise LaboratoryError(f"{name} shows no {_DATA_URL} picture: nobody can look at it (docs/huawei-oneaccess.md)")
    return source.removeprefix(_DATA_URL)
