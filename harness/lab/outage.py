"""The outage in which a forger tries his luck: links that are broken, read back, and looked at where that was seen to bite."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from harness.catalog import Link, Place, Side
from harness.journal.model import HEALTHY, Attempt, Scenario, Sighting
from harness.lab import collect
from harness.lab.bench import Bench
from harness.lab.edges import edge_of
from harness.lab.fault_window import Meters, Snapshot, not_clean, printed_between
from harness.lab.recorder import Recorder
from harness.lab.scripted_wire import DeviceTraffic, DeviceWire
from harness.lab.sightings import sightings
from harness.lab.sightings_at_far_ends import TOO_OFTEN
from harness.lab.slot import Slot
from harness.lab.stage import Stage
from harness.target.spec import FlowSpec

KNOCK_LIMIT_S = 10.0
# Where a request of the lab's own, with no page around it, can be seen to fail.
_FELT_BY_A_KNOCK = (Place.TOXIPROXY, Place.ROUTER)


@dataclass(slots=True, kw_only=True)
class Outage:
    """One scenario's outage, as often as it is begun. ``attempts`` and ``good`` are the lab's: its tries, its good tickets.

    ``health`` is the captcha's now; ``seen`` is where the last outage was seen to bite, of those that most places saw.
    """

    bench: Bench
    slot: Slot
    scenario: Scenario
    flow: FlowSpec
    recorder: Recorder
    attempts: list[Attempt]
    good: set[str]
    health: str = HEALTHY
    seen: tuple[Sighting, ...] = ()
    _links: tuple[Link, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._links = tuple(self.bench.links[name] for name in (self.scenario.link, *self.scenario.beside))

    @asynccontextmanager
    async def stands(self, stage: Stage) -> AsyncIterator[None]:
        """Let the scenario's fault stand on its links, read back, and look afterwards where it was seen to bite."""
        before, printed = await self.bench.meters(self.slot), stage.output()
        standing: list[Link] = []
        try:
            for link in self._links:
                await self._strike("apply", link)
                standing.append(link)
            applied, self.health = time.monotonic(), self.scenario.health
            for link in self._links:
                await self._knock(link)
            yield
        finally:
            snapshots = {link.name: await self._snapshot(link) for link in standing}
            printed = printed_between(printed, stage.output())
            healed, self.health = time.monotonic(), HEALTHY
            for link in standing:
                await self._strike("heal", link)
        after = await self.bench.meters(self.slot)
        looked = (self._look(link, snapshots[link.name], (applied, healed), (before, after), printed) for link in self._links)
        found = tuple(sighting for each in looked for sighting in each)
        if len({one.place for one in found}) >= len({one.place for one in self.seen}):
            # In a later outage a target's limits may turn everybody away before it asks anybody: that unsays nothing.
            self.seen = found

    async def _strike(self, action: str, link: Link) -> None:
        assert self.scenario.fault is not None
        fault, edge = self.bench.faults[self.scenario.fault.name], edge_of(self.slot, link, self.scenario.parameters)
        self.recorder.receipts(action, await (fault.apply(edge) if action == "apply" else fault.heal(edge)))

    async def _knock(self, link: Link) -> None:
        """Ask once for each host of a browser's link, the way browsers go: who tries by HTTP needs none of them."""
        if link.side is not Side.BROWSER:
            return
        traffic = DeviceTraffic(self.recorder, lambda _method, _url: link.name)
        wire = DeviceWire(router_port=self.slot.router.port, ca_file=self.slot.ca_file, traffic=traffic)
        try:
            async with asyncio.timeout(KNOCK_LIMIT_S):
                for host in link.hosts:
                    await wire.send("GET", f"https://{host}/")
        except TimeoutError:
            # A link that hangs is broken, too; what the router saw of it says so.
            return
        finally:
            await wire.aclose()

    async def _snapshot(self, link: Link) -> Snapshot:
        return Snapshot.take(self.slot.router.log, (), await not_clean(self.slot, link))

    def _look(
        self, link: Link, seen: Snapshot, times: tuple[float, float], meters: tuple[Meters, Meters], printed: str
    ) -> Sequence[Sighting]:
        found = collect.evidence_of(self.slot, self.recorder, self.flow)
        # A forger guesses server tickets, and most of what he sends deserves a refusal: neither shows an outage.
        sent = {submit.ticket for submit in found.submits}
        seen_at = sightings(
            self.scenario,
            link,
            self.slot,
            self.recorder,
            seen,
            applied=times[0],
            healed=times[1],
            before=meters[0],
            after=meters[1],
            output=printed,
            submits=[submit for submit in found.submits if submit.ticket in self.good],
            tickets=[ticket for ticket in found.tickets if ticket.where == "answer" and ticket.text not in sent],
            observe=self.bench.target.observe,
            visit=self.recorder.visit,
        )
        beside = link.name if link.name != self.scenario.link else ""
        if link.side is Side.BROWSER:
            return [replace(sighting, link=beside) for sighting in seen_at if sighting.place in _FELT_BY_A_KNOCK]
        told = any(sighting.place is Place.SERVER_CLIENT for sighting in seen_at)
        return seen_at if told else (*seen_at, *self._good_ones_refused())

    def _good_ones_refused(self) -> Iterator[Sighting]:
        """What a target that signals nothing shows: it turned tickets away that the provider would have passed."""
        statuses = [attempt.status for attempt in self.attempts if attempt.ticket in self.good]
        refused = sum(1 for status in statuses if status is not None and status >= 400 and status != TOO_OFTEN)
        if refused:
            what = f"the target refused {refused} of {len(statuses)} tickets that were good"
            yield Sighting(place=Place.SERVER_CLIENT, what=what)
