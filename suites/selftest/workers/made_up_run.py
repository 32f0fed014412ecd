"""A run on an engine of its own whose labs are made up: what each leaves behind is written here, all else is real."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.engine.engine import Engine
from harness.engine.options import Options
from harness.engine.workshop import Workshop
from harness.errors import LaboratoryError
from harness.journal.model import Record, Scenario, Verdict
from harness.journal.writer import JournalWriter
from harness.plan.build import Plan
from harness.target.loader import find_target, load_target
from harness.target.spec import Target
from suites.selftest.judge import records

SHOP = load_target(find_target(None))
LIMIT_S = 10.0
BROKEN = "the target did not start"


def scenarios(number: int) -> list[Scenario]:
    """So many scenarios of one flow and build, each of which passes where its lab is left alone."""
    return [replace(records.SCENARIO, id=f"scenario-{at}") for at in range(number)]


def sound(scenario: Scenario) -> Record:
    """What a control or scenario leaves behind when everything is as it should be."""
    return replace(records.control() if scenario.kind == "control" else records.client_fault(), scenario=scenario)


def broken(scenario: Scenario) -> Record:
    """What it leaves behind when it could not be run."""
    return records.with_evidence(sound(scenario), lab_error=BROKEN)


@dataclass(slots=True)
class Asked:
    """One lab that was run: of what, in which slot, for which time."""

    scenario: Scenario
    slot: int
    attempt: int = 1

    @property
    def is_control(self) -> bool:
        """Whether it was a control."""
        return self.scenario.kind == "control"


@dataclass(slots=True)
class Run:
    """The script of a run, and what came of it. ``play`` is what a lab does; ``open_slot`` may raise.

    ``controls_fail``, ``late`` and ``closing_controls`` are handed to the engine.
    """

    play: Callable[[Asked], Awaitable[Record]]
    jobs: int | None = 2
    open_slot: Callable[[int], Awaitable[None]] | None = None
    controls_fail: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    closing_controls: bool = True
    target: Target = SHOP
    asked: list[Asked] = field(default_factory=list)
    done: list[tuple[str, Verdict]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    on_done: Callable[[str], None] = lambda _: None

    def scenario_started(self, scenario_id: str) -> None:
        """Nothing."""

    def scenario_done(self, scenario_id: str, verdict: Verdict, real_ms: float) -> None:
        """Keep the verdict."""
        self.done.append((scenario_id, verdict))
        self.on_done(scenario_id)

    def message(self, text: str) -> None:
        """Keep the words."""
        self.said.append(text)

    def slots_of(self, scenario_id: str) -> list[int]:
        """In which slots a scenario was run."""
        return [one.slot for one in self.asked if one.scenario.id == scenario_id]

    @contextlib.asynccontextmanager
    async def engine(self, folder: Path) -> AsyncIterator[Engine]:
        """The engine over this script; nothing in it may take longer than ``LIMIT_S``."""
        with pytest.MonkeyPatch.context() as patch, JournalWriter(folder / "journal.jsonl") as journal:
            patch.setattr("harness.engine.engine.Lab", self._lab)
            options = Options(
                out=folder,
                jobs=self.jobs,
                controls_fail=self.controls_fail,
                late=self.late,
                closing_controls=self.closing_controls,
            )
            engine = Engine(self._workshop(), options, journal, self)
            try:
                async with asyncio.timeout(LIMIT_S):
                    yield engine
            finally:
                await engine.abort()

    def _lab(self, _bench: object, slot: Any, scenario: Scenario, *, real_time: bool) -> Any:
        async def run(*, attempt: int = 1, repeat_reason: str = "") -> Record:
            asked = Asked(scenario, slot.number, attempt)
            self.asked.append(asked)
            await turns_of_the_loop()
            left = await self.play(asked)
            return replace(left, slot=slot.number, attempt=attempt, repeat_reason=repeat_reason)

        return SimpleNamespace(run=run)

    def _workshop(self) -> Workshop:
        async def open_slot(number: int, _flow: str) -> Any:
            if self.open_slot is not None:
                await self.open_slot(number)
            nothing_secret = SimpleNamespace(secrets=lambda: ())
            emulator = SimpleNamespace(credentials=nothing_secret)
            return SimpleNamespace(number=number, provider=SimpleNamespace(emulator=emulator), keeping=None)

        return cast(
            Workshop,
            SimpleNamespace(
                run_id="made-up",
                target=replace(self.target, flows=cast(Any, defaultdict(lambda: SimpleNamespace(provider=""))), waivers=()),
                plan=Plan(scenarios=(), controls=(records.control().scenario,), links_by_provider={"": {}}),
                documented=tuple,
                contradictions=tuple,
                parts=SimpleNamespace(toxiproxy=SimpleNamespace(version="0", how="none"), browser=SimpleNamespace(version="0")),
                bench=None,
                open_slot=open_slot,
                bench_of=lambda _flow: None,
            ),
        )


async def turns_of_the_loop(number: int = 20) -> None:
    """Let everybody else go on as far as they can without news from outside."""
    for _ in range(number):
        await asyncio.sleep(0)


async def error_of(engine: Engine) -> LaboratoryError:
    """How the run ends that cannot go on."""
    with pytest.raises(LaboratoryError) as raised:
        await engine.finish()
    return raised.value
