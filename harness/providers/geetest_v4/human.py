"""How a person deals with the challenge: drags the piece into the gap, or clicks once where the bypass asks for no more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from harness.catalog import Behaviour
from harness.errors import LaboratoryError
from harness.providers.hands import drag, put_off

BOX = ".geetest_box"
HANDLE = ".geetest_btn"
PIECE = ".geetest_slice"
GAP = ".geetest_gap"
ONE_CLICK = ".geetest_one_click"


class GeetestHuman:
    """Works with Playwright's async API, in real time or under an advanced page clock."""

    async def challenge_visible(self, page: Any) -> None:
        """Return when there is a puzzle or a button to click; wait for ever otherwise."""
        await page.locator(f"{BOX} {HANDLE}, {BOX} {ONE_CLICK}").first.wait_for(state="visible", timeout=0)

    async def solve(self, page: Any, behaviour: Behaviour, mark: Callable[[str], Awaitable[None]]) -> None:
        """Solve it with the mouse; this client offers no refresh, so none is asked for."""
        await put_off(page, behaviour.solve_ms)
        await mark("drag")
        if await page.locator(ONE_CLICK).count():
            await page.locator(ONE_CLICK).click()
        else:
            await self._drag(page)
        await mark("dragged")

    async def _drag(self, page: Any) -> None:
        handle, piece, gap = [await page.locator(name).bounding_box(timeout=0) for name in (HANDLE, PIECE, GAP)]
        if handle is None or piece is None or gap is None:
            raise LaboratoryError("the puzzle went away while it was looked at: it was closed by something else")
        await drag(page, handle, gap["x"] - piece["x"])
