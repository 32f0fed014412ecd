"""What one run over one target works in: the ground that it stands on, the target's plan and bench, and its slots."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.catalog import Contradiction
from harness.certificates import Authority
from harness.engine.ground import Ground, Parts, open_ground
from harness.errors import ConfigurationError
from harness.faults.base import FAULTS
from harness.lab.bench import Bench
from harness.lab.fault_window import Meters
from harness.lab.ownership import Ownership
from harness.lab.slot import Slot, open_slot
from harness.lab.stage import NOBODY, told_of
from harness.plan.build import Plan
from harness.providers.base import PROVIDERS, contradictions_of
from harness.target.flowfile import flow_function
from harness.target.problems import display
from harness.target.spec import Target
from harness.toxiproxy.client import ToxiproxyClient


@dataclass(slots=True, kw_only=True)
class Workshop:
    """An open workshop; use :func:`open_workshop`. ``swept`` says what was left by dead runs and is gone now."""

    run_id: str
    target: Target
    plan: Plan
    parts: Parts
    bench: Bench
    authority: Authority
    client: ToxiproxyClient
    ownership: Ownership
    swept: tuple[str, ...] = ()
    slots: list[Slot] = field(default_factory=list)

    def bench_of(self, flow: str) -> Bench:
        """The bench of one flow: with its provider, and that one's links."""
        name = self.target.flows[flow].provider
        provider = PROVIDERS.get(self.target.use_named(name).use)
        return replace(self.bench, provider=provider, links=self.plan.links_by_provider[name])

    def documented(self) -> tuple[int, ...]:
        """The codes of the failure modes that the providers of the target's flows document."""
        uses = {self.target.use_of(flow).use for flow in self.target.flows}
        return tuple(sorted({mode.code for use in uses for mode in PROVIDERS.get(use).modes}))

    def contradictions(self) -> tuple[Contradiction, ...]:
        """Where the documents of the target's providers contradict each other, each once."""
        uses = dict.fromkeys(self.target.use_of(flow).use for flow in self.target.flows)
        return tuple(dict.fromkeys(one for use in uses for one in contradictions_of(PROVIDERS.get(use))))

    async def open_slot(self, number: int, flow: str = "") -> Slot:
        """Open one more slot, for the provider of ``flow`` (of the target's main one without)."""
        name = self.target.flows[flow].provider if flow else ""
        use = self.target.use_named(name)
        slot = await open_slot(
            number,
            run_id=self.run_id,
            use=use,
            provider=PROVIDERS.get(use.use),
            authority=self.authority,
            toxiproxy=self.client,
            links=self.plan.links_by_provider[name],
            owned=self.ownership.own_proxy,
            name=name,
        )
        self.slots.append(slot)
        return slot


class Slots:
    """One worker's slots: one for each provider that its scenarios need, opened when the first of them comes."""

    def __init__(self, number: int, workshop: Workshop) -> None:
        self.number = number
        self._workshop = workshop
        self._open: dict[str, Slot] = {}

    async def of(self, flow: str) -> Slot:
        """The slot of a flow's provider."""
        provider = self._workshop.target.flows[flow].provider
        if provider not in self._open:
            self._open[provider] = await self._workshop.open_slot(self.number, flow)
        return self._open[provider]


@contextlib.asynccontextmanager
async def open_workshop(
    target: Target,
    plan: Plan,
    *,
    run_folder: Path,
    toxiproxy: str | None = None,
    browser: str | None = None,
    ground: Ground | None = None,
) -> AsyncIterator[Workshop]:
    """Set up a workshop for one target, and take it down again whatever happens inside.

    It stands on ``ground``, which stays, or on ground of its own.
    """
    if target.start is None:
        where = f"{display(target.file)}: target.url"
        raise ConfigurationError(f"{where}: this version does not drive targets that already run; say target.start instead")
    async with contextlib.AsyncExitStack() as stack:
        below = ground
        if below is None:
            below = await stack.enter_async_context(open_ground(toxiproxy=toxiproxy, browser=browser))
        (run_folder / "data").mkdir(parents=True, exist_ok=True)
        shop = Workshop(
            run_id=below.new_run_id(),
            target=target,
            plan=plan,
            parts=below.parts,
            bench=_bench(target, plan, below, run_folder),
            authority=below.authority,
            client=below.client,
            ownership=below.ownership,
            swept=() if ground else below.swept,
        )
        stack.push_async_callback(_close_slots, shop.slots, below.ownership)
        yield shop


def _bench(target: Target, plan: Plan, ground: Ground, run_folder: Path) -> Bench:
    return Bench(
        target=target,
        provider=PROVIDERS.get(target.provider.use),
        browser=ground.chromium,
        links=plan.links,
        faults=FAULTS.all(),
        meters=meters_of(ground.client),
        run_folder=run_folder,
        work_folder=ground.ownership.folder,
        marks=ground.ownership.env(),
        idle=idle_values(target, plan),
        drives={flow.name: flow_function(target, flow) for flow in target.flows.values() if flow.browser},
    )


def idle_values(target: Target, plan: Plan) -> dict[str, str]:
    """What a target is told of each of its providers while another is served: made-up values, and an address of nobody's."""
    told: dict[str, str] = {}
    for name, links in plan.links_by_provider.items():
        use = target.use_named(name)
        emulator = PROVIDERS.get(use.use).emulator(app_id=use.app_id, prefix=use.prefix, options=use.all_options)
        told |= told_of(name, emulator.credentials, links.values(), NOBODY)
    return told


def meters_of(client: ToxiproxyClient) -> Callable[[Slot], Awaitable[Meters]]:
    """Make the reader of one slot's byte counters."""

    async def read(slot: Slot) -> Meters:
        host_of = {proxy.name: host for host, proxy in slot.proxies.items()}
        counted = await client.metrics()
        return Meters(bytes={(host_of[name], way): moved for (name, way), moved in counted.items() if name in host_of})

    return read


async def _close_slots(slots: list[Slot], ownership: Ownership) -> None:
    for slot in slots:
        await slot.close()
        for proxy in slot.proxies.values():
            ownership.disown_proxy(slot.toxiproxy_url, proxy.name)
