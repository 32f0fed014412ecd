"""Run scenarios: a worker per slot, controls at both ends of each, repeats where a verdict must not stand at once."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import harness
from harness.browsers import engine_named
from harness.catalog import Waiver
from harness.engine.controls import Controls
from harness.engine.ground import Ground
from harness.engine.healing import Healing, controlled, is_healthy, never_run, ran
from harness.engine.options import Options
from harness.engine.queue import Queue
from harness.engine.turns import Turns
from harness.engine.workshop import Slots, Workshop, open_workshop
from harness.errors import LaboratoryError
from harness.faults.base import Fault
from harness.journal.codec import decode, encode
from harness.journal.model import Judgement, Record, RunInfo, Scenario, Verdict
from harness.journal.secrets import Masker
from harness.journal.waivers import in_force
from harness.journal.writer import FILE_NAME, JournalWriter
from harness.judge.repeat import (
    BY_ANOTHER_CLOCK,
    FAR,
    GIVEN_UP,
    NEAR,
    RESTLESS,
    SHARED,
    came_to_an_end,
    late_by_little,
    needs_repeat,
    rests_on_shared,
    who_finds_late,
)
from harness.judge.verdict import judge, judge_run, standing_controls
from harness.judge.waiving import reach_of, waive
from harness.lab.lab import Lab
from harness.lab.load import LoadLab
from harness.lab.probes import HttpLab
from harness.lab.schedule_lab import ScheduleLab
from harness.lab.slot import Slot
from harness.plan.build import Plan
from harness.target.spec import Target

# A slot pays for a control at both ends of every flow that it serves: with fewer scenarios it costs more than it gains.
SCENARIOS_PER_SLOT = 3
LONE_TURNS = 5
# A control of one flow sends a live vendor some thirty; it may be repeated, and without it nothing before it counts.
KEPT_REQUESTS = 100


class Listener(Protocol):
    """Who is told what happens, as it happens."""

    def scenario_started(self, scenario_id: str) -> None: ...
    def scenario_done(self, scenario_id: str, verdict: Verdict, real_ms: float) -> None: ...
    def message(self, text: str) -> None: ...


@dataclass(slots=True)
class Outcome:
    """What a run knows so far: every record, and the judgements that follow from all of them together."""

    records: list[Record] = field(default_factory=list)

    def judgements(self, waivers: Sequence[Waiver] = ()) -> dict[str, Judgement]:
        """Judge everything that is recorded."""
        return judge_run(self.records, waivers=waivers)


class Engine:
    """One run over one target; use :func:`open_engine`. ``jobs``: how many labs run at once."""

    def __init__(
        self, workshop: Workshop, options: Options, journal: JournalWriter, listener: Listener, turns: Turns | None = None
    ) -> None:
        self.outcome = Outcome()
        self.results: dict[str, asyncio.Future[tuple[Record, Judgement]]] = {}
        self._workshop = workshop
        self._options = options
        self._journal = journal
        self._listener = listener
        self._turns = turns or Turns()
        self._queue = Queue()
        self._controls = Controls(workshop.plan.controls)
        self._workers: list[asyncio.Task[None]] = []
        self._live = bool(workshop.target.live_uses)
        by_default = engine_named(options.browser_engine).jobs_per_core * (os.cpu_count() or 1)
        self.jobs = 1 if workshop.target.one_at_a_time else options.jobs or by_default
        self._waivers: tuple[Waiver, ...] = ()
        self._slots_left = 0
        # Beside other engines every lone turn holds all of them up: a visit that was given up is repeated among them.
        self._lone_turns_left = 0 if turns else LONE_TURNS
        self._budget = options.budget
        self._healing = Healing(listener.message)
        self._one_alone = False

    def replace_faults(self, wrap: Callable[[Fault], Fault]) -> None:
        """Put every fault into ``wrap``: how the harness's own tests sabotage it (no verdict may then be a pass)."""
        bench = self._workshop.bench
        self._workshop.bench = replace(bench, faults={name: wrap(fault) for name, fault in bench.faults.items()})

    @property
    def parts(self) -> str:
        """Which Toxiproxy and which browser are used, in words."""
        parts = self._workshop.parts
        return f"Toxiproxy {parts.toxiproxy.version} ({parts.toxiproxy.how}), {parts.browser.version}"

    def begin(self, scenarios: Sequence[Scenario], *, more_to_come: bool = False) -> None:
        """Queue scenarios, the longest real waits first, and start workers; ``results`` holds a future for each.

        ``more_to_come``: workers stay for what :meth:`add` brings, until :meth:`no_more`.
        """
        self._queue.open = more_to_come
        self._one_alone = len(scenarios) == 1 and not more_to_come
        if not more_to_come:
            self.jobs = self._slots_for(len(scenarios))
        in_order = scenarios if self._budget.seconds else sorted(scenarios, key=_real_wait_ms, reverse=True)
        for scenario in in_order:
            self.add(scenario)
        info = self._info(len(scenarios))
        self._waivers = in_force(info)
        self._journal.run(info)
        self._slots_left = self.jobs
        self._workers += [asyncio.create_task(self._work(number)) for number in range(self._slots_left)]

    def _slots_for(self, scenarios: int) -> int:
        """As many slots as were asked for; by default no more than the scenarios are worth."""
        worth = scenarios if self._options.jobs else math.ceil(scenarios / SCENARIOS_PER_SLOT)
        return max(1, min(self.jobs, worth))

    def add(self, scenario: Scenario) -> None:
        """Queue one more scenario; ``results`` holds its future at once."""
        self.results[scenario.id] = asyncio.get_running_loop().create_future()
        self._queue.add(scenario)

    def no_more(self) -> None:
        """Let workers end when the queue is empty."""
        self._queue.close()

    async def finish(self) -> dict[str, Judgement]:
        """Wait for every worker, judge the whole run, and write its verdicts and its end."""
        await asyncio.gather(*self._workers)
        judgements = self.outcome.judgements(self._waivers)
        for scenario_id, judgement in judgements.items():
            self._journal.judgement(scenario_id, judgement)
        self._journal.end()
        return judgements

    def cancel_waiting(self) -> None:
        """Drop what has not started (``pytest -x``)."""
        for scenario in self._queue.clear():
            self.results[scenario.id].cancel()

    async def abort(self) -> None:
        """Stop everything at once."""
        self.cancel_waiting()
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def _info(self, planned: int) -> RunInfo:
        parts, options = self._workshop.parts, self._options
        return RunInfo(
            run_id=self._workshop.run_id,
            captchaos_version=harness.__version__,
            target=self._workshop.target.name,
            seed=options.seed,
            began_unix_s=round(time.time(), 3),
            browser=f"{parts.browser.version}",
            planned=planned,
            toxiproxy=f"{parts.toxiproxy.version} ({parts.toxiproxy.how})",
            jobs=self.jobs,
            real_time=options.real_time or self._live,
            live=self._workshop.plan.live,
            untold=self._workshop.plan.untold,
            target_words=options.target_words,
            browser_engine=options.browser_engine,
            documented=self._workshop.documented(),
            waivers=self._workshop.target.waivers,
            waivers_reach=reach_of(self._workshop.target.waivers, self._workshop.plan.scenarios),
            contradictions=self._workshop.contradictions(),
            shard=options.shard,
            budget_s=self._budget.seconds or 0.0,
        )

    async def _work(self, number: int) -> None:
        try:
            slots = Slots(number, self._workshop, keeps_targets=True)
            self._budget.end_in_time(self.cancel_waiting)
            while (scenario := await self._queue.take(lambda one: not self._controls.due(one, number))) is not None:
                slot = await slots.of(scenario.flow)
                if broken := await self._control_each(self._controls.due(scenario, number), slots):
                    self._take_out(number, broken)
                    self._queue.give_back(scenario)
                    return
                self._queue.settle()
                await self._one(scenario, slot)
                self._budget.end_in_time(self.cancel_waiting)
                self._keep_requests(slot)
            closing = self._controls.closing(number) if self._options.closing_controls else ()
            if broken := await self._control_each(closing, slots):
                self._take_out(number, broken)
        except BaseException as error:
            self._fail_all(error)
            raise

    def _keep_requests(self, slot: Slot) -> None:
        """Begin nothing more when what a live vendor may still be sent is needed for the controls at the end."""
        if not self._live or slot.live is None or slot.live.requests_left >= KEPT_REQUESTS:
            return
        self._listener.message(
            f"of provider.live.requests {slot.live.requests_left} are left, and kept for the controls at the end: "
            "what has not begun is not run"
        )
        self.cancel_waiting()

    def _fail_all(self, error: BaseException) -> None:
        self._queue.clear()
        for future in self.results.values():
            if not future.done():
                future.set_exception(error if isinstance(error, Exception) else LaboratoryError("the run was stopped"))
                future.exception()

    def _take_out(self, number: int, why: str) -> None:
        """Go on without a slot whose control cannot be run; raises LaboratoryError when it was the last that was sound."""
        self._slots_left -= 1
        if not self._slots_left:
            raise LaboratoryError(why)
        self._listener.message(f"slot {number} is taken out, nothing that ran in it counts: {why}".splitlines()[0])

    async def _control_each(self, controls: Sequence[Scenario], slots: Slots) -> str:
        """Run controls; returns why one could not be run, or an empty string."""
        began = time.monotonic()
        for control in controls:
            if broken := await self._control(control, await slots.of(control.flow)):
                return f"the control {control.id} could not be run: {broken}"
            self._controls.ran(control, slots.number)
        self._budget.controls_took(time.monotonic() - began)
        return ""

    async def _control(self, control: Scenario, slot: Slot) -> str:
        async with self._turns.shared():
            record = await self._ran(control, slot, real_time=True)
        self._keep(record, slot)
        foreseen = control.flow in self._options.controls_fail and came_to_an_end(record)
        if not (passed := is_healthy(record)) and not foreseen:
            async with self._turns.alone():
                record = await self._again(control, slot, "control failed")
            self._keep(record, slot)
            passed = is_healthy(record)
        controlled(slot, control, passed=passed)
        return record.evidence.lab_error

    async def _ran(self, scenario: Scenario, slot: Slot, *, real_time: bool) -> Record:
        return ran(await self._lab(scenario, slot, real_time=real_time).run(), slot)

    async def _again(self, scenario: Scenario, slot: Slot, reason: str, *, attempt: int = 2) -> Record:
        """Run one again, in real time and on a process that has served nobody."""
        if slot.keeping is not None:
            await slot.keeping.end(f"a repeat has a fresh one: {reason}")
        return ran(await self._lab(scenario, slot, real_time=True).run(attempt=attempt, repeat_reason=reason), slot)

    async def _prepared(self, scenario: Scenario, slot: Slot) -> str:
        """See to it that a target which serves more than one scenario is healed; returns why none that works can be had."""

        async def run(alone: bool) -> Record:
            control = self._controls.first(slot.number, scenario.flow)
            async with self._turns.alone() if alone else self._turns.shared():
                # Why a target had not healed is told in words of this record.
                return _masked(await self._ran(control, slot, real_time=True), slot)

        return await self._healing.prepare(slot, scenario, run, alone=self._one_alone)

    async def _one(self, scenario: Scenario, slot: Slot) -> None:
        began = time.monotonic()
        self._listener.scenario_started(scenario.id)
        if trouble := await self._prepared(scenario, slot):
            record = never_run(scenario, slot, trouble, now_unix_s=time.time())
        else:
            async with self._turn_of(scenario):
                # What the vendor's own scripts make of a clock that is moved on is not known.
                record = await self._ran(scenario, slot, real_time=self._options.real_time or self._live)
        judgement = self._judged(record, slot)
        if reason := self._why_again(record, judgement):
            async with self._turn_after(reason, scenario):
                record = await self._again(scenario, slot, reason)
            judgement = self._judged(record, slot)
        if late_by_little(record, judgement) and self._is_known_late(record, judgement):
            async with self._turn_of(scenario):
                record = await self._again(scenario, slot, NEAR, attempt=record.attempt + 1)
            judgement = self._judged(record, slot)
        if late_by_little(record, judgement) and not self._is_known_late(record, judgement):
            async with self._turns.alone():
                record = await self._again(scenario, slot, NEAR, attempt=record.attempt + 1)
            judgement = self._judged(record, slot)
        judgement = waive(scenario, judgement, self._waivers)
        self._budget.scenario_took(time.monotonic() - began)
        self._listener.scenario_done(scenario.id, judgement.verdict, record.evidence.real_ms)
        future = self.results[scenario.id]
        if not future.done():
            future.set_result((record, judgement))

    def _is_known_late(self, record: Record, judgement: Judgement) -> bool:
        """Whether somebody finds it late, and nobody but who is known to."""
        who = who_finds_late(record, judgement)
        return bool(who) and who <= self._options.late

    def _why_again(self, record: Record, judgement: Judgement) -> str:
        """Why a first attempt must not stand, "" where it may; what is merely late is for :func:`late_by_little`."""
        reason = needs_repeat(record, judgement)
        if reason in {*BY_ANOTHER_CLOCK, GIVEN_UP} or (reason in (FAR, RESTLESS) and self._lone_turns_left):
            return reason
        return SHARED if reason != NEAR and rests_on_shared(record, judgement) else ""

    def _turn_after(self, reason: str, scenario: Scenario) -> contextlib.AbstractAsyncContextManager[None]:
        """A lone turn for the first few visits that were very late, or whose process had served others."""
        if scenario.kind == "load":
            return self._turn_of(scenario)
        if reason not in BY_ANOTHER_CLOCK and self._lone_turns_left:
            self._lone_turns_left -= 1
            return self._turns.alone()
        return self._turns.shared()

    def _turn_of(self, scenario: Scenario) -> contextlib.AbstractAsyncContextManager[None]:
        """A crowd has the machine alone: how quick a target is under load says nothing beside other labs."""
        return self._turns.alone() if scenario.kind == "load" else self._turns.shared()

    def _lab(self, scenario: Scenario, slot: Slot, *, real_time: bool) -> Lab | HttpLab | LoadLab:
        bench = self._workshop.bench_of(scenario.flow)
        if scenario.kind == "load":
            return LoadLab(bench, slot, scenario)
        if scenario.kind in ("forgery", "verdict", "storm"):
            return HttpLab(bench, slot, scenario)
        if scenario.kind == "schedule":
            return ScheduleLab(bench, slot, scenario, real_time=True)
        return Lab(bench, slot, scenario, real_time=real_time)

    def _judged(self, record: Record, slot: Slot) -> Judgement:
        return judge(self._keep(record, slot), controls=standing_controls(self.outcome.records))

    def _keep(self, record: Record, slot: Slot) -> Record:
        """Keep a record as the journal does, secrets masked: what is judged is what can be judged again."""
        masked = _masked(record, slot)
        self._journal.record(masked)
        self.outcome.records.append(masked)
        return masked


