"""The lab of a schedule: one visitor through several broken links, in real time; else it is that of a single fault."""

from __future__ import annotations

import time
from dataclasses import replace

from harness.catalog import Family, Link
from harness.journal.model import Scenario, Sighting
from harness.lab import collect
from harness.lab.edges import edge_of
from harness.lab.fault_window import Meters, Snapshot, not_clean
from harness.lab.fronts import Front
from harness.lab.lab import Lab, cuts
from harness.lab.schedule import Looks, Stroked, Strokes
from harness.lab.sightings import sightings
from harness.lab.stage import Stage


class ScheduleLab(Lab):
    """Several faults in one slot: each is applied at its own moment, read back, and looked for by itself."""

    _strokes: tuple[Stroked, ...] = ()

    def _altered_links(self) -> tuple[str, ...]:
        return tuple(one.stroke.link for one in self._scenario.schedule if one.fault.family is Family.RESPONSE)

    def _may_advance_clock(self) -> bool:
        """Never: what stands on another link beside a hang passes in real time."""
        return False

    def _make_striker(self, stage: Stage, front: Front) -> Strokes:
        async def snapshot(link: Link) -> Snapshot:
            return Snapshot.take(self._slot.router.log, front.traffic.seen(), await not_clean(self._slot, link))

        async def meters() -> Meters:
            return await self._bench.meters(self._slot)

        looks = Looks(snapshot=snapshot, meters=meters)
        browser = front.controls(self._slot, page_url=stage.base_url)
        strokes = []
        for number, one in enumerate(self._scenario.schedule):
            link = self._bench.links[one.stroke.link]
            others = dict.fromkeys(h for other in self._bench.links.values() for h in other.hosts if h not in link.hosts)
            edge = edge_of(self._slot, link, one.stroke.parameters, browser=browser, other_hosts=tuple(others))
            fault, of_it = self._bench.faults[one.stroke.fault], alone(self._scenario, number)
            stroke = Stroked(number, of_it, fault, edge, link, self._slot, self._recorder, self._flow, looks)
            stroke.printed = stage.output
            strokes.append(stroke)
        self._strokes = tuple(strokes)
        return Strokes(strokes, self._slot)

    def _into_the_fault(self, link: str, answered: float) -> bool:
        """Whether an answer made then was lost to any of the faults."""
        return any(
            one.struck is not None
            and one.struck <= answered <= (one.healed or time.monotonic())
            and one.link.name == link
            and cuts(self._scenario.schedule[one.number].fault)
            for one in self._strokes
        )

    def _asks_in_vain(self) -> bool:
        """Whether a question on any of the broken links is still without an answer."""
        struck = [one for one in self._strokes if one.struck is not None]
        return any(self._silent(host, one.struck or 0.0) for one in struck for host in one.link.hosts)

    def _sightings(self, found: collect.Found) -> tuple[Sighting, ...]:
        return tuple(seen for one in self._strokes for seen in self._seen_of(one, found))

    def _seen_of(self, one: Stroked, found: collect.Found) -> tuple[Sighting, ...]:
        if one.struck is None:
            return ()
        before, after = one.meters
        seen = sightings(
            one.scenario,
            one.link,
            self._slot,
            self._recorder,
            one.seen,
            applied=one.struck,
            healed=one.healed or time.monotonic(),
            before=before,
            after=after,
            output=one.printed_meanwhile,
            submits=found.submits,
            tickets=found.tickets,
            observe=self._bench.target.observe,
        )
        return tuple(replace(sighting, stroke=one.number) for sighting in seen)


def alone(scenario: Scenario, number: int) -> Scenario:
    """The scenario as that of one of its faults, for those who know of one only."""
    one = scenario.schedule[number]
    return replace(
        scenario,
        link=one.stroke.link,
        link_side=one.side,
        fault=one.fault,
        phase=one.stroke.phase,
        warmth=one.stroke.warmth,
        parameters=one.stroke.parameters,
    )
