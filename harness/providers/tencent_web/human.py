"""How a person deals with the sliding puzzle: looks where piece and gap are, and drags the handle by the difference."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from harness.catalog import Behaviour
from harness.errors import LaboratoryError
from harness.providers.hands import another_picture, drag, put_off

POPUP = "#tcaptcha_transform_dy"
ROBOT = '.tcaptcha-robot[aria-checked="false"]:not([aria-busy])'
IFRAME = "#tcaptcha_iframe_dy"
ROOT = "#e_root"
HANDLE = "#e_handle"
PIECE = "#e_piece"
GAP = "#e_gap"
RELOAD = "#e_reload"
CLOSE = "#e_close"


class SliderHuman:
    """Works with Playwright's async API, in real time or under an advanced page clock."""

    async def challenge_visible(self, page: Any) -> None:
        """Return when the puzzle can be used, having ticked the robot checkbox where there is one; wait for ever otherwise."""
        await page.locator(f"{ROBOT}, {POPUP}").first.wait_for(state="visible", timeout=0)
        if await page.locator(ROBOT).count():
            await page.locator(ROBOT).first.click()
        await page.locator(POPUP).wait_for(state="visible", timeout=0)
        await page.frame_locator(IFRAME).locator(HANDLE).wait_for(state="visible", timeout=0)

    async def solve(self, page: Any, behaviour: Behaviour, mark: Callable[[str], Awaitable[None]]) -> None:
        """Solve it with the mouse, after one click on the refresh button and a pause when the behaviour says so.

        Returns without a drag when the popup goes away before another picture has come.
        """
        popup, frame = page.locator(POPUP), page.frame_locator(IFRAME)
        if behaviour.refresh and not await another_picture(frame, popup, round_of=ROOT, button=RELOAD, mark=mark):
            return
        await put_off(page, behaviour.solve_ms)
        await mark("drag")
        await self._drag(page)
        await mark("dragged")

    async def close(self, page: Any) -> None:
        """Close the popup without solving it."""
        await page.frame_locator(IFRAME).locator(CLOSE).click()

    async def _drag(self, page: Any) -> None:
        frame = page.frame_locator(IFRAME)
        boxes = await asyncio.gather(*(frame.locator(name).bounding_box(timeout=0) for name in (HANDLE, PIECE, GAP)))
        if None in boxes:
            raise LaboratoryError("the puzzle went away while it was looked at: the popup was closed by something else")
        handle, piece, gap = boxes
        await drag(page, handle, gap["x"] - piece["x"])
