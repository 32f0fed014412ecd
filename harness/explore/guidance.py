"""What a schedule showed that none before it had shown, and the schedules that lie beside those that did.

As a fuzzer is guided by coverage: whoever shows something new is kept and varied, and two that showed different things are
brought together, since a bug that needs two faults lies where two states meet.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from harness.catalog import Phase, Schedule, Stroke, Warmth
from harness.explore.arrays import Drawn
from harness.journal.model import Record, Submit
from harness.plan.build import Plan
from harness.plan.schedules import strokes_of, why_not
from harness.target.spec import FlowSpec
from harness.tickets import TicketKind, read

# As many faults as a schedule of any source may have.
AT_MOST = 4
# So often a variation is sought that fits and was not tried; where none is found the search goes on elsewhere.
TRIES = 30
# What more of the runs show than one in so many is no news to begin at.
RARE = 2
# A time counts as another state from each of these on: what is between is the machine's.
_SLOW_MS = (1000, 2000, 4000, 8000)
_LASTS_MS = (None, 200, 1000, 5000)

Feature = tuple[object, ...]


def features(record: Record) -> frozenset[Feature]:
    """What a schedule showed of page and server, each thing by itself and without its figures."""
    return frozenset((record.scenario.flow, *one) for one in _features(record))


def _features(record: Record) -> Iterator[Feature]:
    evidence = record.evidence
    for visit in evidence.visits:
        yield "visit", visit.name, visit.outcome
        yield "effects", visit.name, visit.effects
        yield "step-up", visit.name, visit.step_up_offered
        yield from (("error", error.script, error.text.split(":")[0]) for error in visit.page_errors)
    for submit in evidence.submits:
        yield "submitted", submit.visit, _kind(submit.ticket)
        yield "answered", submit.visit, submit.status, _slowness(submit)
    yield from (("ticket", one.where, _kind(one.text)) for one in evidence.tickets)
    yield from (("verdict", call.answer, _kind(call.ticket)) for call in evidence.verdict_calls)
    for visit in evidence.visits:
        yield "submits", visit.name, sum(one.visit == visit.name for one in evidence.submits)
        yield "verdicts", visit.name, sum(one.visit == visit.name for one in evidence.verdict_calls)


def _kind(ticket: str) -> str:
    """What sort of ticket it is: a fallback ticket's prefix and code, for nothing else in it says what happened."""
    return "_".join(ticket.split("_")[:2]) if read(ticket).kind is TicketKind.FALLBACK else str(bool(ticket))


