"""What the target still works on when a fault has ended: answers that it owes, and what it does for those who have hung up."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence

from harness.lab.clock import LOOK_S
from harness.lab.origin import OriginGate, OriginRequest
from harness.lab.slot import Slot

LINGER_LIMIT_S = 60.0
# From the moment at which a callback is overdue: its submit must have been seen before its effects are counted.
STILL_S = 0.5
# Longer than a client of the verdict API pauses between its calls: the vendor's retryer waits 2 s before the third and last.
UNHEARD_S = 10.0


def owed_by(origin: OriginGate) -> list[OriginRequest]:
    """What reached the target to have something done, and has no answer."""
    return [one for one in origin.log if one.method not in ("GET", "HEAD") and one.answered is None and not one.drop]


async def until_settled(slot: Slot, owed: Sequence[OriginRequest], asks: Callable[[], bool], *, unheard_s: float) -> None:
    """Return when all that is ``owed`` is answered, or :data:`LINGER_LIMIT_S` have passed.

    A page that has hung up is never answered, and its request worked on all the same: for such a one the target has done
    when for ``unheard_s`` nothing has moved between it and the provider and it waits for no answer there (``asks``).
    """
    over = asyncio.Event()

    def look(_: OriginRequest | None = None) -> None:
        if all(one.answered is not None or one.cut_off is not None for one in owed):
            over.set()

    slot.origin.on_answer = slot.origin.on_cut_off = look
    look()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_LIMIT_S):
            await over.wait()
            if any(one.answered is None for one in owed):
                await until_still(slot, unheard_s, asks)
    slot.origin.on_answer = slot.origin.on_cut_off = None


async def until_still(slot: Slot, still_s: float, asks: Callable[[], bool] = bool) -> None:
    """Return when nothing has moved for ``still_s`` and the target neither owes an answer nor waits for one (``asks``)."""
    still_since = time.monotonic()
    while True:
        passed_s = time.monotonic() - max(still_since, slot.last_activity())
        if passed_s >= still_s and not slot.origin.busy and not asks():
            return
        # What is waited for is that nothing happens.
        await asyncio.sleep(max(LOOK_S, still_s - passed_s))
