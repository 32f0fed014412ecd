"""``captchaos fuzz schedules``: run what its sources choose, judge it, and say what was covered.

Each failure is made small, and kept as a case.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.catalog import Schedule, Stroke
from harness.engine.options import Options as RunOptions
from harness.errors import ConfigurationError, UsageError, closest
from harness.explore import cases
from harness.explore.arrays import Array, Drawn, covering_array
from harness.explore.cases import Case, Rerun
from harness.explore.finding import Discovery, Failure
from harness.explore.kinds import KINDS, CaseKind, Options, Outcome, demand_hypothesis
from harness.explore.minimise import smallest
from harness.explore.sources import Sources, guided
from harness.explore.trials import Kind, Trials, kind_of, kinds_of, open_trials
from harness.journal.model import Judgement, Scenario, Verdict
from harness.judge.felt import unfelt
from harness.judge.oracle import ORACLES
from harness.plan.build import Plan, make_plan
from harness.plan.schedules import scheduled
from harness.report.text import one_line
from harness.target.problems import display
from harness.target.spec import FlowSpec, Target

HEALTH = "outage"
CONFIRMED = 2


def search(target: Target, options: Options, outcome: Outcome) -> None:
    """Search for schedules that break the target until the options end it; what is found stands in ``outcome`` at once.

    Raises UsageError where there is no flow to search on, and what a laboratory raises that breaks.
    """
    if HEALTH not in options.healths:
        raise UsageError("`captchaos fuzz schedules` has no health: its faults are outages; leave --in out")
    flows = _flows(target, options)
    plan = make_plan(target)
    demand_hypothesis()
    array = covering_array(target, plan, flows, seed=options.seed)
    sources = guided(plan, flows, array.rows(), seed=options.seed)
    outcome.coverage.plan((flow.name, HEALTH) for flow in flows)
    outcome.coverage.can_meet(array.pairs)
    with tempfile.TemporaryDirectory(prefix="captchaos-schedules-") as folder:
        asyncio.run(_Search(target, plan, array, sources, options, outcome).go(Path(folder)))


def _flows(target: Target, options: Options) -> tuple[FlowSpec, ...]:
    known = {name: flow for name, flow in target.flows.items() if flow.browser}
    for name in options.flows:
        if name not in known:
            raise UsageError(f"no flow with a user is called {name!r}{closest(name, known)}")
    chosen = tuple(known[name] for name in options.flows) or tuple(known.values())
    if not chosen:
        raise UsageError("the target has no flow with a user (flows.NAME.browser), so nobody meets a schedule")
    return chosen


@dataclass(slots=True)
class _Search:
    """One search.

    ``known`` is the small schedule of each repeatable discovery, by place.
    """

    target: Target
    plan: Plan
    array: Array
    sources: Sources
    options: Options
    outcome: Outcome
    tried: int = 0
    known: dict[int, tuple[Kind, Schedule]] = field(default_factory=dict)

    async def go(self, folder: Path) -> None:
        """Run schedules one after the other."""
        ends_s = None if self.options.seconds is None else time.monotonic() + self.options.seconds
        async with _trials(self.target, self.plan, self.options, folder) as trials:
            try:
                while not self._over(ends_s) and (drawn := self._next()) is not None:
                    await self._one(drawn, trials)
            finally:
                self.outcome.notes.append(self._said())

    def _over(self, ends_s: float | None) -> bool:
        enough = self.options.examples is not None and self.tried >= self.options.examples
        return enough or (ends_s is not None and time.monotonic() >= ends_s)

    def _next(self) -> Drawn | None:
        began_s = time.monotonic()
        drawn = self.sources.next()
        self.outcome.making_s += time.monotonic() - began_s
        return drawn

    async def _one(self, drawn: Drawn, trials: Trials) -> None:
        scenario = scenario_of(self.plan, self.target, drawn.flow, drawn.profile, drawn.schedule)
        self.options.tell(f"{drawn.flow}: {drawn.schedule}")
        began_s = time.monotonic()
        record, judgement = await trials.run(scenario)
        self.outcome.asking_s += time.monotonic() - began_s
        missed = unfelt(record)
        judged = self._count(drawn, judgement, missed)
        if judged and self.array.has(drawn):
            self.outcome.coverage.met(drawn.pairs(number for number in (0, 1) if number not in missed))
        self.sources.heard(drawn, record, missed)
        if judgement.verdict is Verdict.FAIL:
            await self._found(drawn, judgement, trials)

    def _count(self, drawn: Drawn, judgement: Judgement, missed: Mapping[int, str]) -> bool:
        """Count a schedule, and say whether it was judged: an unknown verdict is no example of anything."""
        self.tried += 1
        judged = judgement.verdict is not Verdict.UNKNOWN
        label = " + ".join(one.link for one in drawn.schedule.strokes)
        self.outcome.count(label, _became(judgement, missed), flow=drawn.flow if judged else "", health=HEALTH)
        if not judged:
            self.outcome.examples -= 1
            self.outcome.coverage.unjudged.setdefault(drawn.flow, one_line(judgement.unknown_because, 300))
        return judged

    async def _found(self, drawn: Drawn, judgement: Judgement, trials: Trials) -> None:
        wanted, discoveries = kind_of(judgement.findings[0]), self.outcome.discoveries
        for place, (kind, small) in self.known.items():
            if (kind, discoveries[place].flow) == (wanted, drawn.flow) and _holds(drawn.schedule, small):
                discoveries[place] = discoveries[place].again(with_=f"{drawn.flow}: {drawn.schedule}")
                return
        place = len(discoveries)
        raw = _discovery(drawn, _failure(judgement, wanted, drawn.schedule), drawn.schedule, came=0)
        # A search that ends while this is made small has found it all the same.
        discoveries.append(replace(raw, shown=f"{raw.shown} (not made small, not tried again: the search ended before)"))
        seen: list[Judgement] = []

        async def fails(schedule: Schedule) -> bool:
            _record, again = await trials.run(scenario_of(self.plan, self.target, drawn.flow, drawn.profile, schedule))
            failed = _failed(again, wanted)
            seen.extend([again] if failed else [])
            return failed

        small = await smallest(drawn.schedule, fails)
        came = sum([await fails(small) for _time in range(CONFIRMED)])
        discovery = _discovery(drawn, _failure((seen or [judgement])[-1], wanted, small), small, came=came)
        discoveries[place] = discovery
        if discovery.repeatable:
            self.known[place] = wanted, small
            discovery = discoveries[place] = replace(discovery, case=self._kept(discovery))
        self.options.found(discovery)

    def _kept(self, found: Discovery) -> Path:
        folder = self.options.cases or cases.folder_of(self.target.file)
        case = Case(
            kind=Schedules.case_kind,
            target=cases.target_words(self.target.file, folder),
            flow=found.flow,
            health=found.health,
            input=found.input,
            finding=found.failure,
            seed=self.options.seed,
            found_unix_s=int(time.time()),
        )
        return cases.save(case, folder)

    def _said(self) -> str:
        pairs = self.outcome.coverage.pairs
        felt = sum(count > 0 for count in pairs.values())
        share = 100 * felt / max(1, len(pairs))
        rows, drawn, varied = self.sources.rows, self.sources.drawn, self.sources.varied
        return (
            f"pairs felt together: {felt} of {len(pairs)} ({share:.0f} %), by {rows} rows of the "
            f"covering array, {drawn} drawn by Hypothesis and {varied} beside what showed something new; "
            f"every combination would be {self.array.of} schedules"
        )


def _trials(target: Target, plan: Plan, options: Options, folder: Path) -> Any:
    ran = RunOptions(out=folder, jobs=1, seed=options.seed, toxiproxy=options.toxiproxy, browser=options.browser)
    return open_trials(target, plan, ran, options.tell)


def scenario_of(plan: Plan, target: Target, flow: str, profile: str, schedule: Schedule) -> Scenario:
    """Plan a drawn schedule, on its flow's own page size or another; raises UsageError for what cannot be struck together."""
    own = target.flows[flow].profile
    return scheduled(plan, target, flow, schedule, profile="" if profile in (own, "none") else profile)


