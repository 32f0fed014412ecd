"""How a person deals with the puzzle in a mini program: sees where the gap is, and drags the piece there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from harness.catalog import Behaviour


class MiniHuman:
    """Works on a :class:`~harness.providers.tencent_mini.plugin.MiniProgram`: there is no browser, so that is the page."""

    async def challenge_visible(self, page: Any) -> None:
        """Return when the puzzle can be used; wait for ever otherwise."""
        await page.first("ready")

    async def solve(self, page: Any, behaviour: Behaviour, mark: Callable[[str], Awaitable[None]]) -> None:
        """Drag the piece into the gap, after one refresh and a pause when the behaviour says so.

        Returns without a drag when no other picture came. It does not wait for what the plug-in says of the drag.
        """
        if behaviour.refresh:
            await mark("refresh")
            seen = page.plugin.challenge
            await page.refresh()
            if page.plugin.challenge is seen:
                return
            await mark("refreshed")
        if behaviour.solve_ms:
            await page.clock.sleep(behaviour.solve_ms)
        await mark("drag")
        page.drag(page.plugin.challenge["gap_x"])
        await mark("dragged")
