"""What waits for a slot. A scenario that was taken may still come back, so nobody goes home before it is settled."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from harness.journal.model import Scenario


class Queue:
    """Scenarios in their order; ``open``: more may be added later, so workers wait for it."""

    def __init__(self) -> None:
        self.open = False
        self._waiting: deque[Scenario] = deque()
        self._unsettled = 0
        self._news = asyncio.Event()

    def add(self, scenario: Scenario) -> None:
        """Put one more at the end."""
        self._waiting.append(scenario)
        self._tell()

    async def take(self, preferred: Callable[[Scenario], bool] = lambda _: True) -> Scenario | None:
        """Take the first that is preferred, else the first, waiting as long as one may come; None when none will.

        The taker settles it or gives it back.
        """
        while not self._waiting and (self.open or self._unsettled):
            await self._news.wait()
        if not self._waiting:
            return None
        self._unsettled += 1
        scenario = next(filter(preferred, self._waiting), self._waiting[0])
        self._waiting.remove(scenario)
        return scenario

    def settle(self) -> None:
        """Say that one that was taken will not come back."""
        self._unsettled -= 1
        self._tell()

    def give_back(self, scenario: Scenario) -> None:
        """Put one that was taken at the front again."""
        self._waiting.appendleft(scenario)
        self.settle()

    def close(self) -> None:
        """Let those who wait go home when nothing is left."""
        self.open = False
        self._tell()

    def clear(self) -> list[Scenario]:
        """Drop all that wait, and return them."""
        dropped = list(self._waiting)
        self._waiting.clear()
        return dropped

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
