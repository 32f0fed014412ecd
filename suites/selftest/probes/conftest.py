"""A real slot for tries over HTTP: Toxiproxy, provider, router, gate; and the target's own process for every lab."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from harness.certificates import Authority
from harness.engine.workshop import idle_values, meters_of
from harness.faults.base import FAULTS
from harness.journal.model import Record, Scenario
from harness.lab.bench import Bench
from harness.lab.probes import HttpLab
from harness.lab.slot import Slot
from harness.plan.build import Plan, make_plan
from harness.providers.base import PROVIDERS
from harness.target.loader import load_target
from harness.target.spec import Target
from suites.selftest.one_slot import open_toxiproxy, slot_of

FIXTURES = Path(__file__).parents[3] / "fixtures"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSlot:
    """A bench without a browser, and one slot; ``scenario`` finds one of the target's plan by its id."""

    bench: Bench
    slot: Slot
    plan: Plan

    def scenario(self, wanted: str) -> Scenario:
        return next(scenario for scenario in self.plan.scenarios if scenario.id == wanted)

    async def run(self, wanted: str) -> Record:
        return await HttpLab(self.bench, self.slot, self.scenario(wanted)).run()


Change = Callable[[Bench], Bench]
RunScenarios = Callable[..., dict[str, Record]]


@pytest.fixture(scope="module")
def run(
    toxiproxy_path: Path, tmp_path_factory: pytest.TempPathFactory, animal_folder: Callable[[str], Path]
) -> RunScenarios:
    """Run scenarios of the ``shop`` or of an animal one after another in one slot; ``change`` alters the bench before."""

    def run(app: str, *wanted: str, change: Change = lambda bench: bench) -> dict[str, Record]:
        async def all_of_them() -> dict[str, Record]:
            folder = FIXTURES / app if app == "shop" else animal_folder(app)
            target = load_target(folder / "captchaos.toml")
            async with one_slot(target, toxiproxy_path, tmp_path_factory.mktemp("run")) as here:
                changed = replace(here, bench=change(here.bench))
                return {name: await changed.run(name) for name in wanted}

        return asyncio.run(all_of_them())

    return run


@contextlib.asynccontextmanager
async def one_slot(target: Target, toxiproxy_path: Path, folder: Path) -> AsyncIterator[OneSlot]:
    plan, provider = make_plan(target), PROVIDERS.get(target.provider.use)
    authority = Authority(folder / "ca")
    async with open_toxiproxy(toxiproxy_path) as client, slot_of(client, authority, target.provider, plan.links) as slot:
        bench = Bench(
            target=target, provider=provider, browser=cast(Any, None), links=plan.links, faults=FAULTS.all(),
            meters=meters_of(client), run_folder=folder, work_folder=folder, idle=idle_values(target, plan),
        )  # fmt: skip
        yield OneSlot(bench=bench, slot=slot, plan=plan)
