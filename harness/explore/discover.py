"""Drive every flow of a target in health, and say which edges it uses, whose they are, and which of them no scenario breaks."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.engine.workshop import Workshop, open_workshop
from harness.errors import LaboratoryError, UsageError, closest
from harness.explore.edges import Found, Use, found_in, uses_of
from harness.explore.looking_on import LookingOn
from harness.journal.model import Record, Scenario
from harness.lab.diagnosing import LACKS_RECORD
from harness.lab.lab import Lab
from harness.lab.slot import TARGET_HOST
from harness.plan.build import Plan
from harness.target.spec import Target
from harness.target.surface import Surface


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """One flow that was driven in health; ``trouble`` says why it did not come through, "" where it did."""

    flow: str
    trouble: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What was found; ``not_driven`` are the flows that nothing of this target drives in a browser or a client.

    ``not_recorded`` are answers of third parties that were to be recorded and could not be, a sentence each.
    """

    target: str
    driven: tuple[Driven, ...]
    not_driven: tuple[str, ...]
    found: tuple[Found, ...]
    not_recorded: tuple[str, ...] = ()

    @property
    def troubles(self) -> tuple[str, ...]:
        """Why what was found is not all: an answer that is not recorded, a flow that did not come through."""
        ill = (one for one in self.driven if one.trouble)
        flows = (f"the flow {one.flow} of {self.target} cannot be driven in health: {one.trouble}" for one in ill)
        return (*self.not_recorded, *flows)

    @property
    def surface(self) -> Surface:
        """The surface as it is kept and compared."""
        return Surface(target=self.target, edges=tuple(one.edge for one in self.found))


def flows_to_drive(target: Target, wanted: Sequence[str]) -> tuple[str, ...]:
    """The flows that are asked for, all where none is; raises UsageError with the closest match for one that there is not."""
    for flow in wanted:
        if flow not in target.flows:
            raise UsageError(f"{target.name} has no flow {flow!r}{closest(flow, target.flows)}")
    flows = tuple(dict.fromkeys(wanted)) or tuple(target.flows)
    if not any(target.flows[flow].browser for flow in flows):
        raise UsageError(f"{', '.join(flows)}: no `browser` says how they are driven, so there is nothing to look at")
    return flows


async def discover(
    target: Target,
    plan: Plan,
    flows: Sequence[str],
    *,
    toxiproxy: str | None = None,
    browser: str | None = None,
    recording: bool = False,
) -> Discovery:
    """Drive these flows, all at once, and put together what was seen; raises LaboratoryError when the lab itself broke.

    ``recording``: what the records of third parties lack is asked of the real hosts, and kept.
    """
    controls: dict[str, Scenario] = {}
    for control in plan.controls:
        if control.flow in flows:
            controls.setdefault(control.flow, control)
    with tempfile.TemporaryDirectory(prefix="captchaos-discover-") as folder:
        async with open_workshop(
            target, plan, run_folder=Path(folder), toxiproxy=toxiproxy, browser=browser, recording=recording
        ) as workshop:
            driven = await _drive_each(workshop, tuple(controls.values()))
            not_recorded = tuple(dict.fromkeys(workshop.recordings.troubles))

    def hosts_of(flow: str, link: str) -> Sequence[str]:
        known = plan.links_by_provider[target.flows[flow].provider].get(link)
        return known.hosts if known is not None else ()

    return Discovery(
        target=target.name,
        driven=driven,
        not_driven=tuple(flow for flow in flows if flow not in controls),
        found=found_in((use for one in driven for use in one.uses), plan.scenarios, hosts_of),
        not_recorded=not_recorded,
    )


async def _drive_each(workshop: Workshop, controls: Sequence[Scenario]) -> tuple[Driven, ...]:
    """Drive every flow beside the others, and what did not come through once more, alone: a busy machine may be why."""
    try:
        async with asyncio.TaskGroup() as group:
            driving = [group.create_task(_drive(workshop, number, control)) for number, control in enumerate(controls)]
    except ExceptionGroup as broke:
        # One that breaks ends the others: the first says enough.
        raise broke.exceptions[0] from broke
    first = [task.result() for task in driving]
    return tuple([
        await _drive(workshop, len(controls) + number, control) if one.trouble else one
        for number, (one, control) in enumerate(zip(first, controls, strict=True))
    ])


async def _drive(workshop: Workshop, number: int, control: Scenario) -> Driven:
    slot = await workshop.open_slot(number, control.flow)
    looking_on = LookingOn()
    bench = replace(workshop.bench_of(control.flow), watch=looking_on)
    record = await Lab(bench, slot, control, real_time=True).run()
    if record.evidence.lab_error:
        raise LaboratoryError(f"the flow {control.flow} could not be driven: {record.evidence.lab_error}")
    uses = tuple(uses_of(control.flow, slot, looking_on.seen(), slot.origin.target_port))
    return Driven(flow=control.flow, trouble=_trouble(record, uses), uses=uses)


def _trouble(record: Record, uses: Sequence[Use]) -> str:
    visits = record.evidence.visits
    if visits and visits[-1].outcome == "verified":
        return ""
    ended = f"its visit ended with {visits[-1].outcome}" if visits else "no visit was recorded"
    why = f" ({visits[-1].error})" if visits and visits[-1].error else ""
    refused = dict.fromkeys(f"{use.host}:{use.port}" for use in uses if use.refused and use.host != TARGET_HOST)
    hosts = f"; nothing maps {', '.join(refused)}, which it asked for" if refused else ""
    lacking = "".join(f"; {one}" for one in record.evidence.diagnoses if one.name == LACKS_RECORD)
    return f"{ended}{why}{hosts}{lacking}"
