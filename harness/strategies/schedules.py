"""Fault schedules over a target's links: which link, what, in which phase, for how long, in what order, so many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from harness.catalog import Phase, Schedule, Stroke
from harness.errors import UsageError, closest

LASTING_MS: tuple[int | None, ...] = (None, 200, 1_000, 5_000)
"""How long a fault stands in a drawn schedule: until all is healed, or so many ms."""

Fits = Callable[[Stroke, Stroke], bool]
_ORDER = {phase: number for number, phase in enumerate(Phase)}


def fault_schedules(
    strokes: Sequence[Stroke],
    *,
    at_most: int = 3,
    lasting_ms: Sequence[int | None] = LASTING_MS,
    fits: Fits = lambda _one, _other: True,
) -> st.SearchStrategy[Schedule]:
    """Draw schedules of 1 to ``at_most`` of these faults, any two of which fit together, each for a time of its own.

    They stand in the order of the phases, those of one phase as they are drawn. Shrinks to the first stroke alone, until all
    is healed. Raises :class:`UsageError` where there is nothing to draw from.
    """
    if not strokes:
        raise UsageError("there are no faults to draw schedules from: name at least one Stroke")
    if at_most < 1 or not lasting_ms:
        raise UsageError(f"a schedule has 1 fault or more, each of which lasts some time, not at_most={at_most}")
    fit = cache(fits)

    def arranged(drawn: list[tuple[Stroke, int | None]]) -> Schedule:
        """Leave out what does not fit to what stands already, rather than throw away all that was drawn."""
        kept: list[tuple[Stroke, int | None]] = []
        for one, ms in drawn:
            others = [other for other, _ms in kept]
            if all((one.link, one.fault) != (other.link, other.fault) and fit(other, one) for other in others):
                kept.append((one, ms))
        kept.sort(key=lambda pair: _ORDER[pair[0].phase])
        return Schedule(strokes=tuple(replace(one, lasts_ms=ms) for one, ms in kept))

    drawn = st.tuples(st.sampled_from(strokes), st.sampled_from(lasting_ms))
    return st.lists(drawn, min_size=1, max_size=at_most).map(arranged)


def target_schedules(target: str | Path | None = None, *, flow: str, at_most: int = 3) -> st.SearchStrategy[Schedule]:
    """Draw schedules of the faults that captchaos plans for a flow of a target file (None: the bundled shop).

    Only faults that can be told apart stand together. Raises what reading the target raises, and :class:`UsageError` for a flow
    that it does not have.
    """
    # Whoever draws tickets alone need not load providers, targets and plans.
    from harness.plan.build import make_plan
    from harness.plan.schedules import strokes_of, why_not
    from harness.target.loader import find_target, load_target

    read = load_target(find_target(None if target is None else str(target)))
    if flow not in read.flows:
        raise UsageError(f"the target {read.name} has no flow {flow!r}{closest(flow, read.flows)}")
    plan = make_plan(read)
    links = plan.links_by_provider[read.flows[flow].provider]
    return fault_schedules(strokes_of(plan, flow), at_most=at_most, fits=lambda *two: not why_not(two, links))
