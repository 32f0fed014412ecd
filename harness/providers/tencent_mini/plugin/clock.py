"""The clock that the plug-in's timers run by; a test hands in its own and need not wait."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Time of day and timers."""

    def now_s(self) -> float:
        """The time of day, in unix seconds."""

    async def sleep(self, ms: int) -> None:
        """Return after so many milliseconds."""


class WorldClock:
    """The machine's own time."""

    def now_s(self) -> float:
        """The time of day, in unix seconds."""
        return time.time()

    async def sleep(self, ms: int) -> None:
        """Return after so many milliseconds."""
        await asyncio.sleep(ms / 1000)
