"""Turns: many scenarios share the machine, one that must be judged on a quiet machine has it alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Turns:
    """Hand out shared turns freely and a lone turn only when nobody else has one."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._shared = 0
        self._alone = False

    @contextlib.asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        """Run beside others."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._alone)
            self._shared += 1
        try:
            yield
        finally:
            async with self._changed:
                self._shared -= 1
                self._changed.notify_all()

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Run when all others have finished their turn; none begins before this one ends."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._alone)
            self._alone = True
            await self._changed.wait_for(lambda: not self._shared)
        try:
            yield
        finally:
            async with self._changed:
                self._alone = False
                self._changed.notify_all()