def _slowness(submit: Submit) -> int:
    return sum((submit.real_ms or 0) >= limit_ms for limit_ms in _SLOW_MS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ran:
    """A schedule that was run, those of its faults that were felt, and what it showed."""

    drawn: Drawn
    felt: tuple[Stroke, ...]
    shown: frozenset[Feature]


class Guidance:
    """Remembers what was shown by what, and varies it; the same chance and the same records lead to the same variations."""

    def __init__(self, plan: Plan, flows: Collection[FlowSpec], chance: random.Random) -> None:
        self._known = {flow.name: strokes_of(plan, flow.name) for flow in flows}
        self._links = {flow.name: plan.links_by_provider[flow.provider] for flow in flows}
        self._chance = chance
        self._ran: list[_Ran] = []
        self._tried: set[Drawn] = set()
        self._brought: set[frozenset[Stroke]] = set()
        self._causes: dict[Feature, _Ran] = {}

    def heard(self, drawn: Drawn, record: Record, missed: Collection[int]) -> None:
        """Remember what a schedule showed; ``missed`` are those of its faults, from 0, that were not felt."""
        self._tried.add(drawn)
        felt = tuple(one for number, one in enumerate(drawn.schedule.strokes) if number not in missed)
        if felt:
            self._ran.append(_Ran(drawn=drawn, felt=felt, shown=features(record)))
            self._causes = dict(self._found())

    def beside(self) -> Drawn | None:
        """A schedule beside one that showed something rare, and that was not tried; None where none is found."""
        for _ in range(TRIES):
            ran = self._rare()
            if ran is None:
                return None
            strokes = self._chance.choice(_MOVES)(self, ran)
            varied = replace(ran.drawn, schedule=Schedule(strokes=strokes))
            if self._fits(ran.drawn.flow, strokes) and varied not in self._tried:
                return varied
        return None

    def _rare(self) -> _Ran | None:
        """A run, with those of its faults that may have led to one rare thing it showed; each kind of thing is as likely."""
        by_kind: dict[object, list[_Ran]] = {}
        for found, ran in self._causes.items():
            by_kind.setdefault(found[1], []).append(ran)
        return self._chance.choice(by_kind[self._chance.choice(sorted(by_kind, key=str))]) if by_kind else None

    def _found(self) -> Iterator[tuple[Feature, _Ran]]:
        """Each thing that few runs have shown, with the run that has the fewest faults that may have led to it."""
        counts = Counter(one for ran in self._ran for one in ran.shown)
        for found in sorted((one for one, count in counts.items() if RARE * count <= len(self._ran)), key=str):
            # Who was felt without it has not led to it; where each was, all of them together have.
            without = {stroke for ran in self._ran if found not in ran.shown for stroke in ran.felt}
            suspects = [
                replace(ran, felt=tuple(one for one in ran.felt if one not in without) or ran.felt)
                for ran in self._ran
                if found in ran.shown
            ]
            yield found, min(suspects, key=lambda ran: len(ran.felt))

    def _fits(self, flow: str, strokes: Sequence[Stroke]) -> bool:
        return 1 < len(strokes) <= AT_MOST and not why_not(strokes, self._links[flow])

    def together(self, ran: _Ran) -> tuple[Stroke, ...]:
        """The causes of two rare things of different kinds, in either order; those of no two are brought together twice."""
        pairs = {
            frozenset((*one.felt, *other.felt)): (one.felt, other.felt)
            for (found, one), (also, other) in combinations(self._causes.items(), 2)
            if found[0] == also[0] == ran.drawn.flow and found[1] != also[1] and set(one.felt) != set(other.felt)
        }
        new = [pair for strokes, pair in pairs.items() if strokes not in self._brought]
        if not new:
            return ()
        first, second = self._chance.sample(self._chance.choice(new), 2)
        self._brought.add(frozenset((*first, *second)))
        return first + tuple(one for one in second if self._fits(ran.drawn.flow, (*first, one)))

    def one_more(self, ran: _Ran) -> tuple[Stroke, ...]:
        """One more fault, anywhere, and perhaps more."""
        return self._with_more(ran.drawn.flow, self._and_one(ran.drawn.flow, ran.felt))

    def _with_more(self, flow: str, strokes: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
        for _ in range(self._chance.randint(0, max(0, AT_MOST - len(strokes)))):
            more = self._and_one(flow, strokes)
            strokes = more if self._fits(flow, more) else strokes
        return strokes

    def _and_one(self, flow: str, strokes: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
        place = self._chance.randrange(len(strokes) + 1)
        return (*strokes[:place], self._for_a_time(self._chance.choice(self._known[flow])), *strokes[place:])

    def another_order(self, ran: _Ran) -> tuple[Stroke, ...]:
        """The same faults in another order."""
        strokes = ran.drawn.schedule.strokes
        return tuple(self._chance.sample(strokes, len(strokes)))

    def one_less(self, ran: _Ran) -> tuple[Stroke, ...]:
        """One left out."""
        strokes = ran.drawn.schedule.strokes
        place = self._chance.randrange(len(strokes))
        return strokes[:place] + strokes[place + 1 :]

    def one_other(self, ran: _Ran) -> tuple[Stroke, ...]:
        """One fault for another on the same link."""
        known = self._known[ran.drawn.flow]
        return self._changed(ran, lambda one: self._chance.choice([other for other in known if other.link == one.link]))

    def another_time(self, ran: _Ran) -> tuple[Stroke, ...]:
        """One fault for longer or shorter, at the page's start or at its own moment, on a fresh connection or an open one."""
        links = self._links[ran.drawn.flow]
        changes: tuple[Callable[[Stroke], Stroke], ...] = (
            self._for_a_time,
            lambda one: replace(one, phase=self._chance.choice((Phase.BEFORE_LOAD, links[one.link].phase))),
            lambda one: replace(one, warmth=self._chance.choice(tuple(Warmth))),
        )
        return self._changed(ran, self._chance.choice(changes))

    def _changed(self, ran: _Ran, change: Callable[[Stroke], Stroke]) -> tuple[Stroke, ...]:
        strokes = ran.drawn.schedule.strokes
        place = self._chance.randrange(len(strokes))
        return (*strokes[:place], change(strokes[place]), *strokes[place + 1 :])

    def _for_a_time(self, stroke: Stroke) -> Stroke:
        return replace(stroke, lasts_ms=self._chance.choice(_LASTS_MS))


# To bring two together is what finds bugs of two faults; it is as likely as all that changes one place only.
_MOVES = (
    *(Guidance.together,) * 6,
    *(Guidance.one_more,) * 4,
    Guidance.one_other,
    Guidance.another_time,
    Guidance.another_order,
    Guidance.one_less,
)
