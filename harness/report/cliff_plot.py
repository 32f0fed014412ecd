"""The plot of cliffs, as geometry: a drawing for each kind, a row for each link, all on one axis. Drawing is the template's.

The axis goes by ratios, from the mildest value on the left to the worst on the right, whichever is the larger.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from harness.journal.cliff import Cliff, CliffRun, Edge, Look
from harness.report.cliff_words import amount, where
from harness.report.text import one_line

WIDTH = 960.0
GUTTER = 200.0
ROW = 44.0
TOP = 12.0
_RIGHT = WIDTH - 24.0
_BAR_TOP, _BAR_HEIGHT = 9.0, 18.0
_STEPS = (1, 2, 5)
_MOST_TICKS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A part of a row's bar: ``kind`` is verified, degraded, broken or unsure."""

    x: float
    width: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A look, or (``kind`` was) where the last run saw an edge."""

    x: float
    y: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A value on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotRow:
    """One search; ``name`` and ``under`` are flow and link."""

    y: float
    name: str
    under: str
    zones: tuple[Zone, ...]
    dots: tuple[Dot, ...]
    was: tuple[Dot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A kind's whole drawing."""

    kind: str
    unit: str
    height: float
    rows: tuple[PlotRow, ...]
    ticks: tuple[Tick, ...]
    width: float = WIDTH
    left: float = GUTTER
    right: float = _RIGHT
    top: float = TOP
    bar_top: float = _BAR_TOP
    bar_height: float = _BAR_HEIGHT


def plots(run: CliffRun, before: CliffRun | None) -> list[Plot]:
    """A drawing for each kind that was searched, in the order in which they came."""
    return [
        _plot([cliff for cliff in run.cliffs if (cliff.kind, cliff.unit) == found], before)
        for found in dict.fromkeys((cliff.kind, cliff.unit) for cliff in run.cliffs)
    ]


def _plot(cliffs: list[Cliff], before: CliffRun | None) -> Plot:
    drawn = [_row(place, cliff, before.of(cliff.key) if before else None) for place, cliff in enumerate(cliffs)]
    first = cliffs[0]
    return Plot(
        kind=first.kind,
        unit=first.unit,
        height=TOP + len(drawn) * ROW + 30,
        rows=tuple(drawn),
        ticks=tuple(_ticks(first)),
    )


def _row(place: int, cliff: Cliff, before: Cliff | None) -> PlotRow:
    return PlotRow(
        y=TOP + place * ROW,
        name=one_line(cliff.link, 24),
        under=one_line(cliff.flow, 30),
        zones=tuple(_zones(cliff)),
        dots=tuple(_dot(cliff, look) for look in cliff.looks),
        was=tuple(_was(cliff, before)) if before is not None else (),
    )


def _x(cliff: Cliff, value: int) -> float:
    mildest, worst = math.log(cliff.mildest), math.log(cliff.worst)
    share = (math.log(max(value, 1)) - mildest) / (worst - mildest) if worst != mildest else 0.0
    return round(GUTTER + min(max(share, 0.0), 1.0) * (_RIGHT - GUTTER), 1)


def _zones(cliff: Cliff) -> Iterator[Zone]:
    """Verified up to the first edge, degraded up to the second, broken from there on; unsure inside either interval."""
    if cliff.degrades is None or cliff.breaks is None:
        yield Zone(x=GUTTER, width=_RIGHT - GUTTER, kind="unsure", title=one_line(cliff.unknown or "unknown", 200))
        return
    degraded, broken = _edge(cliff, cliff.degrades), _edge(cliff, cliff.breaks)
    # The same looks tell both: what breaks at once is not degraded before.
    ends = [
        ("verified", GUTTER, degraded[0], "verified"),
        ("unsure", degraded[0], degraded[1], f"fallback {where(cliff.degrades, cliff)}"),
        ("degraded", degraded[1], broken[0], f"fallback {where(cliff.degrades, cliff)}"),
        ("unsure", max(degraded[1], broken[0]), broken[1], f"breaks {where(cliff.breaks, cliff)}"),
        ("broken", broken[1], _RIGHT, f"breaks {where(cliff.breaks, cliff)}"),
    ]
    for kind, begin, end, title in ends:
        if end - begin > 0:
            yield Zone(x=begin, width=round(end - begin, 1), kind=kind, title=title)


def _edge(cliff: Cliff, edge: Edge) -> tuple[float, float]:
    """Where the interval begins and ends on the axis; both at its end where the level is never reached."""
    if not edge.found:
        begin = GUTTER if edge.mild is None else _x(cliff, edge.mild)
        return begin, _RIGHT if edge.bad is None else _x(cliff, edge.bad)
    if edge.bad is None:
        return _RIGHT, _RIGHT
    end = _x(cliff, edge.bad)
    return (end if edge.mild is None else _x(cliff, edge.mild)), end


def _dot(cliff: Cliff, look: Look) -> Dot:
    same = [one for one in cliff.looks if one.value == look.value]
    nth = next(place for place, one in enumerate(same) if one is look)
    clock = ", on the page's clock" if look.advanced else ""
    title = f"{amount(look.value, cliff.unit)}: {look.state}{clock} · {one_line(look.said)}"
    return Dot(x=_x(cliff, look.value), y=_BAR_TOP + _BAR_HEIGHT + 5 + min(nth, 3) * 5, kind=look.state, title=title)


def _was(cliff: Cliff, before: Cliff) -> Iterator[Dot]:
    for edge, word in ((before.degrades, "fallback"), (before.breaks, "breaks")):
        if edge is not None and edge.bad is not None:
            yield Dot(x=_x(cliff, edge.bad), y=2.0, kind="was", title=f"last time: {word} {where(edge, before)}")


def _ticks(cliff: Cliff) -> Iterator[Tick]:
    least, most = sorted((cliff.mildest, cliff.worst))
    few = most - least < _MOST_TICKS
    values = list(range(least, most + 1)) if few else [step * 10**power for power in range(7) for step in _STEPS]
    inside = [value for value in values if least <= value <= most]
    chosen = inside if len(inside) <= _MOST_TICKS else [one for one in inside if str(one)[0] in "15"]
    for value in chosen:
        yield Tick(x=_x(cliff, value), label=amount(value, cliff.unit).replace(".00", "").replace(".0 ", " "))
