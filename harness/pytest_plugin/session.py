"""One pytest session's run: which scenarios its items need, the engine behind them, and the report at the end."""

from __future__ import annotations

import dataclasses
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

import pytest

from harness.browsers import engine_named
from harness.engine.budget import Budget
from harness.engine.options import Options
from harness.errors import HarnessError, LaboratoryError, UsageError
from harness.journal.model import Judgement, Record, Scenario, Verdict
from harness.plan.build import make_plan
from harness.plan.sampling import most_telling_first, sample
from harness.plan.shards import Shard
from harness.pytest_plugin import attaching, telling
from harness.pytest_plugin.background import BackgroundEngine, LeftOutError
from harness.pytest_plugin.interest import Interest, wanted
from harness.pytest_plugin.outcome import Outcome
from harness.pytest_plugin.places import final_folder
from harness.report.waived import in_words
from harness.target.loader import find_target, load_target
from harness.target.problems import display

DURATION = pytest.StashKey[float]()


class Planned(str):
    """A scenario as a test's parameter: to whoever shows it, or makes a history by it, it is the scenario's id."""

    scenario: Scenario

    def __new__(cls, scenario: Scenario) -> Self:
        """Take the id for the text."""
        planned = super().__new__(cls, scenario.id)
        planned.scenario = scenario
        return planned