def _discovery(drawn: Drawn, failure: Failure, schedule: Schedule, *, came: int) -> Discovery:
    return Discovery(
        failure=failure,
        flow=drawn.flow,
        health=HEALTH,
        input={"schedule": schedule.as_data(), "profile": drawn.profile},
        shown=str(schedule),
        seen=came,
        of=CONFIRMED,
    )


def _holds(schedule: Schedule, small: Schedule) -> bool:
    """Whether a schedule breaks all that a smaller one breaks, in the same ways and for as long."""
    return all(
        any(
            (one.link, one.fault) == (other.link, other.fault) and _lasts_ms(one) >= _lasts_ms(other)
            for one in schedule.strokes
        )
        for other in small.strokes
    )


def _lasts_ms(stroke: Stroke) -> float:
    return float("inf") if stroke.lasts_ms is None else stroke.lasts_ms


def _became(judgement: Judgement, missed: Mapping[int, str]) -> str:
    # What one fault hides from another is no doubt about the target.
    hidden = judgement.verdict is Verdict.UNKNOWN and judgement.fault_felt and missed
    return "partly felt" if hidden else judgement.verdict.value


def _fails(judgement: Judgement) -> bool:
    return judgement.verdict is Verdict.FAIL


def _failed(judgement: Judgement, wanted: Kind) -> bool:
    return _fails(judgement) and wanted in kinds_of(judgement)


