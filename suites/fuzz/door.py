"""The door that the fuzz suite knocks at: a running target behind a slot of the laboratory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import TypeVar

from harness.engine.workshop import Workshop
from harness.errors import TargetError
from harness.faults.base import FAULTS
from harness.lab.edges import edge_of
from harness.lab.forgeries import good_case
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
        """The flows that can be performed over HTTP, with the provider whose tickets are made here."""
        flows = self._workshop.target.flows.values()
        return tuple(flow for flow in flows if flow.submit is not None and not flow.provider)

    def prove(self) -> None:
        """Show with one good ticket a flow that each submit works; raises :class:`TargetError` for one that does not."""
        self.renew(healthy=True)
        for flow in self.flows:
            self._do(self._prove(flow))

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
        self._stage = await Stage.set_up(bench, slot, "classic")
        if not self._healthy:
            await FAULTS.get(OUTAGE.fault).apply(edge_of(slot, bench.links[OUTAGE.link]))

    async def _prove(self, flow: FlowSpec) -> None:
        provider = self._slot.provider
        good = good_case(self._workshop.bench.provider.verdict_cases(provider.emulator))
        answer, gained = await self._hand_in(flow, good.ticket, good.randstr)
        passed = any(call.ticket == good.ticket and call.said == "code 1" for call in provider.arrivals("verdict"))
        if not (signals.completed(answer, flow) and gained == 1 and passed):
            said = answer.error or f"status {answer.status}"
            raise TargetError(
                f"flows.{flow.name}.submit does not work even with a good ticket ({said}, {gained} effects, "
                f"{'passed by the provider' if passed else 'not passed by the provider'}), so a refusal would prove nothing"
            )

    async def _knock(self, flow: FlowSpec, recipe: Recipe) -> tuple[SubmitResult, int]:
        ticket = recipe.write(app_id=self._workshop.target.provider.app_id, now_s=int(time.time()))
        return await self._hand_in(flow, ticket, f"@f{self._account + 1}")

    async def _hand_in(self, flow: FlowSpec, ticket: str, randstr: str) -> tuple[SubmitResult, int]:
        assert self._stage is not None
        self._account += 1
        url, account = self._stage.base_url, self._workshop.target.accounts.replace("{n}", str(self._account))
        before = await signals.effects(url, flow)
        answer = await signals.submit(url, flow, {"account": account, "ticket": ticket, "randstr": randstr})
        return answer, await signals.effects(url, flow) - before

    async def _stop(self) -> None:
        if self._stage is not None:
            await self._stage.stop()
            self._stage = None
