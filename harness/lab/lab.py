"""The lab of one browser scenario: set up, let the user through the broken link, heal, let three more users through."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, WebError
from playwright.async_api import Error as PlaywrightError

from harness.catalog import Behaviour, Family, Link, Side
from harness.errors import HarnessError
from harness.faults.base import Edge, Fault
from harness.journal.model import Evidence, Record, Scenario, Sighting, Visit
from harness.lab import collect
from harness.lab.clock import PageClock
from harness.lab.controls import ContextControls
from harness.lab.provider_clock import EmulatorClock
from harness.lab.recorder import Recorder
from harness.lab.sightings import Meters, Snapshot, sightings
from harness.lab.slot import TARGET_HOST, Slot
from harness.lab.stage import Stage
from harness.lab.striker import Striker
from harness.lab.traffic import Flight, Traffic
from harness.lab.user import FlowHandle, pass_through
from harness.providers.base import Provider
from harness.target import signals
from harness.target.spec import FlowSpec, Target

OBSERVER = Path(__file__).with_name("observer.js").read_text(encoding="utf-8")
RECOVERIES = ("same-tab", "new-tab", "new-visitor")
LATE_CALLBACK_MS = 2000
LINGER_LIMIT_S = 60.0
VIEWPORT = {"desktop": {"width": 1100, "height": 720}, "phone": {"width": 390, "height": 760}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What all labs of a run share. ``run_folder`` is where screenshots go; ``work_folder`` is temporary."""

    target: Target
    provider: Provider
    browser: Browser
    links: Mapping[str, Link]
    faults: Mapping[str, Fault]
    meters: Callable[[Slot], Awaitable[Meters]]
    run_folder: Path
    work_folder: Path
    real_time: bool = False
    drives: Mapping[str, Callable[[Any, Any], Awaitable[None]]] = field(default_factory=dict)


