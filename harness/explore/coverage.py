"""Where a search has been, and where nothing that it found, or did not find, proves anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from harness.explore.pairs import Pair

LIMITED, NOT_ASKED = "limited", "not asked"
_WHY = {
    LIMITED: "the target turned them away for their number, whatever they were",
    NOT_ASKED: "the target did not ask its provider",
}


@dataclass(slots=True)
class Coverage:
    """Examples by flow and health, and by what became of them.

    ``planned`` are the places that were to be tried, ``drawn`` those where more was than the few examples that are chosen.
    ``unjudged`` is why what was tried at a flow is no example, the first reason of each.
    ``pairs`` says of every two values that can meet in a schedule in how many of them both were felt, and judged.
    """

    planned: list[tuple[str, str]] = field(default_factory=list)
    became: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    drawn: set[tuple[str, str]] = field(default_factory=set)
    unjudged: dict[str, str] = field(default_factory=dict)
    pairs: dict[Pair, int] = field(default_factory=dict)

    def plan(self, places: Iterable[tuple[str, str]]) -> None:
        """Say which places are to be tried: flow and health."""
        self.planned += places

    def count(self, flow: str, health: str, became: str, *, drawn: bool = True) -> None:
        """Count one example."""
        if drawn:
            self.drawn.add((flow, health))
        row = self.became.setdefault((flow, health), {})
        row[became] = row.get(became, 0) + 1

    def can_meet(self, pairs: Iterable[Pair]) -> None:
        """Say which values can meet at all."""
        self.pairs.update(dict.fromkeys(pairs, 0))

    def met(self, pairs: Iterable[Pair]) -> None:
        """Count the values that met in one schedule."""
        for pair in pairs:
            self.pairs[pair] += 1

    def not_reached(self) -> str:
        """One line of the places that had no example; empty where each had one."""
        missed = [f"{flow}/{health}" for flow, health in self.planned if (flow, health) not in self.became]
        return f"not reached: {', '.join(missed)}" if missed else ""

    def nothing_drawn(self) -> str:
        """One line of the places that had no example but the chosen ones; empty where there are none."""
        places = [f"{flow}/{health}" for flow, health in self.became if (flow, health) not in self.drawn]
        return f"nothing was drawn at {', '.join(places)}: only the examples that are chosen were tried" if places else ""

    def unproven(self) -> Iterator[str]:
        """A sentence for each flow of which nothing can be said."""
        flows = dict.fromkeys(flow for flow, _health in (*self.planned, *self.became))
        for flow in flows:
            rows = [row for (at, _health), row in self.became.items() if at == flow]
            examples = sum(sum(row.values()) for row in rows)
            if not examples:
                yield self._why_none(flow)
            for word, why in _WHY.items():
                if 2 * (lost := sum(row.get(word, 0) for row in rows)) > examples:
                    yield f"unknown: {lost} of {examples} examples at {flow} prove nothing: {why}"

    def _why_none(self, flow: str) -> str:
        if why := self.unjudged.get(flow):
            return f"unknown: nothing that was tried at {flow} could be judged: {why}"
        return f"unknown: no example was tried at {flow}: give the search more time, or name fewer flows"
