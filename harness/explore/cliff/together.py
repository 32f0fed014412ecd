"""Await several things at once, none of which outlives another's failure: what they share is then free for what comes next."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


async def together(*works: Coroutine[None, None, None]) -> None:
    """Await all; the first that fails ends the others, and is raised when they have ended."""
    try:
        # A group cancels each once, so that whatever a lab does to stop is itself not stopped.
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except ExceptionGroup as broke:
        raise broke.exceptions[0] from broke
