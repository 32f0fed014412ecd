"""Repeat a recorded scenario: the same faults in the same order, seed, barriers and clock, on the same target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from harness.browsers import engine_named
from harness.catalog import STANDS, Schedule
from harness.engine.options import Options
from harness.errors import ConfigurationError, UsageError, closest
from harness.explore.minimise import smallest
from harness.explore.still_there import demand_flow, demand_parts
from harness.explore.trials import Kind, Trials, kind_of, kinds_of, open_trials
from harness.journal.model import Judgement, RunInfo, Scenario, Verdict
from harness.journal.reader import read_journal
from harness.journal.waivers import in_force
from harness.journal.writer import FILE_NAME
from harness.judge.verdict import judge_run
from harness.plan.build import Plan, make_plan
from harness.plan.schedules import KIND, Manner, scheduled, stroke_of
from harness.target.loader import find_target, load_target
from harness.target.problems import display
from harness.target.spec import Target

# How often a recorded fail is tried before it is called not repeatable.
TRIES = 3
_ASKED = ("exactly-once", "business-completes", "recovers", "verdict-is-a-verdict", "bounded-wait")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A scenario of a run, what came of it there, and the target as it is now.

    ``drifted``: this captchaos, or the target file as it is now, plans a scenario of that id otherwise.
    """

    run: RunInfo
    scenario: Scenario
    judgement: Judgement
    target: Target
    plan: Plan
    drifted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What came of one repeat. ``same``: its verdict is the recorded one, resting on the same kinds of findings.

    One that could not be judged is never the same: nobody knows what it would have shown.
    """

    judgement: Judgement
    same: bool
    real_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimised:
    """What became of a schedule that was made small. ``scenario`` is None where the recorded fail did not come again."""

    before: Schedule
    scenario: Scenario | None
    finding: str
    trials: int


def recorded(folder: Path, words: str, *, target: str | None = None) -> Recorded:
    """Find a scenario in a run's folder and load its target, be it from other ``target`` words than the run's.

    Raises UsageError with the closest match for an unknown scenario, JournalError for a journal that this version does not
    read, ConfigurationError where the target is not the run's any more, or has not all that the scenario needs.
    """
    journal = read_journal(folder / FILE_NAME)
    scenarios = {record.scenario.id: record.scenario for record in journal.records}
    if words not in scenarios:
        raise UsageError(f"the run {display(folder)} has no scenario {words!r}{closest(words, scenarios)}"[:400])
    scenario = scenarios[words]
    if scenario.kind == "control":
        raise UsageError(f"{words} is a control: it is run at both ends of every replay of another scenario")
    judgements = {**judge_run(journal.records, waivers=in_force(journal.run)), **journal.judgements}
    loaded = _target(journal.run, scenario, target)
    plan = make_plan(loaded, engine=engine_named(journal.run.browser_engine))
    demand_parts(scenario, loaded, plan)
    planned = next((one for one in plan.scenarios if one.id == words), None)
    return Recorded(
        run=journal.run,
        scenario=scenario,
        judgement=judgements[words],
        target=loaded,
        plan=plan,
        drifted=planned is not None and planned != scenario,
    )


def _target(run: RunInfo, scenario: Scenario, words: str | None) -> Target:
    loaded = load_target(find_target(words or run.target_words or None))
    at = display(loaded.file)
    if loaded.name != run.target:
        hint = "name the run's own with --target" if words is None else "name another with --target"
        raise ConfigurationError(f"{at}: this is the target {loaded.name!r}, and the run was of {run.target!r}: {hint}")
    demand_flow(scenario, loaded)
    return loaded


async def repeat(known: Recorded, options: Options, *, times: int, tell: Callable[[int, Again], None]) -> list[Again]:
    """Run it again so many times, each on a fresh target; ``tell`` is told each as it comes."""
    repeats: list[Again] = []
    async with open_trials(known.target, known.plan, _as_it_was(options, known.run)) as trials:
        for number in range(1, times + 1):
            record, judgement = await trials.run(known.scenario)
            repeats.append(Again(judgement=judgement, same=_same(judgement, known), real_ms=record.evidence.real_ms))
            tell(number, repeats[-1])
    return repeats


def _as_it_was(options: Options, run: RunInfo) -> Options:
    return replace(
        options,
        seed=run.seed,
        real_time=run.real_time,
        target_words=run.target_words,
        browser_engine=run.browser_engine,
    )


def _same(judgement: Judgement, known: Recorded) -> bool:
    # A run's own waivers are no part of what happened: what was waived then is a fail that its owner knows.
    then = known.judgement
    verdict = Verdict.FAIL if then.verdict is Verdict.WAIVED else then.verdict
    found = kinds_of(then) | {kind_of(one.finding) for one in then.waived}
    now = Verdict.FAIL if judgement.verdict is Verdict.WAIVED else judgement.verdict
    return (
        now is not Verdict.UNKNOWN
        and now is verdict
        and kinds_of(judgement) | {kind_of(one.finding) for one in judgement.waived} == found
    )


def schedule_in(scenario: Scenario) -> Schedule:
    """The faults of a scenario as a schedule; raises UsageError where it has none that can be made fewer or shorter."""
    if scenario.kind == KIND:
        return scenario.strokes
    if scenario.kind != "fault" or scenario.strikes != STANDS:
        raise UsageError(f"{scenario.id} (kind {scenario.kind}) has no faults that could be made fewer or shorter")
    return Schedule(strokes=(stroke_of(scenario),))


async def minimise(known: Recorded, options: Options, *, tell: Callable[[str, bool], None]) -> Minimised:
    """Make its faults fewer and shorter while the same finding stays; ``tell`` is told of each trial whether it still fails.

    Raises UsageError as :func:`what_stays` does.
    """
    before, wanted = schedule_in(known.scenario), what_stays(known)
    async with open_trials(known.target, known.plan, _as_it_was(options, known.run)) as trials:
        again = _Again(known, trials, wanted, tell)
        if not await again.comes(before):
            return Minimised(before=before, scenario=None, finding=wanted[0], trials=trials.count)
        small = await smallest(before, again.fails)
        return Minimised(before=before, scenario=again.planned(small), finding=wanted[0], trials=trials.count)


def what_stays(known: Recorded) -> Kind:
    """The finding that must stay: the first; of a single fault the first that a schedule is asked about, too.

    Raises UsageError for a scenario that did not fail, and for one whose faults cannot be made fewer or shorter.
    """
    if known.judgement.verdict not in (Verdict.FAIL, Verdict.WAIVED):
        verdict = known.judgement.verdict
        raise UsageError(f"{known.scenario.id} is no fail (its verdict is {verdict}): there is nothing to make small")
    schedule_in(known.scenario)
    found = [*known.judgement.findings, *(one.finding for one in known.judgement.waived)]
    kinds = [kind_of(one) for one in found]
    if known.scenario.kind == KIND:
        return kinds[0]
    asked = next((kind for kind in kinds if kind[0] in _ASKED), None)
    if asked is None:
        oracles = ", ".join(dict.fromkeys(kind[0] for kind in kinds))
        raise UsageError(f"{known.scenario.id} has one fault, and what it shows ({oracles}) no schedule is asked about")
    # How often it took effect is asked of schedules by an oracle of its own.
    return ("exactly-once", "") if asked[0] == "business-completes" and "effect" in asked[1] else asked


class _Again:
    """Tries schedules on a recorded scenario's flow and page, and tells whether the wanted finding is there."""

    def __init__(self, known: Recorded, trials: Trials, wanted: Kind, tell: Callable[[str, bool], None]) -> None:
        self._known, self._trials, self._wanted, self._tell = known, trials, wanted, tell

    def planned(self, schedule: Schedule) -> Scenario:
        """The schedule as a scenario like the recorded one."""
        known = self._known
        if schedule == known.scenario.strokes:
            return known.scenario
        like = known.scenario.browser_profile
        own = known.target.flows[known.scenario.flow].profile
        profile = "" if like in (own, "none") else like
        manner = Manner.of(known.scenario)
        return scheduled(known.plan, known.target, known.scenario.flow, schedule, profile=profile, manner=manner)

    async def fails(self, schedule: Schedule) -> bool:
        """Whether it fails in the wanted way."""
        _record, judgement = await self._trials.run(self.planned(schedule))
        oracle, expected = self._wanted
        kinds = kinds_of(judgement) | {kind_of(one.finding) for one in judgement.waived}
        there = any(kind[0] == oracle and expected in ("", kind[1]) for kind in kinds)
        failed = there and judgement.verdict in (Verdict.FAIL, Verdict.WAIVED)
        self._tell(str(schedule), failed)
        return failed

    async def comes(self, schedule: Schedule) -> bool:
        """Whether the recorded fail comes again at all."""
        for _try in range(TRIES):
            if await self.fails(schedule):
                return True
        return False
