"""Where the schedules of a search come from: rows of a covering array, what Hypothesis draws, and what lies beside news."""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.explore.arrays import Drawn, profiles_of
from harness.explore.guidance import AT_MOST, Guidance
from harness.explore.kinds import demand_hypothesis
from harness.journal.model import Record
from harness.plan.build import Plan
from harness.plan.schedules import strokes_of, why_not
from harness.target.spec import FlowSpec

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

# How often a schedule beside a new one is tried, where there is any.
BESIDE_SHARE = 0.5
# Before so many were drawn nothing is tried beside anything: what is drawn has up to four faults and shows more at once, and a
# search that was guided from its first schedule on found planted bugs of two faults later than a blind one (docs/figures.md).
DRAWN_FIRST = 10
# A row of the array follows so many drawn ones.
DRAWN_TO_A_ROW = 2
# Hypothesis hands out examples while its own run lasts, and a schedule's trial takes seconds: so many are drawn ahead.
BATCH = 50


def drawn_schedules(plan: Plan, flows: Sequence[FlowSpec], *, seed: int) -> Iterator[Drawn]:
    """Draw schedules of two faults to four, each one once, until Hypothesis finds no more; the same seed draws the same."""
    demand_hypothesis()
    from hypothesis import strategies as st

    able = [flow for flow in flows if strokes_of(plan, flow.name)]
    if not able:
        return
    schedules = st.one_of(*(_of_flow(plan, flow) for flow in able))
    known: set[Drawn] = set()
    for number in itertools.count():
        batch = _batch(schedules, f"{seed}:{number}")
        if not (fresh := [one for one in dict.fromkeys(batch) if one not in known]):
            return
        known.update(fresh)
        yield from _by_turns(fresh)


def _by_turns(drawn: Sequence[Drawn]) -> Iterator[Drawn]:
    """One of each flow after the other, so that a short search leaves out none."""
    by_flow: dict[str, list[Drawn]] = {}
    for one in drawn:
        by_flow.setdefault(one.flow, []).append(one)
    for turn in itertools.zip_longest(*by_flow.values()):
        yield from (one for one in turn if one is not None)


def _batch(schedules: SearchStrategy[Drawn], seed: str) -> list[Drawn]:
    from hypothesis import HealthCheck, Phase, Verbosity, given, settings
    from hypothesis import seed as seeded
    from hypothesis.errors import Unsatisfiable

    batch: list[Drawn] = []

    # In this order: a seed takes the database away from the settings below it.
    @settings(
        max_examples=BATCH, phases=[Phase.generate], database=None, deadline=None, derandomize=False,
        suppress_health_check=list(HealthCheck), verbosity=Verbosity.quiet, print_blob=False,
    )  # fmt: skip
    @seeded(seed)
    @given(schedules)
    def draw(one: Drawn) -> None:
        batch.append(one)

    # Where no two faults of the flows fit together there is nothing to draw.
    with suppress(Unsatisfiable):
        draw()
    return batch


def _of_flow(plan: Plan, flow: FlowSpec) -> SearchStrategy[Drawn]:
    from hypothesis import strategies as st

    from harness.strategies.schedules import fault_schedules

    links = plan.links_by_provider[flow.provider]
    strokes = strokes_of(plan, flow.name)
    schedules = fault_schedules(strokes, at_most=AT_MOST, fits=lambda *two: not why_not(two, links))
    several = schedules.filter(lambda one: len(one) > 1)
    return st.builds(Drawn, flow=st.just(flow.name), profile=st.sampled_from(profiles_of(flow)), schedule=several)


@dataclass(slots=True, kw_only=True)
class Sources:
    """Chooses a search's next schedule. Without rows and guidance it is a blind search: what is drawn, and nothing else.

    Nothing is guided before ``drawn_first`` are drawn.
    ``rows``, ``drawn`` and ``varied`` say how many came from where.
    """

    drawing: Iterator[Drawn]
    chance: random.Random
    array: Iterator[Drawn] = field(default_factory=lambda: iter(()))
    guidance: Guidance | None = None
    drawn_first: int = DRAWN_FIRST
    rows: int = 0
    drawn: int = 0
    varied: int = 0

    def next(self) -> Drawn | None:
        """What lies beside one that showed something new, from time to time; else what is drawn, and a row now and then."""
        guided = self.drawn >= self.drawn_first and self.chance.random() < BESIDE_SHARE
        if guided and (beside := self._beside()):
            return beside
        if self.rows < self.drawn // DRAWN_TO_A_ROW and (row := self._row()):
            return row
        return self._drawn() or self._row() or self._beside()

    def _beside(self) -> Drawn | None:
        beside = None if self.guidance is None else self.guidance.beside()
        self.varied += beside is not None
        return beside

    def _row(self) -> Drawn | None:
        row = next(self.array, None)
        self.rows += row is not None
        return row

    def _drawn(self) -> Drawn | None:
        drawn = next(self.drawing, None)
        self.drawn += drawn is not None
        return drawn

    def heard(self, drawn: Drawn, record: Record, missed: Collection[int]) -> None:
        """Learn what a schedule came to."""
        if self.guidance is not None:
            self.guidance.heard(drawn, record, missed)


def guided(
    plan: Plan, flows: Sequence[FlowSpec], rows: Iterator[Drawn], *, seed: int, drawn_first: int = DRAWN_FIRST
) -> Sources:
    """All sources, ``rows`` being those of the covering array; what lies beside others only when so many were drawn."""
    chance = random.Random(seed)  # noqa: S311 - nothing here is a secret
    return Sources(
        drawing=drawn_schedules(plan, flows, seed=seed), chance=chance, array=rows, guidance=Guidance(plan, flows, chance),
        drawn_first=drawn_first,
    )  # fmt: skip


def blind(plan: Plan, flows: Sequence[FlowSpec], *, seed: int) -> Sources:
    """Random schedules alone, whatever they come to: what guidance is measured against."""
    return Sources(drawing=drawn_schedules(plan, flows, seed=seed), chance=random.Random(seed))  # noqa: S311 - no secret
