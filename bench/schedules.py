"""How soon a search finds a bug that needs two faults: guided, as `captchaos fuzz schedules` searches, and blind."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

from bench.arithmetic import table
from harness.engine.engine import open_engine
from harness.engine.ground import Ground, open_ground
from harness.engine.options import Options
from harness.explore.arrays import Drawn, covering_array
from harness.explore.schedules import scenario_of
from harness.explore.sources import DRAWN_FIRST, Sources, blind, guided
from harness.explore.trials import Trials
from harness.journal.model import Judgement, Verdict
from harness.judge.felt import unfelt
from harness.target.spec import FlowSpec
from harness.zoo.animals import Animal, load_animals, zoo_folder
from harness.zoo.run import Planned, plan_animal

HOW = ("blind", "guided")
LABS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """One search for one animal's bug. ``after``: the schedules that were run until it was found, None where it was not."""

    animal: str
    how: str
    seed: int
    after: int | None


class _Silence:
    """Listens to an engine and says nothing."""

    def scenario_started(self, scenario_id: str) -> None:
        """Nothing."""

    def scenario_done(self, scenario_id: str, verdict: Verdict, real_ms: float) -> None:
        """Nothing."""

    def message(self, text: str) -> None:
        """Nothing."""


async def schedule_searches(
    names: Sequence[str],
    *,
    runs: int,
    most: int,
    jobs: int,
    hows: Sequence[str] = HOW,
    drawn_first: int = DRAWN_FIRST,
    toxiproxy: str | None = None,
    browser: str | None = None,
) -> list[Searched]:
    """Search for each animal that needs two faults, ``runs`` times each way, at most ``most`` schedules each time.

    The guided way takes nothing beside anything before ``drawn_first`` are drawn.
    """
    animals = [one for one in load_animals(zoo_folder(), names) if one.schedules]
    async with open_ground(toxiproxy=toxiproxy, browser=browser) as ground:
        folder = ground.ownership.folder / "bench"
        planned = [plan_animal(one, folder / "targets", whole=False) for one in animals]
        # All of them are the shop with other code: what can be drawn on a flow is the same. Made before anything is timed.
        rows = {(one.schedules[0].flow, seed): _rows(planned[0], one, seed, most) for one in animals for seed in range(runs)}
        turns = asyncio.Semaphore(jobs)

        async def one(of: Planned, how: str, seed: int) -> Searched:
            async with turns:
                ahead = rows[_flow(of).name, seed]
                sources = _sources(of, how, ahead, seed, drawn_first)
                searched = await _search(of, how, seed, sources, most, folder / f"{of.animal.name}-{how}-{seed}", ground)
                sys.stderr.write(f"bench: {searched.animal}, {how}, seed {seed}: {searched.after or 'not found'}\n")
                return searched

        return await asyncio.gather(*(one(of, how, seed) for seed in range(runs) for how in hows for of in planned))


def _flow(of: Planned) -> FlowSpec:
    return of.target.flows[of.animal.schedules[0].flow]


def _rows(of: Planned, animal: Animal, seed: int, most: int) -> tuple[Drawn, ...]:
    flow = of.target.flows[animal.schedules[0].flow]
    return tuple(islice(covering_array(of.target, of.plan, (flow,), seed=seed).rows(), most))


def _sources(of: Planned, how: str, rows: Sequence[Drawn], seed: int, drawn_first: int) -> Sources:
    if how == "blind":
        return blind(of.plan, (_flow(of),), seed=seed)
    return guided(of.plan, (_flow(of),), iter(rows), seed=seed, drawn_first=drawn_first)


async def _search(of: Planned, how: str, seed: int, sources: Sources, most: int, out: Path, ground: Ground) -> Searched:
    after = None
    options = Options(out=out, jobs=1, seed=seed, closing_controls=False)
    async with open_engine(of.target, of.plan, options, _Silence(), ground) as engine:
        engine.begin([], more_to_come=True)
        trials = Trials(engine)
        while after is None and trials.count < most and (drawn := sources.next()) is not None:
            record, judgement = await trials.run(scenario_of(of.plan, of.target, drawn.flow, drawn.profile, drawn.schedule))
            sources.heard(drawn, record, unfelt(record))
            after = trials.count if _shows(of.animal, judgement) else None
        engine.no_more()
        await engine.finish()
    return Searched(animal=of.animal.name, how=how, seed=seed, after=after)


def _shows(animal: Animal, judgement: Judgement) -> bool:
    """Whether a judgement has one of the findings that the animal's file demands: another may be the busy machine's."""
    failed = judgement.verdict is Verdict.FAIL
    return failed and any(wanted.is_said_by(found) for wanted in animal.findings for found in judgement.findings)


def searches_table(searched: Sequence[Searched], most: int) -> str:
    """The table of all searches: in how many each animal was found, and after how many schedules."""
    head = ("animal", *(f"{how}: {what}" for how in HOW for what in ("found in", "after, median (least to most)")))
    names = dict.fromkeys(one.animal for one in searched)
    return table(head, [(name, *_cells([one for one in searched if one.animal == name], most)) for name in names])


def _cells(searched: Sequence[Searched], most: int) -> Iterator[str]:
    for how in HOW:
        mine = [one.after for one in searched if one.how == how]
        found = sorted(one for one in mine if one is not None)
        yield f"{len(found)} of {len(mine)}"
        # What was not found took more than were tried.
        middle = median(most + 1 if one is None else one for one in mine)
        yield f"{f'over {most}' if middle > most else f'{middle:g}'} ({found[0]} to {found[-1]})" if found else "·"
