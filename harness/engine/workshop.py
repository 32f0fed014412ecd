"""What one run over one target works in: the ground that it stands on, the target's plan and bench, and its slots."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.catalog import Contradiction
from harness.certificates import Authority
from harness.engine.ground import Ground, Parts, open_ground
from harness.faults.base import FAULTS
from harness.lab.bench import Bench
from harness.lab.fault_window import Meters
from harness.lab.keeping import Keeping
from harness.lab.live import OwnersHuman
from harness.lab.ownership import Ownership
from harness.lab.recording import Recordings
from harness.lab.slot import Neighbour, Slot, open_slot
from harness.lab.stage import NOBODY, told_of
from harness.plan.build import Plan
from harness.providers.base import PROVIDERS, Human, contradictions_of
from harness.target.flowfile import before_function, flow_function, solve_function
from harness.target.running import refuse_unless_allowed
from harness.target.spec import RECORD, Target
from harness.toxiproxy.client import ToxiproxyClient


@dataclass(slots=True, kw_only=True)
class Workshop:
    """An open workshop; use :func:`open_workshop`. ``swept`` says what was left by dead runs and is gone now.

    ``processes`` numbers the targets that serve more than one scenario.
    """

    run_id: str
    target: Target
    plan: Plan
    parts: Parts
    bench: Bench
    authority: Authority
    client: ToxiproxyClient
    ownership: Ownership
    recordings: Recordings
    swept: tuple[str, ...] = ()
    slots: list[Slot] = field(default_factory=list)
    neighbour: Neighbour | None = None
    processes: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _labs: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def bench_of(self, flow: str) -> Bench:
        """The bench of one flow: with its provider, and that one's links."""
        name = self.target.flows[flow].provider
        provider = PROVIDERS.get(self.target.use_named(name).use)
        bench = replace(
            self.bench, provider=provider, links=self.plan.links_by_provider[name], solver=solver_of(self.target, name)
        )
        return bench if self.target.url is None else replace(bench, target=self._with_new_accounts())

    def _with_new_accounts(self) -> Target:
        """The target with names of users that no lab had before: one that runs already remembers those of every lab."""
        mark = f"{next(self._labs)}-{self.run_id}-{{n}}"
        return replace(self.target, accounts=self.target.accounts.replace("{n}", mark))

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
            third_party=self.target.third_party,
            recordings=self.recordings,
            neighbour=self.neighbour,
        )
        self.slots.append(slot)
        return slot


class Slots:
    """One worker's slots: one for each provider that its scenarios need, opened when the first of them comes.

    ``keeps_targets``: where the target file says so, the labs of each slot share a process of the target.
    """

    def __init__(self, number: int, workshop: Workshop, *, keeps_targets: bool = False) -> None:
        self.number = number
        self._keeps_targets = keeps_targets
        self._workshop = workshop
        self._open: dict[str, Slot] = {}

    async def of(self, flow: str) -> Slot:
        """The slot of a flow's provider."""
        provider = self._workshop.target.flows[flow].provider
        if provider not in self._open:
            slot = self._open[provider] = await self._workshop.open_slot(self.number, flow)
            if self._keeps_targets and self._workshop.target.shares_process:
                slot.keeping = Keeping(self._workshop.processes)
        return self._open[provider]


@contextlib.asynccontextmanager
async def open_workshop(
    target: Target,
    plan: Plan,
    *,
    run_folder: Path,
    toxiproxy: str | None = None,
    browser: str | None = None,
    engine: str = "chromium",
    ground: Ground | None = None,
    recording: bool = False,
) -> AsyncIterator[Workshop]:
    """Set up a workshop for one target, and take it down again whatever happens inside.

    It stands on ``ground``, which stays, or on ground of its own. ``recording``: what the records of third parties lack is
    asked of the real hosts. Raises ConfigurationError for a record that is damaged.
    """
    if target.url is not None:
        refuse_unless_allowed(target)
    recorded = [host for host, source in target.third_party.items() if source == RECORD]
    recordings = Recordings(recorded, target.folder, asks=recording)
    async with contextlib.AsyncExitStack() as stack:
        below = ground
        if below is None:
            below = await stack.enter_async_context(open_ground(toxiproxy=toxiproxy, browser=browser, engine=engine))
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
            recordings=recordings,
            swept=() if ground else below.swept,
        )
        if target.links:
            (next_to,) = target.links.values()
            server = await stack.enter_async_context(ToxiproxyClient(next_to.toxiproxy))
            shop.neighbour = Neighbour(toxiproxy=server, listen=next_to.listen)
        stack.push_async_callback(_close_slots, shop.slots, below.ownership)
        yield shop


def _bench(target: Target, plan: Plan, ground: Ground, run_folder: Path) -> Bench:
    return Bench(
        target=target,
        provider=PROVIDERS.get(target.provider.use),
        browser=ground.browser,
        takes_every_certificate=not ground.engine.trusts_the_lab,
        links=plan.links,
        faults=FAULTS.all(),
        meters=meters_of(ground.client),
        run_folder=run_folder,
        work_folder=ground.ownership.folder,
        marks=ground.ownership.env(),
        idle=idle_values(target, plan),
        drives={flow.name: flow_function(target, flow) for flow in target.flows.values() if flow.browser},
        solver=solver_of(target, ""),
        befores={name: before for name, flow in target.flows.items() if (before := before_function(target, flow))},
    )


def solver_of(target: Target, provider: str) -> Human | None:
    """Who solves the challenge of the provider that the target calls so, where it is live; raises ConfigurationError."""
    live = target.use_named(provider).live
    return None if live is None else OwnersHuman(solve_function(target, live))


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
        counted = dict(await client.metrics())
        if slot.neighbour is not None:
            counted |= await slot.neighbour.metrics()
        return Meters(bytes={(host_of[name], way): moved for (name, way), moved in counted.items() if name in host_of})

    return read


async def _close_slots(slots: list[Slot], ownership: Ownership) -> None:
    """Close every slot, all at once, since each waits for its servers; raises the first error when all others are closed."""
    errors = await asyncio.gather(*(_close(slot, ownership) for slot in slots), return_exceptions=True)
    for error in errors:
        if error is not None:
            raise error


async def _close(slot: Slot, ownership: Ownership) -> None:
    await slot.close()
    for proxy in slot.proxies.values():
        ownership.disown_proxy(proxy.server_url, proxy.name)
