"""Searches of one target's cliffs on real parts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.engine.workshop import Slots, Workshop, open_workshop
from harness.explore.cliff.kinds import tasks
from harness.explore.cliff.probe import Prober
from harness.explore.cliff.run import Options, Progress, search_cliffs
from harness.journal.cliff import Cliff, CliffRun, Look
from harness.lab.slot import Slot
from harness.plan.build import make_plan
from harness.target.loader import find_target, load_target

# Flow, link and kind.
Words = tuple[str, str, str]
Wanted = Sequence[tuple[Words, Sequence[int]]]
LookAtEach = Callable[[Wanted], list[list[Look]]]
Searched = Callable[..., Cliff]
# What never is the last look at a value: the page's clock may be advanced.
MANY = 99


@pytest.fixture(scope="session")
def look_at_each(tmp_path_factory: pytest.TempPathFactory) -> LookAtEach:
    """Return a function that looks once at each value of some searches on the shop, one after the other in one slot."""

    def run(wanted: Wanted) -> list[list[Look]]:
        async def go() -> list[list[Look]]:
            target = load_target(find_target(None))
            plan = make_plan(target)
            async with open_workshop(target, plan, run_folder=tmp_path_factory.mktemp("looks")) as workshop:
                slots = Slots(0, workshop)
                return [await _looks(workshop, await slots.of(words[0]), words, values) for words, values in wanted]

        return asyncio.run(go())

    return run


async def _looks(workshop: Workshop, slot: Slot, words: Words, values: Sequence[int]) -> list[Look]:
    flow, link, kind = words
    (task,) = tasks(workshop.target, workshop.plan, flows=[flow], links=[link], kinds=[kind])
    control = next(one for one in workshop.plan.controls if one.flow == flow)
    bench = workshop.bench_of(flow)
    prober = Prober(bench, [slot], task, control=control, patience_s=60, repeats=MANY, real_time=False)
    return [await prober.look(value, 1) for value in values]


@pytest.fixture
def searched() -> Searched:
    """Return a function that does one whole search on a target, the shop if none is named."""

    def run(flow: str, link: str, kind: str, *, target: Path | None = None) -> Cliff:
        spec = load_target(find_target(None if target is None else str(target)))
        plan = make_plan(spec)
        found: list[CliffRun] = []
        chosen = tasks(spec, plan, flows=[flow], links=[link], kinds=[kind])
        told = Progress(said=lambda _line: None, found=found.append)
        asyncio.run(search_cliffs(spec, plan, chosen, Options(), told))
        (cliff,) = found[-1].cliffs
        return cliff

    return run
