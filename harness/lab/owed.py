"""What the target still works on when a fault has ended: answers that it owes, and what it does for those who have hung up."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.lab.clock import LOOK_S
from harness.lab.collect import is_submit
from harness.lab.origin import OriginGate, OriginRequest
from harness.lab.sessions import confirms
from harness.lab.slot import Slot
from harness.target.spec import FlowSpec

LINGER_LIMIT_S = 60.0
# What is neither the flow's submit nor its code may be meant to stay open (long polling): so long after its arrival it is.
OTHERS_LIMIT_S = 10.0
# From the moment at which a callback is overdue: its submit must have been seen before its effects are counted.
STILL_S = 0.5
# Longer than a client of the verdict API pauses between its calls: the vendor's retryer waits 2 s before the third and last.
UNHEARD_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A request without an answer, and until when (monotonic, s) one is waited for."""

    request: OriginRequest
    until_s: float

    @property
    def waited_for(self) -> bool:
        """Whether its answer can still come, and is still to be waited for."""
        return self.request.answered is None and self.request.cut_off is None and time.monotonic() < self.until_s


def owed_by(origin: OriginGate, flow: FlowSpec, *, clicked_s: float) -> list[Owed]:
    """What reached the target to have something done, and has no answer: the flow's own, and what was begun after the click."""
    unanswered = [one for one in origin.log if one.answered is None and not one.drop]
    owed = [Owed(request=one, until_s=_until_s(one, flow, clicked_s)) for one in unanswered]
    return [one for one in owed if one.until_s > time.monotonic()]


def _until_s(request: OriginRequest, flow: FlowSpec, clicked_s: float) -> float:
    """Until when an answer is waited for; 0 where none is."""
    if flow.submit is not None and (is_submit(request, flow) or brings_code(request, flow)):
        return math.inf
    if request.method in ("GET", "HEAD") or request.arrived < clicked_s:
        return 0.0
    # Where the target file names no submit, any of these may be it.
    return request.arrived + (OTHERS_LIMIT_S if flow.submit is not None else LINGER_LIMIT_S)


def brings_code(request: OriginRequest, flow: FlowSpec) -> bool:
    """Whether a request hands in the code of the flow's second factor."""
    spec = flow.step_up.confirm if flow.step_up is not None else None
    return spec is not None and request.method == spec.method and confirms(request, flow)


async def until_settled(slot: Slot, owes: Callable[[], Sequence[Owed]], asks: Callable[[], bool], *, unheard_s: float) -> None:
    """Return when all is answered that is owed now, or :data:`LINGER_LIMIT_S` have passed.

    A page that has hung up is never answered, and its request worked on all the same: for such a one the target has done
    when for ``unheard_s`` nothing has moved between it and the provider and it waits for no answer there (``asks``).
    """
    began_s, owed, changed = time.monotonic(), owes(), asyncio.Event()
    slot.origin.on_answer = slot.origin.on_cut_off = lambda _request: changed.set()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_LIMIT_S):
            while waited_for := [one for one in owed if one.waited_for]:
                changed.clear()
                soonest_s = min(one.until_s for one in waited_for)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), None if math.isinf(soonest_s) else soonest_s - time.monotonic())
    slot.origin.on_answer = slot.origin.on_cut_off = None
    if any(one.request.cut_off is not None for one in owed):
        left_s = began_s + LINGER_LIMIT_S - time.monotonic()
        await until_still(slot, unheard_s, lambda: asks() or any(one.waited_for for one in owes()), limit_s=left_s)


async def until_still(slot: Slot, still_s: float, works: Callable[[], bool], *, limit_s: float = LINGER_LIMIT_S) -> None:
    """Return when nothing has moved for ``still_s`` and the target ``works`` on nothing, or ``limit_s`` have passed."""
    still_since = time.monotonic()
    while (now := time.monotonic()) < still_since + limit_s:
        passed_s = now - max(still_since, slot.last_activity())
        if passed_s >= still_s and not works():
            return
        # What is waited for is that nothing happens.
        await asyncio.sleep(max(LOOK_S, still_s - passed_s))
