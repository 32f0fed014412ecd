"""The door that the fuzz suite knocks at: a running target behind a slot of the laboratory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import TypeVar

from harness.engine.workshop import Workshop
from harness.faults.base import FAULTS, Edge
from harness.lab.no_browser import NoBrowser
from harness.lab.provider_clock import EmulatorClock
from harness.lab.slot import Slot
from harness.lab.stage import Stage
from harness.plan.build import OUTAGE
from harness.target import signals
from harness.target.signals import SubmitResult
from harness.target.spec import FlowSpec
from suites.fuzz.strategies import Recipe

Answer = TypeVar("Answer")


class Door:
    """A target's business door, in health or in an outage of the verdict API, which a forger knocks at over HTTP."""

    def __init__(self, loop: asyncio.AbstractEventLoop, workshop: Workshop, slot: Slot) -> None:
        self._loop, self._workshop, self._slot = loop, workshop, slot
        self._stage: Stage | None = None
        self._account = 0
        self._healthy = True

    @property
    def flows(self) -> tuple[FlowSpec, ...]:
        """The flows that can be performed over HTTP."""
        return tuple(flow for flow in self._workshop.target.flows.values() if flow.submit is not None)

    def renew(self, *, healthy: bool) -> None:
        """Start the target anew: nothing is used up, and the verdict API answers or is refused."""
        self._healthy = healthy
        self._do(self._renew())

    def knock(self, flow: FlowSpec, recipe: Recipe) -> tuple[SubmitResult, int]:
        """Send one ticket from an account of its own; returns the answer and what the business gained."""
        return self._do(self._knock(flow, recipe))

    def close(self) -> None:
        """End the target."""
        self._do(self._stop())

    def _do(self, work: Coroutine[object, object, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _renew(self) -> None:
        await self._stop()
        bench, slot = self._workshop.bench, self._slot
        self._stage = await Stage.set_up(self._workshop.target, slot, "classic", bench.work_folder)
        if not self._healthy:
            link = bench.links[OUTAGE.link]
            await FAULTS.get(OUTAGE.fault).apply(
                Edge(
                    link=link.name, hosts=link.hosts, proxies=slot.proxies_of(link), responses=slot.provider.responses,
                    certificates=slot.provider.certificates, browser=NoBrowser(), clock=EmulatorClock(slot.provider.emulator),
                    parameters={},
                )
            )

    async def _knock(self, flow: FlowSpec, recipe: Recipe) -> tuple[SubmitResult, int]:
        assert self._stage is not None
        self._account += 1
        target, url = self._workshop.target, self._stage.base_url
        before = await signals.effects(url, flow)
        ticket = recipe.write(app_id=target.provider.app_id, now_s=int(time.time()))
        account = target.accounts.replace("{n}", str(self._account))
        answer = await signals.submit(url, flow, {"account": account, "ticket": ticket, "randstr": f"@f{self._account}"})
        return answer, await signals.effects(url, flow) - before

    async def _stop(self) -> None:
        if self._stage is not None:
            await self._stage.stop()
            self._stage = None
