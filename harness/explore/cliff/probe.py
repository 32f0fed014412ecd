"""One look: an honest user against the fault at one value, in one of the slots that are kept from look to look."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from harness.catalog import Behaviour, Side, Warmth
from harness.errors import LaboratoryError
from harness.explore.cliff.kinds import Task, by_submit
from harness.faults.rewriting import ResponseFault
from harness.journal.cliff import Look, State
from harness.journal.model import Record, Scenario, Visit
from harness.lab.bench import Bench
from harness.lab.light import LightLab
from harness.lab.slot import Slot
from harness.lab.submitting import Strike, SubmitLab, Submitted
from harness.lab.visitors import PATIENCE
from harness.plan.build import facts_of
from harness.plan.edges import TARGET_HOST
from harness.target.spec import BROWSER

MOST_SAID = 160
_TIMES_TRIED = 2


class Prober:
    """Looks at one search's values. ``control``: a healthy visit's scenario, of which each visit here is a variation."""

    def __init__(
        self,
        bench: Bench,
        slots: Sequence[Slot],
        task: Task,
        *,
        control: Scenario | None,
        patience_s: int,
        repeats: int,
        real_time: bool,
    ) -> None:
        fault = task.kind.made()
        self._bench = replace(bench, faults={**bench.faults, fault.name: fault})
        self._free: asyncio.Queue[Slot] = asyncio.Queue()
        for slot in slots:
            self._free.put_nowait(slot)
        self._task = task
        self._control = control
        self._patience_s = patience_s
        self._repeats = repeats
        self._real_time = real_time
        self.by_submit = by_submit(task.flow, task.link)

    async def healthy(self) -> Look:
        """Look with nothing broken, over HTTP; raises LaboratoryError when the lab itself broke."""
        return _of_submit(0, await self._submit(None), "the submit itself")

    async def look(self, value: int, nth: int) -> Look:
        """Look at a value for the ``nth`` time; the last one is in real time, and so is whatever seems broken.

        Raises LaboratoryError when the lab broke twice, or the fault met no use of its link.
        """
        if self.by_submit:
            return await self._by_submit(value)
        advance = self._may_advance and nth < self._repeats
        look = await self._by_visit(value, advance=advance)
        if look.advanced and look.state is State.BROKEN:
            look = await self._by_visit(value, advance=False)
        return look

    @property
    def _may_advance(self) -> bool:
        task = self._task
        return task.kind.in_page_time and task.link.side is Side.BROWSER and task.flow.client == BROWSER and not self._real_time

    async def _by_submit(self, value: int) -> Look:
        kind, link = self._task.kind, self._task.link
        strike = Strike(link=link, fault=self._bench.faults[kind.fault], parameters=kind.parameters(value))
        submitted = Submitted()
        for _ in range(_TIMES_TRIED):
            submitted = await self._submit(strike)
            if not submitted.error:
                break
        return _of_submit(value, submitted, link.name)

    async def _submit(self, strike: Strike | None) -> Submitted:
        build = self._control.build if self._control is not None else self._bench.provider.builds[0]
        async with self._a_slot() as slot:
            lab = SubmitLab(self._bench, slot, self._task.flow, build=build, patience_s=self._patience_s)
            return await lab.run(strike)

    @contextlib.asynccontextmanager
    async def _a_slot(self) -> AsyncIterator[Slot]:
        slot = await self._free.get()
        try:
            yield slot
        finally:
            self._free.put_nowait(slot)

    async def _by_visit(self, value: int, *, advance: bool) -> Look:
        scenario = self._scenario(value, advance=advance)
        for _ in range(_TIMES_TRIED):
            async with self._a_slot() as slot:
                record = await LightLab(self._bench, slot, scenario, page_time=advance, fresh=self._task.kind.fresh).run()
            if not record.evidence.lab_error:
                break
        return _of_visit(value, record, self._task.link.name)

    def _scenario(self, value: int, *, advance: bool) -> Scenario:
        assert self._control is not None
        kind, link = self._task.kind, self._task.link
        facts = facts_of(kind.fault, at_target=TARGET_HOST in link.hosts)
        fault = self._bench.faults[kind.fault]
        return replace(
            self._control,
            id=f"{self._control.flow}-cliff-{link.name}-{kind.name}",
            kind="fault",
            link=link.name,
            link_side=link.side,
            # An answer that is late by the page's clock hangs until it is due.
            fault=replace(facts, hangs=advance),
            phase=link.phase,
            warmth=Warmth.COLD,
            behaviour=Behaviour(refresh=link.name == "refresh"),
            parameters=kind.parameters(value),
            expect=replace(
                self._control.expect,
                business_budget_ms=round(self._patience_s * 1000 / PATIENCE),
                # The page's date is set back by what the clock may be advanced, so that tickets are not from the future.
                minted_after_ms=value if advance and isinstance(fault, ResponseFault) else 0,
                looks=False,
                searches=False,
            ),
        )


def _of_submit(value: int, seen: Submitted, link: str) -> Look:
    if seen.error:
        raise LaboratoryError(seen.error)
    if not seen.used:
        raise LaboratoryError(f"nothing asked for the link {link} while the fault stood on it")
    state, said = State.VERIFIED, f"HTTP {seen.status}"
    if seen.offered:
        state, said = State.DEGRADED, f"HTTP {seen.status}, a step-up is offered"
    elif not seen.completed:
        state, said = State.BROKEN, f"HTTP {seen.status or '–'}: {seen.said}"
    elif seen.unverified:
        state, said = State.DEGRADED, f"HTTP {seen.status}, {seen.unverified}"
    return Look(value=value, state=state, said=said[:MOST_SAID], waited_ms=round(seen.real_ms, 1))


def _of_visit(value: int, record: Record, link: str) -> Look:
    evidence = record.evidence
    if evidence.lab_error:
        raise LaboratoryError(evidence.lab_error)
    visit = next((one for one in evidence.visits if one.name == "honest"), None)
    if visit is None or not any(one.action == "apply" for one in evidence.applied):
        raise LaboratoryError(f"the visit never came to the link {link}: the fault did not strike")
    waited = visit.business_ms
    return Look(
        value=value,
        state=_state_of(visit),
        said=f"{visit.outcome}{f': {visit.error}' if visit.error else ''}"[:MOST_SAID],
        waited_ms=None if waited is None else round(waited, 1),
        advanced=evidence.clock == "advanced",
    )


def _state_of(visit: Visit) -> State:
    if visit.outcome == "verified":
        return State.VERIFIED if visit.effects else State.BROKEN
    if visit.outcome in ("unverified", "stepped-up"):
        return State.DEGRADED if visit.effects else State.BROKEN
    return State.BROKEN
