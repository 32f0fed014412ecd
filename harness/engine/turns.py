"""Turns: many scenarios share the machine, one that must be judged on a quiet machine has it alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable


class Turns:
    """Hand out shared turns freely and a lone turn only when nobody else has one.

    A turn is given back without waiting for anything, so a task that is cancelled, even twice, never keeps one.
    """

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._shared = 0
        self._alone = False

    @contextlib.asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        """Run beside others."""
        await self._until(lambda: not self._alone)
        self._shared += 1
        try:
            yield
        finally:
            self._shared -= 1
            self._tell()

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Run when all others have finished their turn; none begins before this one ends."""
        await self._until(lambda: not self._alone)
        self._alone = True
        try:
            await self._until(lambda: not self._shared)
            yield
        finally:
            self._alone = False
            self._tell()

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self._changed.wait()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