class Run:
    """The run of one pytest process, over one target. ``handed`` is the verdict that each scenario's items were told."""

    def __init__(self, config: pytest.Config, out: Path, named: Path | None, *, on_demand: bool) -> None:
        self.config = config
        self.out = out
        self.handed: dict[str, Verdict] = {}
        self.on_demand = on_demand
        self.started = False
        self._named = named
        target = load_target(find_target(str(named) if named else None))
        if on_demand and (why := target.one_at_a_time):
            raise UsageError(f"{display(target.file)}: {why}; each of pytest's workers has a laboratory: leave -n out")
        self._target = target
        self._plan = make_plan(target, engine=engine_named(self._browser_engine))
        self._engine: BackgroundEngine | None = None
        self._selected: dict[str, Scenario] = {}
        self._last: pytest.Item | None = None
        self._budget_s: float | None = config.getoption("captchaos_budget")
        self._began_s = time.monotonic()

    @property
    def target_file(self) -> Path:
        """The file of the target."""
        return self._target.file

    @property
    def planned(self) -> int:
        """How many scenarios this session's items need."""
        return len(self._selected)

    @property
    def _browser_engine(self) -> str:
        # A default that is a text would be read as if it had been said, by modules that a foreign session never needs.
        return self.config.getoption("captchaos_engine") or "chromium"

    @property
    def error(self) -> HarnessError | None:
        """What broke the laboratory, once the run is closed."""
        return self._engine.error if self._engine is not None else None

    def parameters(self, interests: Iterable[Interest]) -> list[object]:
        """Make one pytest parameter per scenario; a target that has none of them gets one skip that says so."""
        scenarios = wanted(self._plan.scenarios, interests)
        if scenarios:
            return [pytest.param(Planned(scenario), id=scenario.id) for scenario in scenarios]
        # A target may lack a whole kind, say every fault of a server's side. That is no failure of it, and a claim that just
        # vanished from the list would look as if it had been tried.
        reason = f"the target {self._target.name} has no such scenario"
        return [pytest.param(None, id="none", marks=pytest.mark.skip(reason=reason))]

    def part_of(self, items: Sequence[pytest.Item]) -> list[pytest.Item]:
        """What a sample or a shard leaves of the items, and for a budget the most telling first; others stay at the front."""
        needed = {scenario.id: scenario for item in items if (scenario := scenario_of(item)) is not None}
        if self.config.getoption("captchaos_sample"):
            sampled = {scenario.id for scenario in sample(self._plan.scenarios)}
            needed = {id_: scenario for id_, scenario in needed.items() if id_ in sampled}
        ordered = most_telling_first(tuple(needed.values()))
        shard: Shard | None = self.config.getoption("captchaos_shard")
        places = {scenario.id: place for place, scenario in enumerate(ordered if shard is None else shard.part(ordered))}
        kept = [item for item in items if (scenario := scenario_of(item)) is None or scenario.id in places]
        if self._budget_s is not None:
            kept.sort(key=lambda item: -1 if (scenario := scenario_of(item)) is None else places[scenario.id])
        return kept

    def begin(self, items: Sequence[pytest.Item]) -> None:
        """Start the engine over what the items need; in an xdist worker it starts with the first that is asked for."""
        self._began_s = time.monotonic()
        self._selected = {scenario.id: scenario for item in items if (scenario := scenario_of(item)) is not None}
        if self._selected and not self.on_demand:
            self._last = next(item for item in reversed(items) if scenario_of(item) is not None)
            self._engine = self._open(list(self._selected.values()))

    def outcome(self, item: pytest.Item, scenario: Scenario) -> Outcome:
        """Wait for a scenario's outcome; raises :class:`LaboratoryError` when nothing is known of the target."""
        if self.on_demand and self._budget_s is not None and time.monotonic() - self._began_s > self._budget_s:
            raise LeftOutError(f"{scenario.id} was left out: the budget of {self._budget_s:g} s is spent")
        if self._engine is None:
            self._engine = self._open([scenario])
        self._engine.add(scenario)
        record, judgement = self._engine.wait(scenario.id)
        if scenario.id not in self.handed:
            self.handed[scenario.id] = judgement.verdict
            item.stash[DURATION] = record.evidence.real_ms / 1000
        attaching.describe(item, record, judgement, folder=self.out, final=final_folder(self.config, self.out))
        if judgement.verdict is Verdict.UNKNOWN:
            attaching.show_in_allure(item)
            raise LaboratoryError(telling.unknown(record, judgement.unknown_because, self.command(item)))
        return Outcome(record=record, judgement=judgement)

    def command(self, item: pytest.Item) -> str:
        """The command that runs an item again."""
        file, colons, test = item.nodeid.partition("::")
        nodeid = os.path.relpath(self.config.rootpath / file, self.config.invocation_params.dir) + colons + test
        # An item of the target file names it itself.
        named = None if (self.config.rootpath / file).resolve() == self._target.file else self._named
        real_time = bool(self.config.getoption("captchaos_real_time"))
        return telling.command(nodeid, target=named, engine=self._browser_engine, real_time=real_time)

    def after(self, item: pytest.Item) -> None:
        """Close the laboratory when no item that follows needs it, so that other tests have the machine to themselves."""
        if item is self._last:
            self.close(abort=False)

    def close(self, *, abort: bool) -> None:
        """End the engine; its journal is whole afterwards. Closing again does nothing."""
        if self._engine is not None:
            self._engine.close(abort=abort)

    def _open(self, scenarios: list[Scenario]) -> BackgroundEngine:
        self.started = True
        jobs: int | None = self.config.getoption("captchaos_jobs")
        options = Options(
            out=self.out,
            jobs=jobs or (1 if self.on_demand else None),
            real_time=bool(self.config.getoption("captchaos_real_time")),
            target_words=str(self._named) if self._named else "",
            budget=Budget(self._budget_s),
            browser_engine=self._browser_engine,
            shard=str(self.config.getoption("captchaos_shard") or ""),
        )
        # Controls of flows and builds that no item needs would say nothing about any of them.
        needed = list(self._selected.values())
        flows = {scenario.flow for scenario in needed}
        controls = tuple(control for control in self._plan.controls if control.flow in flows)
        plan = dataclasses.replace(self._plan, scenarios=tuple(needed), controls=controls)
        return BackgroundEngine(self._target, plan, options, scenarios, more=self.on_demand)


def scenario_of(item: pytest.Item) -> Scenario | None:
    """The scenario whose outcome an item asks for."""
    spec = getattr(item, "callspec", None)
    parameter = spec.params.get("outcome") if spec is not None else None
    return parameter.scenario if isinstance(parameter, Planned) else None


def changed_minds(handed: Mapping[str, Verdict], final: Mapping[str, Judgement]) -> list[str]:
    """Say which passes the whole run takes back, waived ones among them: the controls at a slot's end can do that."""
    told = {Verdict.PASS: "a pass", Verdict.WAIVED: "waived"}
    return [
        f"{scenario_id} was reported as {told[verdict]} and is {final[scenario_id].verdict.value}: "
        f"{final[scenario_id].unknown_because}"
        for scenario_id, verdict in handed.items()
        if verdict in told and scenario_id in final and final[scenario_id].verdict is not verdict
    ]


def counted(records: Sequence[Record], final: Mapping[str, Judgement]) -> str:
    """Count scenarios by verdict, controls left out."""
    ids = {record.scenario.id for record in records if record.scenario.kind != "control"}
    return in_words(Counter(final[scenario_id].verdict for scenario_id in ids if scenario_id in final))
