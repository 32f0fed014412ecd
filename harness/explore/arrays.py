"""A covering array of schedules: every two values that can meet do meet in one of few rows.

The rows are Covertable's: kept, without dependencies of its own, seeded, and with constraints that it looks ahead by.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from typing import Any

from harness.catalog import Schedule, Stroke, Warmth
from harness.errors import MissingPartError
from harness.explore.pairs import Pair
from harness.plan.build import Plan
from harness.plan.clients import profile_of
from harness.plan.schedules import PROFILES, strokes_of, why_not
from harness.target.spec import BROWSER, FlowSpec, Target

# How long a fault stands: until all is healed, or for longer than a round trip and less than any of the vendors' timers.
ENDS: tuple[int | None, ...] = (None, 1000)
_FAULTS = ("1", "2")
_OF_A_FAULT = ("link", "fault", "warmth", "ends")

Row = Mapping[str, Any]
Words = tuple[str, str, Warmth]
# Links of one name are not the same link for two captchas: a stroke is its flow's.
ByWords = Mapping[tuple[str, str, str, Warmth], Stroke]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One row: a schedule of two faults, the flow that meets it, and the size of its user's page."""

    flow: str
    profile: str
    schedule: Schedule

    def pairs(self, felt: Iterable[int] = (0, 1)) -> Iterator[Pair]:
        """Every two values that meet here, of the faults that were ``felt`` (from 0) and the flow; a phase is its link's."""
        values: list[tuple[str, object]] = [("flow", self.flow), ("profile", self.profile)]
        for number in felt:
            one = self.schedule.strokes[number]
            told = (one.link, one.fault, one.warmth.value, one.lasts_ms)
            values += [(f"{name}{number + 1}", value) for name, value in zip(_OF_A_FAULT, told, strict=True)]
        return combinations(values, 2)


class Array:
    """Its rows, made one after the other since each takes a while; those with the most that is new come first.

    ``pairs`` are those that can meet at all, ``of`` how many rows there were if every combination were tried.
    """

    def __init__(self, controller: Any, factors: Mapping[str, Sequence[object]], by_words: ByWords, of: int) -> None:
        self.of = of
        # It numbers all values, in the order of the factors, and the two of a pair stand in that order.
        values = [(name, one) for name, some in factors.items() for one in some]
        self.pairs: tuple[Pair, ...] = tuple((values[one], values[other]) for one, other in sorted(controller.incomplete))
        self._controller = controller
        self._by_words = by_words

    def has(self, drawn: Drawn) -> bool:
        """Whether a schedule, wherever it comes from, could be one of its rows."""
        strokes = drawn.schedule.strokes
        known = all(self._by_words.get((drawn.flow, *_words(one))) == replace(one, lasts_ms=None) for one in strokes)
        return len(strokes) == len(_FAULTS) and known and all(one.lasts_ms in ENDS for one in strokes)

    def rows(self) -> Iterator[Drawn]:
        """Make the rows, in the order in which they cover the most."""
        for row in self._controller.make_async():
            yield _drawn(row, self._by_words)


def demand_covertable() -> None:
    """Raise :class:`MissingPartError` where Covertable, which makes the rows, is not installed."""
    if importlib.util.find_spec("covertable") is None:
        raise MissingPartError("fault schedules need Covertable: install captchaos[fuzz], or `pip install covertable`")


def covering_array(target: Target, plan: Plan, flows: Sequence[FlowSpec], *, seed: int) -> Array:
    """Begin the array of two faults on these flows; the same seed makes the same rows."""
    demand_covertable()
    from covertable import Controller

    known = {flow.name: strokes_of(plan, flow.name) for flow in flows}
    by_words = {(flow, *_words(stroke)): stroke for flow, strokes in known.items() for stroke in strokes}
    links = {flow.name: plan.links_by_provider[flow.provider] for flow in flows}

    @cache
    def fits(flow: str, *words: Words) -> bool:
        strokes = [by_words[flow, *one] for one in words if (flow, *one) in by_words]
        return len(strokes) == len(words) and not why_not(strokes, links[flow])

    at = _Known(flows=tuple(flows), known=known, fits=fits)
    factors = at.factors()
    controller = Controller(factors, constraints=list(at.constraints()), salt=str(seed))
    return Array(controller, factors, by_words, at.combinations())


