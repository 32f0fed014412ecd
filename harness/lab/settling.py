"""Effects as they settle: a target may write its records from a queue, or show them from a replica that lags behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from harness.target import signals
from harness.target.spec import FlowSpec

# Who has shown nothing new for so long owes nothing any more, and nobody is waited for longer than that in all.
STILL_S, AT_MOST_S = 2.0, 10.0
# Nobody says when a record has been written: the origin can only be asked.
_ASKED_EVERY_S = 0.1


async def settled(base_url: str, flow: FlowSpec, enough: Callable[[int], bool]) -> int | list[object]:
    """Ask for the flow's effects until there are ``enough``, or until their number stands still; returns them as counted."""
    began = changed = time.monotonic()
    found = await signals.counted(base_url, flow)
    while not enough(size(found)) and time.monotonic() < min(changed + STILL_S, began + AT_MOST_S):
        # Nothing tells that a worker of the target's has written: it can only be asked again.
        await asyncio.sleep(_ASKED_EVERY_S)
        latest = await signals.counted(base_url, flow)
        if size(latest) != size(found):
            changed = time.monotonic()
        found = latest
    return found


def size(found: int | list[object]) -> int:
    """How many effects these are."""
    return found if isinstance(found, int) else len(found)
