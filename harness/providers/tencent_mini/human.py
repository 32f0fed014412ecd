"""How a person deals with the puzzle in a mini program: sees where the gap is, and drags the piece there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from harness.catalog import Behaviour
from harness.errors import LaboratoryError
from harness.providers.tencent_mini.plugin import MiniProgram


class MiniHuman:
    """Works on a :class:`~harness.providers.tencent_mini.plugin.MiniProgram`: there is no browser, so that is the page."""

    async def challenge_visible(self, page: Any) -> None:
        """Return when the puzzle can be used; wait for ever otherwise."""
        await _program(page).first("ready")

    async def solve(self, page: Any, behaviour: Behaviour, mark: Callable[[str], Awaitable[None]]) -> None:
        """Drag the piece into the gap, after one refresh and a pause when the behaviour says so.

        Returns without a drag when no other picture came, or the captcha was closed. It does not wait for what the plug-in says
        of the drag.
        """
        program = _program(page)
        if behaviour.refresh:
            await mark("refresh")
            seen = program.plugin.challenge
            await program.refresh()
            if program.plugin.challenge is seen:
                return
            await mark("refreshed")
        if behaviour.solve_ms:
            await program.clock.sleep(behaviour.solve_ms)
        if (challenge := program.plugin.challenge) is None:
            return
        await mark("drag")
        program.drag(challenge["gap_x"])
        await mark("dragged")


def _program(page: object) -> MiniProgram:
    if not isinstance(page, MiniProgram):
        raise LaboratoryError(
            'tencent_mini runs in no browser: say client = "mini" in its flows, or take `browser` out of them'
            " (docs/tencent-mini.md)"
        )
    return page
