"""The doors that the fuzz suite knocks at: for each provider of the target one running target, behind a slot of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping
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
from harness.target.spec import FlowSpec, Target
from suites.fuzz.strategies import Recipe

Answer = TypeVar("Answer")


class Door:
    """A target's business doors, in health or in an outage of the verdict APIs, which a forger knocks at over HTTP.

    ``slots`` holds one for each provider that its flows depend on, by the name that the target gives it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, workshop: Workshop, slots: Mapping[str, Slot]) -> None:
        self._loop, self._workshop, self._slots = loop, workshop, slots
        self._stages: dict[str, Stage] = {}
        self._account = 0
        self._healthy = True

    @property
    def flows(self) -> tuple[FlowSpec, ...]:
        """The flows that can be performed over HTTP."""
        return over_http(self._workshop.target)

    def prove(self) -> None:
        """Show with one good ticket a flow that each submit works; raises :class:`TargetError` for one that does not."""
        self.renew(healthy=True)
        for flow in self.flows:
            self._do(self._prove(flow))

    def renew(self, *, healthy: bool) -> None:
        """Let every target be started anew before the next knock: nothing is used up, and verdicts come or are refused."""
        self._healthy = healthy
        self.close()

    def knock(self, flow: FlowSpec, recipe: Recipe) -> tuple[SubmitResult, int]:
        """Send one ticket from an account of its own; returns the answer and what the business gained."""
        return self._do(self._knock(flow, recipe))

    def close(self) -> None:
        """End every target that runs."""
        self._do(self._stop())

    def _do(self, work: Coroutine[object, object, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _opened(self, flow: FlowSpec) -> Stage:
        if flow.provider not in self._stages:
            bench, slot = self._workshop.bench_of(flow.name), self._slots[flow.provider]
            self._stages[flow.provider] = await Stage.set_up(bench, slot, bench.provider.builds[0])
            if not self._healthy:
                await FAULTS.get(OUTAGE.fault).apply(edge_of(slot, bench.links[OUTAGE.link]))
        return self._stages[flow.provider]

    async def _prove(self, flow: FlowSpec) -> None:
        await self._opened(flow)
        provider = self._slots[flow.provider].provider
        good = good_case(self._workshop.bench_of(flow.name).provider.verdict_cases(provider.emulator))
        answer, gained = await self._hand_in(flow, good.ticket, good.randstr)
        passed = any(call.ticket == good.ticket and call.said == "code 1" for call in provider.arrivals("verdict"))
        if not (signals.completed(answer, flow) and gained == 1 and passed):
            said = answer.error or f"status {answer.status}"
            raise TargetError(
                f"flows.{flow.name}.submit does not work even with a good ticket ({said}, {gained} effects, "
                f"{'passed by the provider' if passed else 'not passed by the provider'}), so a refusal would prove nothing"
            )

    async def _knock(self, flow: FlowSpec, recipe: Recipe) -> tuple[SubmitResult, int]:
        ticket = recipe.write(app_id=self._workshop.target.use_named(flow.provider).app_id, now_s=int(time.time()))
        return await self._hand_in(flow, ticket, f"@f{self._account + 1}")

    async def _hand_in(self, flow: FlowSpec, ticket: str, randstr: str) -> tuple[SubmitResult, int]:
        self._account += 1
        url, account = (await self._opened(flow)).base_url, self._workshop.target.accounts.replace("{n}", str(self._account))
        before = await signals.effects(url, flow)
        answer = await signals.submit(url, flow, {"account": account, "ticket": ticket, "randstr": randstr})
        return answer, await signals.effects(url, flow) - before

    async def _stop(self) -> None:
        while self._stages:
            _name, stage = self._stages.popitem()
            await stage.stop()


def over_http(target: Target) -> tuple[FlowSpec, ...]:
    """The flows of a target that can be performed over HTTP, whichever provider they depend on."""
    return tuple(flow for flow in target.flows.values() if flow.submit is not None)
