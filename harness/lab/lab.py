"""The lab of one visitor's scenario: set up, let the user through the broken link, heal, let three more users through."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import Counter

from harness.catalog import BRIEFLY, ONCE, Behaviour, Family, Habit, Side
from harness.journal.model import Diagnosis, Evidence, FaultFacts, OtherWay, Scenario, Sighting, Visit
from harness.lab import collect
from harness.lab.addresses import Addresses, stand_in_front
from harness.lab.bench import Bench
from harness.lab.courses import FlapsByUser, striker_of
from harness.lab.diagnosing import diagnoses
from harness.lab.edges import AID, edge_of, paths_of
from harness.lab.fault_window import Meters, Snapshot, not_clean
from harness.lab.fronts import Flights, Front, Seat, Tab
from harness.lab.habits import Together
from harness.lab.impatience import go_on_when_it_shows
from harness.lab.leaks import searched
from harness.lab.opening import open_front
from harness.lab.owed import LINGER_LIMIT_S, STILL_S, UNHEARD_S, Owed, owed_by, until_settled, until_still
from harness.lab.recorded import RecordedLab
from harness.lab.recorder import Recorder
from harness.lab.sightings import sightings
from harness.lab.slot import Slot
from harness.lab.stage import Stage
from harness.lab.striker import Strikes
from harness.lab.traffic import Flight
from harness.lab.visitors import Visitors

LATE_CALLBACK_MS = 2000
_NEW_VISITOR = 4
# Transport faults under which an answer comes: late, or to a client that does not look at certificates.
_DELIVERS = ("latency", "bandwidth", "slicer", "slow-close", "expired-", "wrong-name-", "unknown-ca-")
# And all that strike only what the client sends: the answer to a request that has arrived goes another way.
_OTHER_WAY = "-upstream"


def cuts(fault: FaultFacts) -> bool:
    """Whether an answer made while it stands is lost: a transport fault that does more than slow what is answered."""
    transport = fault.family is Family.TRANSPORT
    return transport and not fault.name.startswith(_DELIVERS) and not fault.name.endswith(_OTHER_WAY)


class Lab(RecordedLab):
    """One scenario in one slot. :meth:`run` always returns a record; what broke in the lab itself is its ``lab_error``."""

    def __init__(self, bench: Bench, slot: Slot, scenario: Scenario, *, real_time: bool) -> None:
        self._bench = bench
        self._slot = slot
        self._scenario = scenario
        self._flow = bench.target.flows[scenario.flow]
        self._link = bench.links[scenario.link]
        self._real_time = real_time
        self._recorder = Recorder()
        self._stage: Stage | None = None
        fixed = slot.live.live.address if slot.live is not None else ""
        self._addresses = Addresses(bench.target.client_ip_header, bench.target.client_ip_ranges, fixed=fixed)
        self._visits: list[Visit] = []
        self._striker: Strikes | None = None
        self._other_way: OtherWay | None = None
        self._fronts = 0
        self._before = Meters()
        self._healed_meters = Meters()
        self._at_heal = Snapshot()

    async def _run(self) -> None:
        slot, scenario = self._slot, self._scenario
        stage = self._stage = await Stage.set_up(self._bench, slot, scenario.build)
        slot.origin.paths = paths_of(self._flow)
        stand_in_front(slot, self._recorder, self._addresses)
        self._before = await self._bench.meters(slot)
        visitors = Visitors(self._bench, slot, stage, scenario, self._recorder, self._clicked)
        self._visits = visitors.visits
        front = await self._front()
        try:
            if scenario.kind == "control":
                await visitors.let_through("control", await front.open(), scenario.behaviour, account=1)
            else:
                seat = await self._break(stage, visitors, front)
                if scenario.behaviour.habit is Habit.GOES_BACK:
                    await visitors.come_back(seat)
                if scenario.strikes != ONCE:
                    await self._recover(visitors, front, seat)
        finally:
            await front.close()

    async def _break(self, stage: Stage, visitors: Visitors, front: Front) -> Seat:
        """Let the honest user through the broken link, and end the fault; returns the seat as the user left it."""
        recorder, traffic = self._recorder, front.traffic
        striker = self._striker = self._make_striker(stage, front)
        clock = front.clock(
            recorder,
            may_advance=lambda: self._only_timers_can_end_it(striker, traffic),
            changed=lambda: max(traffic.changed, self._slot.last_activity()),
        )
        if self._may_advance_clock():
            await clock.install(behind_ms=self._scenario.expect.minted_after_ms)
        seat = await front.open()
        if self._scenario.third_party and isinstance(seat, Tab):
            go_on_when_it_shows(seat.page)
        recorder.begin("honest")
        recorder.into_the_fault = self._into_the_fault
        await striker.before_load()
        try:
            await self._meet_the_fault(visitors, seat, front)
            if isinstance(striker, FlapsByUser):
                await striker.come_back()
                await visitors.let_through("comes-back", await front.open(), Behaviour(), account=5)
            if self._scenario.expect.other_way and striker.standing:
                striker.stop_reading()
                self._other_way = await visitors.take_other_way()
        finally:
            await striker.heal()
            await clock.stop()
        if striker.error is not None:
            raise striker.error
        self._healed_meters = await self._bench.meters(self._slot)
        await striker.settled()
        await self._wait_for_owed_answers(visitors)
        return seat

    async def _meet_the_fault(self, visitors: Visitors, seat: Seat, front: Front) -> None:
        beside, door = [], None
        if self._scenario.behaviour.habit is Habit.SECOND_TAB:
            door = self._slot.origin.on_request = Together(self._flow, 2, self._recorder)
            beside = [await front.open()]
        traffic = front.traffic
        try:
            await visitors.let_through("honest", seat, self._scenario.behaviour, account=1, beside=beside)
            if door is not None:
                door.open()
                visitors.take_off(door)
            await traffic.settle()
            await self._wait_for_late_callbacks(visitors, seat)
            await visitors.read_late_signals()
        finally:
            standing = await not_clean(self._slot, self._link)
            self._at_heal = Snapshot.take(self._slot.router.log, traffic.seen(), standing)

    async def _recover(self, visitors: Visitors, front: Front, seat: Seat) -> None:
        # Leave what the old one shows first: it must not be taken for the new visit's outcome.
        await seat.leave()
        await visitors.let_through("same-tab", seat, Behaviour(), account=2)
        await visitors.let_through("new-tab", await front.open(), Behaviour(), account=3)
        other = await self._front()
        try:
            await visitors.let_through("new-visitor", await other.open(), Behaviour(), account=_NEW_VISITOR)
        finally:
            await other.close()
        await visitors.let_gauge_fall("new-tab", "new-visitor")

    async def _front(self) -> Front:
        profile, look_into = self._scenario.browser_profile, self._altered_links()
        account, self._fronts = _NEW_VISITOR if self._fronts else 1, self._fronts + 1
        return await open_front(
            self._bench, self._slot, self._recorder, self._flow, profile=profile, look_into=look_into, account=account
        )

    def _altered_links(self) -> tuple[str, ...]:
        fault = self._scenario.fault
        return (self._scenario.link,) if fault is not None and fault.family is Family.RESPONSE else ()

    def _make_striker(self, stage: Stage, front: Front) -> Strikes:
        scenario, slot, link = self._scenario, self._slot, self._link
        assert scenario.fault is not None
        others = dict.fromkeys(h for other in self._bench.links.values() for h in other.hosts if h not in link.hosts)
        browser = front.controls(slot, page_url=stage.base_url)
        edge = edge_of(slot, link, scenario.parameters, browser=browser, other_hosts=tuple(others))
        fault = self._bench.faults[scenario.fault.name]
        striker = striker_of(scenario, fault, edge, link, slot, self._recorder, self._flow)
        striker.printed = stage.output
        return striker

    async def _clicked(self) -> None:
        if self._striker is not None:
            await self._striker.clicked()

    def _into_the_fault(self, link: str, answered: float) -> bool:
        """Whether an answer made then was lost: a transport fault that does more than slow stood on the link."""
        fault, striker = self._scenario.fault, self._striker
        if fault is None or striker is None or striker.struck is None or link != self._scenario.link:
            return False
        return cuts(fault) and striker.struck <= answered <= (striker.healed or time.monotonic())

    def _may_advance_clock(self) -> bool:
        """Only a hang on a browser link leaves nothing but timers; a session that would end meanwhile needs real time."""
        scenario, session_s = self._scenario, self._flow.session_s
        outlives = session_s is not None and scenario.expect.minted_after_ms >= session_s * 1000
        hangs = scenario.fault is not None and scenario.fault.hangs and scenario.link_side is Side.BROWSER
        # Behind a third party's hang the flow goes on, and its user needs as long as people need.
        goes_on = scenario.third_party or scenario.strikes == BRIEFLY
        return hangs and not outlives and not goes_on and not self._real_time

    def _only_timers_can_end_it(self, striker: Strikes, traffic: Flights) -> bool:
        flights = traffic.in_flight()
        if striker.applied is None or not striker.standing or not flights or self._somebody_works():
            return False
        waiting = Counter(flight.host for flight in flights)
        return all(
            self._struck(flight) and waiting[flight.host] <= self._silent(flight.host, striker.applied) for flight in flights
        )

    def _somebody_works(self) -> bool:
        """Whether provider or target still owe an answer on a link that is not the broken one, or the target a code."""
        name, slot = self._link.name, self._slot
        at_provider = any(a.answered is None and not a.lost and a.link not in (name, "") for a in slot.provider.log)
        return self._recorder.awaits_code or at_provider or (name not in ("page", "submit", AID) and slot.origin.busy)

    def _struck(self, flight: Flight) -> bool:
        return flight.link == self._link.name or flight.host in self._link.hosts

    def _silent(self, host: str, applied: float) -> int:
        """How many connections to the host are open with a question out and nothing back since: requests that have arrived."""
        open_since = self._slot.router.connections((host,), since=applied)
        return sum(c.ended is None and c.bytes_up > 0 and c.last_down < c.last_up for c in open_since)

    async def _wait_for_late_callbacks(self, visitors: Visitors, seat: Seat) -> None:
        """Stay until the vendor's own callback is overdue where the page's watchdog came first: it must change nothing."""
        wait_ms, clicked, watchdog_ms = self._scenario.wait_ms, visitors.visits[-1].clicked, self._flow.watchdog_ms
        if clicked is None or wait_ms is None or watchdog_ms is None or wait_ms <= watchdog_ms:
            return
        late = self._recorder.until_page_ms(clicked.page_ms + wait_ms + LATE_CALLBACK_MS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(late, LINGER_LIMIT_S)
        await until_still(self._slot, STILL_S, lambda: any(one.waited_for for one in self._owed()))
        if self._scenario.behaviour.habit is Habit.SOLVES_LATE:
            await visitors.solve_late(seat)
        await visitors.count_late_effects()

    async def _wait_for_owed_answers(self, visitors: Visitors) -> None:
        """Stay while the target still works on what it was sent in the outage: what comes of it is not the next user's."""
        may_owe = self._scenario.link_side is Side.SERVER or self._scenario.kind in ("recovery", "schedule")
        if not may_owe or not self._owed():
            return
        await until_settled(self._slot, self._owed, self._asks_in_vain, unheard_s=UNHEARD_S)
        await visitors.count_late_effects()

    def _owed(self) -> list[Owed]:
        """What the target owes of the flow, and of what the page began when its user had asked for the captcha."""
        clicked = self._visits[0].clicked if self._visits else None
        clicked_s = math.inf if clicked is None else self._recorder.began + clicked.at_ms / 1000
        return owed_by(self._slot.origin, self._flow, clicked_s=clicked_s)

    def _asks_in_vain(self) -> bool:
        """Whether a question on the broken link is still without an answer."""
        struck = self._striker.struck if self._striker is not None else None
        return struck is not None and any(self._silent(host, struck) for host in self._link.hosts)

    def _evidence(self, error: str) -> Evidence:
        recorder, slot, stage = self._recorder, self._slot, self._stage
        found = collect.evidence_of(slot, recorder, self._flow)
        output = stage.output() if stage is not None else ""
        error = error or slot.provider.trouble
        evidence = Evidence(
            visits=tuple(self._visits),
            events=collect.timeline(recorder, slot, self._flow),
            applied=tuple(recorder.applied),
            sightings=self._sightings(found),
            callbacks=tuple(recorder.callbacks),
            tickets=found.tickets,
            submits=found.submits,
            posts=found.posts,
            verdict_calls=found.verdict_calls,
            guarded_calls=found.guarded_calls,
            other_way=self._other_way,
            requests_at_origin=found.requests_at_origin,
            scripts=found.scripts,
            refused_hosts=slot.router.refused_hosts(),
            addresses=self._addresses.seen(recorder),
            diagnoses=self._diagnoses(),
            lab_error=error,
            target_output=output[-4000:],
            clock=recorder.clock,
            advanced_ms=recorder.advanced_ms,
            real_ms=round((time.monotonic() - recorder.began) * 1000, 1),
        )
        if stage is None:
            return evidence
        return searched(evidence, slot, recorder, stage.overheard, self._flow, self._bench.target.session_cookies)

    def _diagnoses(self) -> tuple[Diagnosis, ...]:
        if self._scenario.kind != "control" or not self._visits:
            return ()
        return diagnoses(self._slot, self._recorder, self._bench.target, self._flow, self._visits[-1])

    def _sightings(self, found: collect.Found) -> tuple[Sighting, ...]:
        striker = self._striker
        if striker is None or striker.struck is None:
            return ()
        return sightings(
            self._scenario,
            self._link,
            self._slot,
            self._recorder,
            self._at_heal,
            applied=striker.struck,
            healed=striker.healed or time.monotonic(),
            before=self._before,
            after=self._healed_meters,
            output=striker.printed_meanwhile,
            submits=found.submits,
            tickets=found.tickets,
            observe=self._bench.target.observe,
        )
