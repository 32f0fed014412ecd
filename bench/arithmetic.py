"""The arithmetic of the table: figures against their targets, percentiles, an even sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. Without a ``bound`` it is stated, and there is nothing to meet."""

    name: str
    measured: float
    unit: str
    bound: float | None = None
    bound_is: Literal["at most", "at least"] = "at most"

    @property
    def target(self) -> str:
        """The target in words."""
        return "stated" if self.bound is None else f"{self.bound_is} {number(self.bound)} {self.unit}".rstrip()

    @property
    def verdict(self) -> str:
        """Say ``met`` or ``not met``, ``–`` where nothing was promised; what could not be measured is not met."""
        if self.bound is None:
            return "–"
        met = self.measured <= self.bound if self.bound_is == "at most" else self.measured >= self.bound
        return "met" if met else "not met"


def number(value: float) -> str:
    """Write a number with as many digits as it deserves."""
    if math.isnan(value):
        return "not measured"
    return f"{value:.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"


def ratio(above: float, below: float) -> float:
    """Divide; nan, which meets no target, when there is nothing to divide by."""
    return above / below if below > 0 else math.nan


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of all values do not exceed (nearest rank); nan without values."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(items: Sequence[T], count: int | None) -> tuple[T, ...]:
    """Take ``count`` items, evenly spread, the first one included; all of them for None or too large a count."""
    if count is None or count >= len(items):
        return tuple(items)
    return tuple(items[position * len(items) // count] for position in range(count))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table whose columns also stand under each other in a terminal."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

    return "\n".join([line(head), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(line, rows)])


def figures_table(figures: Sequence[Figure]) -> str:
    """Write the figures with their targets and verdicts."""
    rows = [(f.name, f"{number(f.measured)} {f.unit}".rstrip(), f.target, f.verdict) for f in figures]
    return table(("figure", "measured", "target", "verdict"), rows)
