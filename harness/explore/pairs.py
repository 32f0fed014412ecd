"""Pairs of values that can meet in a schedule of two faults, in words: which were felt together, and which were not."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Pair = tuple[tuple[str, object], tuple[str, object]]
"""Two values, each with the name of what it is a value of, in the order of the array's factors."""

FACTORS: Mapping[str, str] = MappingProxyType({
    "flow": "flow", "profile": "page size",
    "link1": "first link", "fault1": "first fault", "warmth1": "first connection", "ends1": "first fault's end",
    "link2": "second link", "fault2": "second fault", "warmth2": "second connection", "ends2": "second fault's end",
})  # fmt: skip
_LINKS = ("link1", "link2")
_SHOWN = 6


def factor(name: str) -> str:
    """What a value is a value of."""
    return FACTORS.get(name, name)


def value(name: str, one: object) -> str:
    """A value as people read it; an end is a number of milliseconds, or none."""
    if name.startswith("ends"):
        return "when all is healed" if one is None else f"after {one} ms"
    return str(one)


def links_together(pairs: Mapping[Pair, int]) -> str:
    """One line of the links that were felt together, those that were so most often first; empty where nothing can meet."""
    met = {pair: felt for pair, felt in pairs.items() if tuple(name for name, _one in pair) == _LINKS}
    if not met:
        return ""
    felt = sorted((pair for pair, count in met.items() if count), key=lambda pair: -met[pair])
    shown = [" then ".join(str(one) for _name, one in pair) for pair in felt[:_SHOWN]]
    more = f" and {len(felt) - _SHOWN} more" if len(felt) > _SHOWN else ""
    return f"links felt together: {len(felt)} of {len(met)} pairs{': ' if felt else ''}{', '.join(shown)}{more}"
