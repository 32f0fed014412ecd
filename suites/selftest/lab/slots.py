"""A whole slot on real parts, and a striker on one of its links: everything of a lab but browser and target."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from harness.certificates import Authority
from harness.faults.base import FAULTS, Fault
from harness.journal.model import Scenario
from harness.lab.courses import striker_of
from harness.lab.edges import edge_of
from harness.lab.recorder import Recorder
from harness.lab.slot import TARGET_HOST, Slot
from harness.lab.striker import Striker
from harness.plan.build import Plan, make_plan
from harness.target.loader import find_target, load_target
from suites.selftest.lab.sockets import LIMIT_S, Line, by_socks, listening
from suites.selftest.one_slot import open_toxiproxy, slot_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One open slot in front of a small target, and the shop's plan."""

    slot: Slot
    plan: Plan
    authority: Authority
    target_port: int

    def striker(self, scenario_id: str, fault: Fault | None = None) -> tuple[Striker, Recorder]:
        """A striker for one scenario of the plan, with its own fault or another."""
        scenario: Scenario = next(s for s in self.plan.scenarios if s.id == scenario_id)
        assert scenario.fault is not None
        link, slot, recorder = self.plan.links[scenario.link], self.slot, Recorder()
        edge = edge_of(slot, link, scenario.parameters)
        chosen, flow = fault or FAULTS.get(scenario.fault.name), load_target(find_target(None)).flows[scenario.flow]
        return striker_of(scenario, chosen, edge, link, slot, recorder, flow), recorder

    @contextlib.asynccontextmanager
    async def vendor(self, host: str) -> AsyncIterator[Line]:
        """A browser's kept-alive connection to one of the vendor's hosts."""
        async with by_socks(self.slot.router, host) as (granted, line):
            assert granted == 0
            await line.secure(str(self.authority.ca_file), host)
            yield line

    @contextlib.asynccontextmanager
    async def target(self) -> AsyncIterator[Line]:
        """A browser's kept-alive connection to the target."""
        async with by_socks(self.slot.router, TARGET_HOST, self.target_port) as (granted, line):
            assert granted == 0
            yield line


@contextlib.asynccontextmanager
async def slot_in_front_of(
    handler: Callable[[Line], Awaitable[object]], toxiproxy_path: Path, authority: Authority
) -> AsyncIterator[Bench]:
    shop = load_target(find_target(None))
    plan = make_plan(shop)
    async with (
        listening(handler) as port,
        open_toxiproxy(toxiproxy_path) as toxiproxy,
        slot_of(toxiproxy, authority, shop.provider, plan.links) as slot,
    ):
        slot.point_at(port)
        yield Bench(slot=slot, plan=plan, authority=authority, target_port=port)


async def until(true: Callable[[], object]) -> None:
    """Wait for something that only a log tells."""
    async with asyncio.timeout(LIMIT_S):
        while not true():  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0.001)
