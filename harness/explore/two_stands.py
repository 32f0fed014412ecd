"""Two stands of one flow: while examples are tried on the page of one, the other's next page is loaded.

A page that has gone on costs a reload, and that is most of what examples cost. Each stand has a target and a window of its
own, so that nothing of the page that loads can be taken for what the other page does.
"""

from __future__ import annotations

import asyncio

from harness.catalog.callbacks import Callbacks
from harness.explore.stand import Stand, Tried
from harness.lab.handle import drop
from harness.target.spec import FlowSpec

# A second target is worth starting for a page that goes on often.
_SECOND_AFTER = 3


class TwoStands:
    """Tries examples as a :class:`Stand` does. Whoever asks for a fresh page gets one that is opened then."""

    def __init__(self, now: Stand, other: Stand) -> None:
        self._now, self._other = now, other
        self._gone_on = 0
        self._opening: asyncio.Task[None] | None = None
        self._loading: asyncio.Task[None] | None = None

    @property
    def flow(self) -> FlowSpec:
        """The flow."""
        return self._now.flow

    @property
    def app_id(self) -> str:
        """The app id of the flow's provider."""
        return self._now.app_id

    @property
    def tells_addresses(self) -> bool:
        """Whether the target tells one user's address from another's."""
        return self._now.tells_addresses

    @property
    def history(self) -> tuple[Callbacks, ...]:
        """What was tried on the page of the latest example, that one last."""
        return self._now.history

    @property
    def reloads(self) -> int:
        """How many pages were opened."""
        return self._now.reloads + self._other.reloads

    async def open(self) -> None:
        """Start the first target; the second follows when pages go on."""
        await self._now.open()

    async def close(self) -> None:
        """Close both pages and end both targets."""
        try:
            await self._end_the_other()
        finally:
            await self._now.close()

    async def renew(self) -> None:
        """Go on with targets that have seen nothing."""
        await self._end_the_other()
        await self._now.renew()

    def reload_always(self) -> None:
        """Use no page again from here on."""
        self._now.reuses = self._other.reuses = False

    async def attempt(self, callbacks: Callbacks, *, fresh: bool = False) -> Tried:
        """Try one example; on a page that was used before, unless ``fresh`` or nothing but a fresh one will do."""
        if not fresh and not callbacks.waits and not self._now.usable:
            await self._turn_round()
        return await self._now.attempt(callbacks, fresh=fresh)

    async def _turn_round(self) -> None:
        """Go on at the other stand, if its page is loaded or about to be, and let the one that is left load its next."""
        self._gone_on += 1
        if self._opening is None and self._gone_on > _SECOND_AFTER:
            self._opening = asyncio.create_task(self._other.open())
        if self._opening is None or not self._opening.done():
            return
        self._opening.result()
        if self._loading is not None:
            await self._loading
            self._now, self._other = self._other, self._now
        self._loading = asyncio.create_task(self._other.make_ready())

    async def _end_the_other(self) -> None:
        await drop(*(task for task in (self._opening, self._loading) if task is not None))
        self._opening = self._loading = None
        self._gone_on = 0
        await self._other.close()