def _failure(judgement: Judgement, wanted: Kind, schedule: Schedule) -> Failure:
    found = next(one for one in judgement.findings if kind_of(one) == wanted)
    return Failure(rule=found.oracle, cause=str(schedule), expected=found.expected, seen=found.seen)


class Schedules:
    """The kind of search."""

    name = "schedules"
    case_kind: CaseKind = "schedule"
    title = "two faults of one flow and more, in the browser"

    def explore(self, target: Target, options: Options, outcome: Outcome) -> None:
        """Search by the covering array, by drawing, and beside what showed something new."""
        search(target, options, outcome)

    def rerun(self, case: Case, target: Target, *, times: int, options: Options) -> Rerun:
        """Let a user of a fresh target meet a case's schedule, so many times."""
        plan = make_plan(target)
        try:
            schedule = Schedule.from_data(case.input.get("schedule"), where="input.schedule")
            scenario = scenario_of(plan, target, case.flow, str(case.input.get("profile") or ""), schedule)
        except UsageError as error:
            raise ConfigurationError(f"{display(case.file) if case.file else 'the case'}: {error}") from error
        rules = [slug for slug, oracle in ORACLES.all().items() if oracle.applies(scenario)]
        cases.demand_known(case, rules=rules, healths=(HEALTH,))
        with tempfile.TemporaryDirectory(prefix="captchaos-case-") as folder:
            judgements = asyncio.run(_again(target, plan, options, Path(folder), scenario, times))
        rule, cause = case.finding.rule, case.finding.cause
        of_rule = [[one for one in judgement.findings if one.oracle == rule] for judgement in judgements]
        failed = [found[0] for found, judgement in zip(of_rule, judgements, strict=True) if found and _fails(judgement)]
        failures = tuple(Failure(rule=rule, cause=cause, expected=one.expected, seen=one.seen) for one in failed)
        because = tuple(one.unknown_because for one in judgements if one.verdict is Verdict.UNKNOWN)
        return Rerun(seen=len(failures), of=times, failures=failures, unknown=len(because), because=because)


async def _again(target: Target, plan: Plan, options: Options, folder: Path, scenario: Scenario, times: int) -> list[Judgement]:
    async with _trials(target, plan, options, folder) as trials:
        return [(await trials.run(scenario))[1] for _time in range(times)]


KINDS.add(Schedules.name, Schedules())