class Lab:
    """One scenario in one slot. :meth:`run` always returns a record; what broke in the lab itself is its ``lab_error``."""

    def __init__(self, bench: Bench, slot: Slot, scenario: Scenario, *, real_time: bool) -> None:
        self._bench = bench
        self._slot = slot
        self._scenario = scenario
        self._flow: FlowSpec = bench.target.flows[scenario.flow]
        self._real_time = real_time
        self._recorder = Recorder()
        self._visits: list[Visit] = []
        self._traffic: list[Traffic] = []
        self._striker: Striker | None = None
        self._stage: Stage | None = None
        self._before = Meters()
        self._healed_meters = Meters()
        self._at_heal = Snapshot()

    async def run(self, *, attempt: int = 1, repeat_reason: str = "") -> Record:
        """Run the scenario; the slot is left as it is (the next lab resets it)."""
        error = ""
        try:
            await self._run()
        except HarnessError as broken:
            error = str(broken)
        except PlaywrightError as broken:
            error = f"the browser broke: {broken.message.splitlines()[0]}"
        except Exception as broken:  # noqa: BLE001 - one lab's unforeseen crash must not take the evidence of the others with it
            error = f"unforeseen {type(broken).__name__} in the lab: {broken}"
        evidence = await self._evidence(error)
        if self._stage is not None:
            await self._stage.stop()
        return Record(
            scenario=self._scenario,
            evidence=evidence,
            slot=self._slot.number,
            attempt=attempt,
            repeat_reason=repeat_reason,
            began_unix_s=round(self._recorder.began_unix_s, 3),
        )

    async def _run(self) -> None:
        slot, scenario = self._slot, self._scenario
        self._stage = await Stage.set_up(self._bench.target, slot, scenario.build, self._bench.work_folder, scenario.id)
        self._before = await self._bench.meters(slot)
        context = await self._context()
        try:
            if scenario.kind == "control":
                page = await context.new_page()
                await self._visit("control", page, scenario.behaviour, account=1)
            else:
                await self._broken_then_healed(context)
        finally:
            await context.close()

    async def _broken_then_healed(self, context: BrowserContext) -> None:
        scenario, recorder = self._scenario, self._recorder
        striker = self._striker = self._make_striker(context)
        traffic = self._traffic[-1]
        clock = PageClock(
            context,
            recorder,
            may_advance=lambda: self._only_timers_can_end_it(traffic),
            changed=lambda: max(traffic.changed, self._slot.last_activity()),
        )
        if not self._real_time and striker_hangs(self._bench.faults, scenario) and scenario.link_side is Side.BROWSER:
            await clock.install(behind_ms=scenario.wait_ms or 0)
        page = await context.new_page()
        recorder.begin("honest")
        await striker.before_load()
        try:
            await self._visit("honest", page, scenario.behaviour, account=1)
            await traffic.settle()
            await self._wait_for_late_callbacks()
        finally:
            self._at_heal = Snapshot.take(self._slot.router.log, traffic.flights.values())
            await striker.heal()
            await clock.stop()
        if striker.error is not None:
            raise striker.error
        self._healed_meters = await self._bench.meters(self._slot)
        await self._recover(context, page)

    async def _recover(self, context: BrowserContext, page: Page) -> None:
        if self._scenario.strikes != "until-heal":
            return
        # Leave the old document first: what it still shows must not be taken for the new visit's outcome.
        await page.goto("about:blank")
        await self._visit(RECOVERIES[0], page, Behaviour(), account=2)
        tab = await context.new_page()
        await self._visit(RECOVERIES[1], tab, Behaviour(), account=3)
        visitor = await self._context()
        try:
            await self._visit(RECOVERIES[2], await visitor.new_page(), Behaviour(), account=4)
        finally:
            await visitor.close()

    def _make_striker(self, context: BrowserContext) -> Striker:
        scenario, slot = self._scenario, self._slot
        assert scenario.fault is not None
        link = self._bench.links[scenario.link]
        stage = self._stage
        assert stage is not None
        others = dict.fromkeys(h for other in self._bench.links.values() for h in other.hosts if h not in link.hosts)
        edge = Edge(
            link=link.name,
            hosts=link.hosts,
            other_hosts=tuple(others),
            proxies=slot.proxies_of(link),
            responses=slot.provider.responses,
            certificates=slot.provider.certificates,
            clock=EmulatorClock(slot.provider.emulator),
            browser=ContextControls(context, slot.router, page_url=stage.base_url),
            parameters=dict(scenario.parameters),
        )
        return Striker(scenario, self._bench.faults[scenario.fault.name], edge, link, slot, self._recorder)

    async def _context(self) -> BrowserContext:
        profile = self._scenario.browser_profile
        context = await self._bench.browser.new_context(
            proxy={"server": f"socks5://127.0.0.1:{self._slot.router.port}"},
            service_workers="block",
            locale="en-US",
            viewport=VIEWPORT[profile],  # type: ignore[arg-type]  # a TypedDict in Playwright's stubs
        )
        context.set_default_timeout(0)
        recorder = self._recorder
        await context.expose_binding("captchaosSaw", lambda _source, fields: recorder.callback(str(fields)))
        await context.add_init_script(OBSERVER)
        context.on("console", self._console)
        context.on("weberror", self._uncaught)
        self._traffic.append(Traffic(context, recorder, self._classify, look_into=self._looked_into()))
        return context

    def _looked_into(self) -> str:
        fault = self._scenario.fault
        return self._scenario.link if fault is not None and fault.family is Family.RESPONSE else ""

    def _uncaught(self, error: WebError) -> None:
        self._recorder.mark("console-error", detail=str(error.error))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._recorder.mark("console-error", detail=message.text)

    def _classify(self, method: str, url: str) -> str:
        parts = urlsplit(url)
        if parts.hostname == TARGET_HOST:
            return "page" if method == "GET" else "submit"
        return self._slot.provider.emulator.classify(parts.hostname or "", method, parts.path, dict(parse_qsl(parts.query)))

    def _only_timers_can_end_it(self, traffic: Traffic) -> bool:
        striker = self._striker
        flights = traffic.in_flight()
        if striker is None or striker.applied is None or not striker.standing or not flights:
            return False
        return all(self._hangs(flight, striker.applied) for flight in flights)

    def _hangs(self, flight: Flight, applied: float) -> bool:
        link = self._bench.links[self._scenario.link]
        if flight.link != link.name and flight.host not in link.hosts:
            return False
        # Reached: a question went out on an open connection to that host, and nothing has come back since.
        open_since = self._slot.router.connections((flight.host,), since=applied)
        return any(c.ended is None and c.bytes_up and c.last_down < c.last_up for c in open_since)

    async def _wait_for_late_callbacks(self) -> None:
        wait_ms, clicked = self._scenario.wait_ms, self._visits[-1].clicked
        watchdog_ms = self._flow.watchdog_ms
        if clicked is None or wait_ms is None or watchdog_ms is None or wait_ms <= watchdog_ms:
            return
        if not self._only_by_timers():
            return
        late = self._recorder.until_page_ms(clicked.page_ms + wait_ms + LATE_CALLBACK_MS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(late, LINGER_LIMIT_S)

    def _only_by_timers(self) -> bool:
        return self._scenario.fault is not None and self._scenario.fault.hangs

    async def _visit(self, name: str, page: Page, behaviour: Behaviour, *, account: int) -> None:
        recorder, stage, expect = self._recorder, self._stage, self._scenario.expect
        assert stage is not None
        began = recorder.begin(name) if recorder.visit != name else recorder.moment()
        effects_before = await signals.effects(stage.base_url, self._flow)
        handle = FlowHandle(
            base_url=stage.base_url,
            spec=self._flow,
            account=self._bench.target.accounts.replace("{n}", str(account)),
            behaviour=behaviour,
            human=self._bench.provider.human,
            recorder=recorder,
            on_click=self._clicked,
        )
        patience = expect.business_budget_ms * 1.3 if name in ("honest", "control") else expect.recovery_budget_ms * 1.5
        budget_ms = behaviour.pause_before_show_ms + patience
        passed = await pass_through(
            page,
            handle,
            self._flow,
            self._bench.drives[self._flow.name],
            recorder,
            budget_ms=budget_ms,
            base_url=stage.base_url,
        )
        screenshot = await self._screenshot(page, name) if name in ("honest",) or not passed.completed else ""
        effects = await signals.effects(stage.base_url, self._flow) - effects_before
        texts = await signals.effect_texts(stage.base_url, self._flow)
        facts = collect.visit_facts(
            name, self._slot, recorder, self._flow, since=began, clicked=passed.clicked, effect_texts=texts
        )
        outcome = collect.outcome(passed, facts)
        start = (passed.clicked or began).page_ms
        self._visits.append(
            Visit(
                name=name,
                outcome=outcome,
                began=began,
                ended=recorder.mark("visit-ends"),
                clicked=passed.clicked,
                fallback_ms=facts.fallback_page_ms - start if facts.fallback_page_ms is not None else None,
                business_ms=passed.ended.page_ms - start if passed.completed else None,
                effects=effects,
                usable_ms=passed.usable_ms if name == "honest" else None,
                loaded_ms=passed.usable.page_ms - began.page_ms if passed.usable else None,
                step_up_offered=passed.offered,
                error=passed.error,
                screenshot=screenshot,
            )
        )

    async def _clicked(self) -> None:
        if self._striker is not None:
            await self._striker.clicked()

    async def _screenshot(self, page: Page, name: str) -> str:
        file = f"data/{self._scenario.id}.{name}.png"
        path = self._bench.run_folder / file
        try:
            await page.screenshot(path=path, timeout=5000, animations="allow", caret="initial")
        except PlaywrightError:
            return ""
        self._recorder.mark("screenshot", detail=file)
        return file

    async def _evidence(self, error: str) -> Evidence:
        recorder, slot, stage = self._recorder, self._slot, self._stage
        found = collect.evidence_of(slot, recorder, self._flow)
        output = stage.output() if stage is not None else ""
        if not error and slot.provider.broken:
            error = f"the emulator itself broke: {slot.provider.broken[0]}"
        if not error and self._striker is not None and self._striker.error is not None:
            error = str(self._striker.error)
        seen: tuple[Sighting, ...] = ()
        if self._striker is not None and self._striker.struck is not None:
            seen = sightings(
                self._scenario,
                self._bench.links[self._scenario.link],
                slot,
                recorder,
                self._at_heal,
                self._flow,
                applied=self._striker.struck,
                healed=self._striker.healed or time.monotonic(),
                before=self._before,
                after=self._healed_meters,
                output=output,
                submits=found.submits,
                tickets=found.tickets,
                observe=self._bench.target.observe,
            )
        return Evidence(
            visits=tuple(self._visits),
            events=collect.timeline(recorder, slot, self._flow),
            applied=tuple(recorder.applied),
            sightings=seen,
            callbacks=tuple(recorder.callbacks),
            tickets=found.tickets,
            submits=found.submits,
            verdict_calls=found.verdict_calls,
            requests_at_origin=found.requests_at_origin,
            scripts=found.scripts,
            refused_hosts=slot.router.refused_hosts(),
            lab_error=error,
            target_output=output[-4000:],
            clock="advanced" if recorder.advanced_ms else "real",
            advanced_ms=recorder.advanced_ms,
            real_ms=round((time.monotonic() - recorder.began) * 1000, 1),
        )


def striker_hangs(faults: Mapping[str, Fault], scenario: Scenario) -> bool:
    """Whether the scenario's fault leaves nothing but timers to end the wait."""
    return scenario.fault is not None and faults[scenario.fault.name].hangs
