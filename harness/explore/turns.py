"""Whose turn it is in a search over HTTP: what tells most everywhere first, then by turns health and outages of every flow."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from harness.explore.door import Door, chosen_flows, outages
from harness.explore.kinds import CaseKind, Options, Outcome
from harness.explore.outages import Outage
from harness.explore.search import Search, Subject
from harness.faults.base import FAULTS
from harness.target.spec import FlowSpec

# Health is one turn of four: there are many kinds of outage. A turn is so short that all have theirs in the search's time, if
# that is long enough; which have not is told.
_OUTAGES_PER_HEALTH = 3
_LEAST_S, _MOST_S = 1.0, 15.0
_FULL_LENGTH_AFTER = 3
_EXAMPLES = 500

Example = TypeVar("Example")
Turn = tuple[FlowSpec, Outage | None]


class Asked(Subject[Example], Protocol[Example]):
    """A subject that knows what to ask first."""

    def telling(self) -> Iterable[Example]:
        """The few examples that tell most, each as small as its kind can be; each is asked before the next one is taken."""


def take_turns(
    door: Door,
    options: Options,
    outcome: Outcome,
    *,
    case_kind: CaseKind,
    subject: Callable[[FlowSpec, Outage | None], Asked[Any]],
    healths: Sequence[str] | None = None,
) -> None:
    """Search by turns until the options end it."""
    flows = chosen_flows(door.target, options.flows)
    wanted = options.healths if healths is None else healths
    search = Search(door.target, options, outcome, case_kind=case_kind)
    kinds = {flow.name: outages(door, flow) if "outage" in wanted else () for flow in flows}
    rounds = -(-max(map(len, kinds.values())) // _OUTAGES_PER_HEALTH) or 1
    in_turn = ["health"] * ("health" in wanted)
    outcome.coverage.plan((name, health) for name, some in kinds.items() for health in (*in_turn, *(o.fault for o in some)))
    turns = len(flows) * rounds * ("health" in wanted) + sum(map(len, kinds.values()))
    limit_s = _MOST_S if options.seconds is None else min(_MOST_S, max(_LEAST_S, options.seconds / max(1, turns)))
    share = _EXAMPLES if options.examples is None else max(1, options.examples // (2 * len(flows)))
    scene = _Scene(door, options, subject)
    # What is found easily is found soon, in whichever place it is.
    for place in _places(kinds, flows, wanted):
        if search.half_over:
            break
        asked = scene.of(*place)
        search.look(asked, asked.telling())
    for round_, place in _turns(door, flows, wanted):
        if search.over:
            return
        # All are tried in short before any is at length.
        share_s = max(_LEAST_S, limit_s * min(1.0, (round_ + 1) / _FULL_LENGTH_AFTER))
        search.batch(scene.of(*place), limit_s=share_s, examples=share)


class _Scene:
    """Brings flows and outages about, one after the other."""

    def __init__(self, door: Door, options: Options, subject: Callable[[FlowSpec, Outage | None], Asked[Any]]) -> None:
        self._door, self._options, self._subject = door, options, subject
        # Each submit was just shown to work, in health.
        self._in_health = True

    def of(self, flow: FlowSpec, outage: Outage | None) -> Asked[Any]:
        """Let a flow's target run in this outage, or in health, asked by somebody who has not come before."""
        door = self._door
        if self._in_health is not (outage is None):
            # What a target knows of an outage is nothing that a healthy one knows.
            door.renew(outage)
            self._in_health = outage is None
        door.strike(flow, outage)
        door.from_elsewhere(flow)
        door.stand(flow)
        asked = self._subject(flow, outage)
        self._options.tell(f"{flow.name} ({asked.health})")
        return asked


def _places(kinds: Mapping[str, Sequence[Outage]], flows: Sequence[FlowSpec], healths: Sequence[str]) -> Iterator[Turn]:
    """Every flow in health, then in each of its outages, the quickest to tell of all flows first.

    What hangs takes so long that one flow of each provider's is asked in it; the others have their turn later.
    """
    if "health" in healths:
        yield from ((flow, None) for flow in flows)
    every = sorted(
        ((place, flow, outage) for flow in flows for place, outage in enumerate(kinds[flow.name])), key=lambda one: one[0]
    )
    yield from ((flow, outage) for _place, flow, outage in every if not FAULTS.get(outage.fault).hangs)
    hanging = {(flow.provider, outage): flow for _place, flow, outage in reversed(every) if FAULTS.get(outage.fault).hangs}
    yield from ((flow, outage) for (_provider, outage), flow in reversed(hanging.items()))


def _turns(door: Door, flows: Sequence[FlowSpec], healths: Sequence[str]) -> Iterator[tuple[int, Turn]]:
    """Every turn with its round, counted from 0."""
    kinds = {flow.name: itertools.cycle(outages(door, flow) or (None,)) for flow in flows}
    rounds = itertools.count() if "health" in healths or any(outages(door, flow) for flow in flows) else ()
    for number in rounds:
        if "health" in healths:
            yield from ((number, (flow, None)) for flow in flows)
        for _ in range(_OUTAGES_PER_HEALTH if "outage" in healths else 0):
            yield from ((number, (flow, outage)) for flow in flows if (outage := next(kinds[flow.name])) is not None)
