"""Let one user through the flow and write down what came of it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from harness.catalog import Behaviour, Habit
from harness.journal.model import Moment, OtherWay, Scenario, Visit
from harness.lab import collect
from harness.lab.bench import Bench
from harness.lab.fronts import Seat
from harness.lab.habits import TOGETHER_LIMIT_S, Together, first_through, solve_late
from harness.lab.handle import Handle, Leg, User
from harness.lab.inbox import Known
from harness.lab.other_way import take_other_way
from harness.lab.outbox import patience_s
from harness.lab.passing import Passed, pass_through
from harness.lab.recorder import Recorder
from harness.lab.settling import settled
from harness.lab.signalling import Reading, Signalling
from harness.lab.slot import Slot
from harness.lab.stage import Stage
from harness.providers.base import Delivers
from harness.target import signals

# The lab's patience beyond the budget: a visit that is late is still seen to end, and is judged by its time.
PATIENCE = 1.3
RECOVERY_PATIENCE = 1.5
# The healthy ones say what the page shows without any outage; two, since what comes from elsewhere shows not every time.
_LOOKED_AT = ("honest", "new-tab", "new-visitor")


class Visitors:
    """The users of one lab, one after the other; ``visits`` is what was seen of them."""

    def __init__(
        self,
        bench: Bench,
        slot: Slot,
        stage: Stage,
        scenario: Scenario,
        recorder: Recorder,
        on_click: Callable[[], Awaitable[None]],
    ) -> None:
        self.visits: list[Visit] = []
        self._bench = bench
        self._slot = slot
        self._stage = stage
        self._scenario = scenario
        self._flow = bench.target.flows[scenario.flow]
        self._recorder = recorder
        self._on_click = on_click
        self._signalling = Signalling(stage, bench.target.observe)
        self._signals_before: Reading | None = None
        self._effects_before = 0
        self._texts_before = ""
        self._codes = Known()

    async def let_through(
        self, name: str, seat: Seat, behaviour: Behaviour, *, account: int, beside: Sequence[Seat] = ()
    ) -> None:
        """Let one user through, in the seats ``beside`` as well; the visit is appended to ``visits``, whatever its outcome."""
        recorder, base_url, flow = self._recorder, self._stage.base_url, self._flow
        began = recorder.begin(name) if recorder.visit != name else recorder.moment()
        self._effects_before = await signals.effects(base_url, flow)
        self._texts_before = await signals.effect_texts(base_url, flow)
        marked_before = await signals.marked_verified(base_url, flow)
        self._signals_before = await self._signalling.read()
        user = self._user(name, behaviour, account)
        handles = [(one, one.handle(user)) for one in (seat, *beside)]
        budget_ms = behaviour.pause_before_show_ms + self._patience_ms(name) + (TOGETHER_LIMIT_S * 1000 if beside else 0)
        drive = self._bench.drives[flow.name]
        passing = [pass_through(one.page, its, drive, recorder, budget_ms=budget_ms) for one, its in handles]
        passed = await self._stage.while_alive(first_through(passing))
        screenshot = await self._screenshot(seat, name) if name == "honest" or not passed.completed else ""
        handle = handles[0][1]
        # After the picture: what Tab comes to is drawn otherwise.
        await handle.look("ended")
        if passed.completed:
            # What was done may be written, or shown, later than it was said.
            await settled(base_url, flow, lambda count: count > self._effects_before)
        await self._note_effect_tickets()
        visit = await self._as_seen(name, began, passed, handle)
        self.visits.append(replace(visit, screenshot=screenshot, marked_verified=await self._newly_marked(marked_before)))

    def _user(self, name: str, behaviour: Behaviour, account: int) -> User:
        return User(
            base_url=self._stage.base_url,
            spec=self._flow,
            account=self._bench.target.accounts.replace("{n}", str(account)),
            behaviour=behaviour,
            human=self._bench.human,
            recorder=self._recorder,
            on_click=self._on_click,
            keeps_asking=name == "honest",
            explains=self._explains if name == "honest" else "",
            looks=name in _LOOKED_AT and self._scenario.expect.looks,
            delivered=self._delivered,
            codes=self._codes,
            code_patience_s=patience_s(self._bench.target.budgets.business_ms),
        )

    async def _as_seen(self, name: str, began: Moment, passed: Passed, handle: Handle) -> Visit:
        """The visit that has just passed, as logs, page and target show it; the effects are counted once it has ended."""
        recorder, flow, before = self._recorder, self._flow, self._signals_before
        last = Leg(clicked=passed.clicked or began, over=passed.ended, in_vain_ms=handle.in_vain_ms)
        legs = [*passed.earlier, last]
        facts = collect.visit_facts(name, self._slot, recorder, flow, legs=legs)
        business_ms = [leg.over.page_ms - leg.clicked.page_ms - leg.in_vain_ms for leg in legs]
        return Visit(
            name=name,
            outcome=collect.outcome(passed, facts),
            began=began,
            ended=recorder.mark("visit-ends"),
            clicked=passed.clicked,
            captchas=len(legs),
            fallback_ms=facts.fallback_ms,
            business_ms=max(business_ms) if passed.completed else None,
            effects=await signals.effects(self._stage.base_url, flow) - self._effects_before,
            usable_ms=passed.usable_ms if name == "honest" else None,
            loaded_ms=passed.usable.page_ms - began.page_ms if passed.usable else None,
            step_up_offered=passed.offered,
            error=passed.error,
            explained=None if passed.explained is None else passed.explained[:600],
            signalled=await self._signalling.since(before) if before is not None else None,
            looks=tuple(handle.looks),
            page_errors=recorder.page_errors_of(name),
        )

    @property
    def _explains(self) -> str:
        expect = self._scenario.expect
        return expect.explains or expect.says

    def _delivered(self, to: str) -> str:
        emulator = self._slot.provider.emulator
        return emulator.delivered(to) if isinstance(emulator, Delivers) else ""

    async def _newly_marked(self, before: int | None) -> int | None:
        now = await signals.marked_verified(self._stage.base_url, self._flow)
        return None if now is None or before is None else now - before

    def take_off(self, door: Together) -> None:
        """Take off the last visit's times what its submit was held at a door of the lab's own."""
        visit = self.visits[-1]
        start_ms = (visit.clicked or visit.began).page_ms

        def without(spent_ms: float | None) -> float | None:
            return None if spent_ms is None else spent_ms - door.held_ms(start_ms, start_ms + spent_ms)

        self.visits[-1] = replace(visit, fallback_ms=without(visit.fallback_ms), business_ms=without(visit.business_ms))

    async def count_late_effects(self) -> None:
        """Count the last visit's effects again: a late callback or a re-sent request may have added one."""
        effects = await signals.effects(self._stage.base_url, self._flow) - self._effects_before
        self.visits[-1] = replace(self.visits[-1], effects=effects)
        await self._note_effect_tickets()

    async def come_back(self, seat: Seat) -> None:
        """Let the same user go back and take the same way again, without solving a challenge."""
        await seat.page.go_back(wait_until="commit")
        await self.let_through("back", seat, Behaviour(habit=Habit.LEAVES_IT), account=1)

    async def solve_late(self, seat: Seat) -> None:
        """Let the last user solve a challenge that comes when the page has gone on."""
        await solve_late(seat.page, self._bench.human, self._slot, self._flow, self._recorder)

    async def read_late_signals(self) -> None:
        """Read again what target and page said of the last visit: a log may be written, an error thrown after the answer."""
        if self._signals_before is not None and self.visits:
            signalled, errors = await self._signalling.since(self._signals_before), self._recorder.page_errors_of
            self.visits[-1] = replace(self.visits[-1], signalled=signalled, page_errors=errors(self.visits[-1].name))

    async def let_gauge_fall(self, *names: str) -> None:
        """Give a gauge that these visits left standing the time to recover: a breaker's falls when its memory has passed."""
        began_s, limit_ms = time.monotonic(), self._scenario.expect.recovery_budget_ms
        for place, visit in enumerate(self.visits):
            if visit.name in names and visit.signalled is not None:
                settled = await self._signalling.settled(visit.signalled, since_s=began_s, limit_ms=limit_ms)
                self.visits[place] = replace(visit, signalled=settled)

    async def take_other_way(self) -> OtherWay:
        """Let somebody else take the flow's other way in; an effect of that is not the last visit's."""
        base_url, flow, accounts = self._stage.base_url, self._flow, self._bench.target.accounts
        before = await signals.effects(base_url, flow)
        taken = await self._stage.while_alive(take_other_way(self._slot, self._recorder, flow, accounts))
        if taken.through and await signals.effects(base_url, flow) > before:
            self._effects_before += 1
        self._texts_before = await signals.effect_texts(base_url, flow)
        return taken

    async def _note_effect_tickets(self) -> None:
        texts = await signals.effect_texts(self._stage.base_url, self._flow)
        collect.note_effect_tickets(self._texts_before, texts, self._slot, self._recorder, self._flow)

    def _patience_ms(self, name: str) -> float:
        expect = self._scenario.expect
        if name in ("honest", "control"):
            return expect.business_budget_ms * PATIENCE
        return expect.recovery_budget_ms * RECOVERY_PATIENCE

    async def _screenshot(self, seat: Seat, name: str) -> str:
        file = f"data/{self._scenario.id}.{name}.png"
        if not await seat.draw(self._bench.run_folder / file):
            return ""
        self._recorder.mark("screenshot", detail=file)
        return file
