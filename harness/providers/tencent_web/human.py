"""How a person deals with the sliding puzzle: looks where piece and gap are, and drags the handle by the difference."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from harness.catalog import Behaviour
from harness.errors import LaboratoryError

POPUP = "#tcaptcha_transform_dy"
ROBOT = '.tcaptcha-robot[aria-checked="false"]:not([aria-busy])'
IFRAME = "#tcaptcha_iframe_dy"
HANDLE = "#e_handle"
PIECE = "#e_piece"
GAP = "#e_gap"
RELOAD = "#e_reload"
CLOSE = "#e_close"
_STEPS = 4


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
        if behaviour.refresh and not await self._refresh(page, mark):
            return
        if behaviour.solve_ms:
            # A timer of the page itself: it fires in page time, whatever the clock does.
            await page.evaluate("ms => new Promise(resolve => setTimeout(resolve, ms))", behaviour.solve_ms)
        await mark("drag")
        await self._drag(page)
        await mark("dragged")

    async def close(self, page: Any) -> None:
        """Close the popup without solving it."""
        await page.frame_locator(IFRAME).locator(CLOSE).click()

    async def _refresh(self, page: Any, mark: Callable[[str], Awaitable[None]]) -> bool:
        frame = page.frame_locator(IFRAME)
        seen = await frame.locator("#e_root").get_attribute("data-round")
        await mark("refresh")
        await frame.locator(RELOAD).click()
        renewed = frame.locator(f'#e_root:not([data-round="{seen}"])')
        waits = [
            asyncio.ensure_future(renewed.wait_for(state="visible", timeout=0)),
            asyncio.ensure_future(page.locator(POPUP).wait_for(state="hidden", timeout=0)),
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
        frame = page.frame_locator(IFRAME)
        boxes = await asyncio.gather(*(frame.locator(name).bounding_box(timeout=0) for name in (HANDLE, PIECE, GAP)))
        if None in boxes:
            raise LaboratoryError("the puzzle went away while it was looked at: the popup was closed by something else")
        handle, piece, gap = boxes
        x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
        await page.mouse.move(x, y)
        await page.mouse.down()
        await page.mouse.move(x + gap["x"] - piece["x"], y, steps=_STEPS)
        await page.mouse.up()