def _words(stroke: Stroke) -> Words:
    return stroke.link, stroke.fault, stroke.warmth


def _drawn(row: Row, by_words: ByWords) -> Drawn:
    strokes = (
        replace(by_words[row["flow"], row[f"link{n}"], row[f"fault{n}"], row[f"warmth{n}"]], lasts_ms=row[f"ends{n}"])
        for n in _FAULTS
    )
    return Drawn(flow=row["flow"], profile=row["profile"], schedule=Schedule(strokes=tuple(strokes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What can meet: the faults that each flow is known to feel, and which two of them fit together."""

    flows: tuple[FlowSpec, ...]
    known: Mapping[str, tuple[Stroke, ...]]
    fits: Callable[..., bool]

    def factors(self) -> dict[str, list[Any]]:
        """Each value by itself; a phase is its link's, so it is none of its own."""
        every = list(dict.fromkeys(stroke for strokes in self.known.values() for stroke in strokes))
        profiles = [profile for flow in self.flows for profile in profiles_of(flow)]
        factors: dict[str, list[Any]] = {"flow": list(self.known), "profile": list(dict.fromkeys(profiles))}
        for n in _FAULTS:
            factors[f"link{n}"] = list(dict.fromkeys(stroke.link for stroke in every))
            factors[f"fault{n}"] = list(dict.fromkeys(stroke.fault for stroke in every))
            factors[f"warmth{n}"] = list(Warmth)
            factors[f"ends{n}"] = list(ENDS)
        return factors

    def constraints(self) -> Iterator[dict[str, Any]]:
        """What may meet, from two values on: the sooner a row is known to be impossible, the less is tried in vain."""
        yield _only({(flow.name, profile) for flow in self.flows for profile in profiles_of(flow)}, "flow", "profile")
        whole = {(flow, *_words(stroke)) for flow, strokes in self.known.items() for stroke in strokes}
        for n in _FAULTS:
            names = ("flow", f"link{n}", f"fault{n}", f"warmth{n}")
            for places in ((1, 2), (0, 1), (0, 2), (1, 2, 3), (0, 1, 2, 3)):
                yield _only({tuple(row[place] for place in places) for row in whole}, *(names[place] for place in places))
        keys = [f"{name}{n}" for n in _FAULTS for name in ("link", "fault", "warmth")]
        at_any = {"requires": keys, "evaluate": lambda row: self._together(self.known, *(row[key] for key in keys))}
        in_flow = {
            "requires": ["flow", *keys],
            "evaluate": lambda row: self._together((row["flow"],), *(row[key] for key in keys)),
        }
        yield from ({"operator": "fn", **one} for one in (at_any, in_flow))

    def _together(self, flows: Iterable[str], *words: Any) -> bool:
        return any(self.fits(flow, words[:3], words[3:]) for flow in flows)

    def combinations(self) -> int:
        """How many rows there were if every combination were tried."""
        count = 0
        for flow in self.flows:
            own = [_words(stroke) for stroke in self.known[flow.name]]
            both = sum(self.fits(flow.name, one, other) for one in own for other in own)
            count += both * len(profiles_of(flow)) * len(ENDS) ** len(_FAULTS)
        return count


def profiles_of(flow: FlowSpec) -> tuple[str, ...]:
    return PROFILES if flow.client == BROWSER else (profile_of(flow),)


def _only(allowed: set[tuple[Any, ...]], *names: str) -> dict[str, Any]:
    return {"operator": "fn", "requires": list(names), "evaluate": lambda row: tuple(row[name] for name in names) in allowed}