def _masked(record: Record, slot: Slot) -> Record:
    return decode(Record, encode(record, text=Masker(slot.provider.emulator.credentials.secrets())))


def _real_wait_ms(scenario: Scenario) -> float:
    """Guess how long a scenario waits in real time, to begin the longest first; a crowd comes last, for it comes alone."""
    if scenario.kind == "load":
        return -1.0
    hangs = scenario.fault is not None and scenario.fault.hangs and scenario.link_side == "browser"
    return 0.0 if hangs else scenario.expect.minted_after_ms + 60_000 * (scenario.kind == "forgery")


@contextlib.asynccontextmanager
async def open_engine(
    target: Target, plan: Plan, options: Options, listener: Listener, ground: Ground | None = None
) -> AsyncIterator[Engine]:
    """Open a workshop and a journal in ``options.out``; both are closed whatever happens, the journal keeps what was done.

    On ``ground`` where several engines share one; else on ground of its own, with the parts that ``options`` names.
    """
    async with open_workshop(
        target,
        plan,
        run_folder=options.out,
        toxiproxy=options.toxiproxy,
        browser=options.browser,
        engine=options.browser_engine,
        ground=ground,
    ) as workshop:
        for left in workshop.swept:
            listener.message(f"swept what {left} had left behind")
        with JournalWriter(options.out / FILE_NAME) as journal:
            engine = Engine(workshop, options, journal, listener, ground.turns if ground else None)
            try:
                yield engine
            finally:
                await engine.abort()
