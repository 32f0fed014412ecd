"""Make a failing schedule small: the fewest faults, and of these the shortest, that still fail in the same way.

Delta debugging and not Hypothesis's shrinker: a trial costs seconds of a laboratory, and a schedule of four faults is done in
some ten of them, where a shrinker that thinks its trials free takes hundreds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from harness.catalog import Schedule, Stroke

# What a fault is tried with, the shortest first; none of the vendors' timers is shorter than the last but one.
SHORTER_MS = (200, 500, 1000, 2000, 5000)
StillFails = Callable[[Schedule], Awaitable[bool]]


async def smallest(schedule: Schedule, still_fails: StillFails) -> Schedule:
    """The smallest schedule that still fails; the one given is taken to. Each is tried once at the most."""
    known: dict[Schedule, bool] = {schedule: True}

    async def fails(tried: Schedule) -> bool:
        if tried not in known:
            known[tried] = bool(tried.strokes) and await still_fails(tried)
        return known[tried]

    fewest = await _fewest(schedule.strokes, fails)
    return await _shortest(fewest, fails)


async def _fewest(strokes: tuple[Stroke, ...], fails: StillFails) -> tuple[Stroke, ...]:
    """Leave out half of them, then a quarter, and so on, until none can be left out (ddmin, complements only)."""
    parts = 2
    while len(strokes) > 1:
        size = -(-len(strokes) // parts)
        rests = [strokes[:at] + strokes[at + size :] for at in range(0, len(strokes), size)]
        rest = await _first([one for one in rests if one], fails)
        if rest is not None:
            strokes, parts = rest, 2
        elif size == 1:
            break
        else:
            parts *= 2
    return strokes


async def _first(candidates: list[tuple[Stroke, ...]], fails: StillFails) -> tuple[Stroke, ...] | None:
    for strokes in candidates:
        if await fails(Schedule(strokes=strokes)):
            return strokes
    return None


async def _shortest(strokes: tuple[Stroke, ...], fails: StillFails) -> Schedule:
    """Let each end as early as it can."""
    for at, stroke in enumerate(strokes):
        for lasts_ms in SHORTER_MS:
            if stroke.lasts_ms is not None and lasts_ms >= stroke.lasts_ms:
                break
            shorter = (*strokes[:at], replace(stroke, lasts_ms=lasts_ms), *strokes[at + 1 :])
            if await fails(Schedule(strokes=shorter)):
                strokes = shorter
                break
    return Schedule(strokes=strokes)
