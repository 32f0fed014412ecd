"""Search cliffs: a worker per slot, a control before a flow's first visit, and what is found said at once."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import harness
from harness.engine.workshop import Slots, Workshop, open_workshop
from harness.errors import HarnessError, LaboratoryError
from harness.explore.cliff.kinds import Task, by_submit
from harness.explore.cliff.probe import Prober
from harness.explore.cliff.search import Search
from harness.explore.cliff.together import together
from harness.journal.cliff import Cliff, CliffRun, Look, State
from harness.journal.model import Scenario, Verdict
from harness.judge.verdict import judge
from harness.lab.bench import Bench
from harness.lab.lab import Lab
from harness.lab.slot import Slot
from harness.plan.build import Plan
from harness.target.live import refuse_live
from harness.target.spec import Target

# Repeats wait side by side; more at once would make on two cores the noise that they are to find.
LOOKS_AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to search. ``patience_s``: how long a business may take; ``repeats``: looks that either side of an edge rests on."""

    repeats: int = 3
    patience_s: int = 60
    jobs: int = 1
    real_time: bool = False
    toxiproxy: str | None = None
    browser: str | None = None


@dataclass(slots=True, kw_only=True)
class Progress:
    """Who is told: ``said`` a line at a time, ``found`` of every search that has ended, in the order of the searches."""

    said: Callable[[str], None]
    found: Callable[[CliffRun], None]


class UnhealthyError(HarnessError):
    """With nothing broken the flow does not end verified, so there is no cliff to look for. ``verdict`` is the control's."""

    def __init__(self, sentence: str, verdict: Verdict) -> None:
        super().__init__(sentence)
        self.verdict = verdict


@dataclass(slots=True, kw_only=True)
class _Work:
    """What the workers share: searches that wait, by their place, and those that have ended."""

    tasks: Sequence[Task]
    run: CliffRun
    waiting: list[int]
    ended: dict[int, Cliff] = field(default_factory=dict)

    def so_far(self) -> CliffRun:
        return replace(self.run, cliffs=tuple(self.ended[place] for place in sorted(self.ended)))


async def search_cliffs(target: Target, plan: Plan, tasks: Sequence[Task], options: Options, tell: Progress) -> None:
    """Do every search; raises :class:`UnhealthyError` where a control is not, LaboratoryError where one cannot be run.

    Raises ConfigurationError for a target whose provider is live.
    """
    refuse_live(target, "captchaos cliff")
    run = CliffRun(
        target=target.name,
        captchaos_version=harness.__version__,
        began_unix_s=round(time.time(), 3),
        repeats=options.repeats,
        patience_s=options.patience_s,
    )
    work = _Work(tasks=tasks, run=run, waiting=list(range(len(tasks))))
    async with contextlib.AsyncExitStack() as stack:
        # Pictures that a lab takes of its visits are of no use to anybody here.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="captchaos-cliff-")))
        opening = open_workshop(target, plan, run_folder=folder, toxiproxy=options.toxiproxy, browser=options.browser)
        workshop = await stack.enter_async_context(opening)
        for left in workshop.swept:
            tell.said(f"swept what {left} had left behind")
        workers = [_Worker(number, workshop, work, options, tell) for number in range(min(options.jobs, len(tasks)))]
        await together(*(worker.work() for worker in workers))


class _Worker:
    """Takes one search after another, each in slots of its flow's provider, which stay open."""

    def __init__(self, number: int, workshop: Workshop, work: _Work, options: Options, tell: Progress) -> None:
        self._workshop = workshop
        self._slots = [Slots(number * LOOKS_AT_ONCE + place, workshop) for place in range(LOOKS_AT_ONCE)]
        self._work = work
        self._options = options
        self._tell = tell
        self._controlled: set[str] = set()

    async def work(self) -> None:
        """Search until nothing waits."""
        while self._work.waiting:
            place = self._work.waiting.pop(0)
            task = self._work.tasks[place]
            self._work.ended[place] = await self._search(task)
            self._tell.found(self._work.so_far())

    async def _search(self, task: Task) -> Cliff:
        began = time.monotonic()
        bench = self._workshop.bench_of(task.flow.name)
        slots = [await one.of(task.flow.name) for one in self._slots]
        control = next((one for one in self._workshop.plan.controls if one.flow == task.flow.name), None)
        options = self._options
        prober = Prober(
            bench, slots, task, control=control, patience_s=options.patience_s, repeats=options.repeats,
            real_time=options.real_time,
        )  # fmt: skip
        await self._control(task, prober, control, bench, slots[0])
        search = Search(task.kind.axis, prober.look, repeats=options.repeats)
        cliff = _cliff(task)
        try:
            cliff = replace(cliff, degrades=await search.edge("degraded"), breaks=await search.edge("broken"))
        except LaboratoryError as error:
            cliff = replace(cliff, unknown=" ".join(str(error).split())[:600])
        return replace(cliff, looks=tuple(search.looks), took_s=round(time.monotonic() - began, 1))

    async def _control(self, task: Task, prober: Prober, control: Scenario | None, bench: Bench, slot: Slot) -> None:
        """See once per flow and way that it is healthy with nothing broken."""
        way = f"{task.flow.name} by {'submit' if prober.by_submit else 'visit'}"
        if way in self._controlled:
            return
        if prober.by_submit:
            _demand_verified(task, await prober.healthy())
        elif control is not None:
            await _demand_healthy(control, bench, slot)
        self._controlled.add(way)


def _cliff(task: Task) -> Cliff:
    axis = task.kind.axis
    return Cliff(
        flow=task.flow.name,
        link=task.link.name,
        kind=task.kind.name,
        unit=task.kind.unit,
        mildest=axis.mildest,
        worst=axis.worst,
        how="submits" if by_submit(task.flow, task.link) else "visits",
    )


def _demand_verified(task: Task, look: Look) -> None:
    if look.state is not State.VERIFIED:
        raise UnhealthyError(
            f"the control of {task.flow.name} is not healthy: with nothing broken, a submit with a good ticket is {look.state} "
            f"({look.said}); mend that first, `captchaos run --flow {task.flow.name}` says more",
            Verdict.FAIL,
        )


async def _demand_healthy(control: Scenario, bench: Bench, slot: Slot) -> None:
    for attempt in (1, 2):
        record = await Lab(bench, slot, control, real_time=True).run(attempt=attempt)
        judgement = judge(record, controls=())
        if judgement.verdict is Verdict.PASS:
            return
    if record.evidence.lab_error:
        raise LaboratoryError(f"the control {control.id} could not be run: {record.evidence.lab_error}")
    why = judgement.unknown_because or "; ".join(f"{one.oracle}: {one.seen}" for one in judgement.findings)
    raise UnhealthyError(
        f"the control {control.id} is not healthy: {' '.join(why.split())[:400]}; mend that first, "
        f"`captchaos run --flow {control.flow}` says more",
        judgement.verdict,
    )
