"""The lab of one scenario of load: a crowd before, in and after an outage of the verdict API, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterable

from harness.errors import LaboratoryError
from harness.journal.model import LOOPBACK, CrowdCall, Evidence, Scenario
from harness.lab import collect
from harness.lab.bench import Bench
from harness.lab.forgeries import good_case
from harness.lab.naming import named
from harness.lab.outage import Outage
from harness.lab.recorded import RecordedLab
from harness.lab.recorder import Recorder
from harness.lab.settling import settled, size
from harness.lab.slot import TARGET_HOST, Slot
from harness.lab.stage import Stage
from harness.lab.waves import Arrival, Wave, crowd_of
from harness.load.crowd import Crowd, crowd_at
from harness.load.wave import Call, Heard
from harness.providers.base import BindsToVisitor
from harness.target import signals
from harness.target.preparing import Entry

# The crowd's own patience is 30 s (harness/load/swarm.py); what it does besides takes no time.
ANSWERED_WITHIN_S = 45.0
_MAX_TICKET = 600


class LoadLab(RecordedLab):
    """One crowd in one slot; :meth:`run` always returns a record, like a browser lab's."""

    def __init__(self, bench: Bench, slot: Slot, scenario: Scenario) -> None:
        self._bench = bench
        self._slot = slot
        self._scenario = scenario
        self._flow = bench.target.flows[scenario.flow]
        self._recorder = Recorder()
        self._stage: Stage | None = None
        self._tickets: dict[int, str] = {}
        self._arrivals: dict[int, Arrival] = {}
        self._entries: dict[int, Entry] = {}
        self._heard: list[Heard] = []
        self._effects = 0
        self._effects_by: dict[str, int] = {}
        self._outage = Outage(
            bench=bench, slot=slot, scenario=scenario, flow=self._flow, recorder=self._recorder, attempts=[], good=set()
        )

    @property
    def _base_url(self) -> str:
        return f"http://{TARGET_HOST}:{self._slot.origin.port}"

    async def _run(self) -> None:
        stage = self._stage = await Stage.set_up(self._bench, self._slot, self._scenario.build)
        load = self._flow.load
        if load is None:
            raise LaboratoryError(f"flows.{self._flow.name}.load is missing: nobody says how many come")
        drawn = crowd_of(self._bench.target, self._flow, load, self._scenario)
        self._arrivals = {arrival.number: arrival for arrival in drawn}
        before = await signals.counted(stage.base_url, self._flow)
        # Past every fault, yet through the gate that counts what arrives.
        async with crowd_at(self._base_url, marks=self._bench.marks) as crowd:
            self._heard = crowd.heard
            await self._let_come(crowd, stage)
        due = size(before) + sum(call.completed for call in self._crowd())
        self._count(before, await settled(stage.base_url, self._flow, lambda count: count == due))

    def _count(self, before: int | list[object], after: int | list[object]) -> None:
        self._effects = size(after) - size(before)
        if isinstance(before, list) and isinstance(after, list):
            accounts = {self._account(arrival) for arrival in self._arrivals.values()}
            self._effects_by = dict(named(after, accounts) - named(before, accounts))

    async def _let_come(self, crowd: Crowd, stage: Stage) -> None:
        """Send the waves; each one's tickets are issued just before it, for they are good for some minutes only."""
        self._recorder.begin("before")
        await self._let_in()
        await crowd.send(await self._calls("before"))
        await crowd.answered(limit_s=ANSWERED_WITHIN_S)
        calls = await self._calls("outage")
        self._recorder.begin("outage")
        async with self._outage.stands(stage):
            await crowd.send(calls)
            ends_ms = self._recorder.moment().page_ms + max(call.at_s for call in calls) * 1000
            calls = await self._calls("after")
            # Not until each has an answer: who still waits when it ends must be served, too.
            await self._recorder.until_page_ms(ends_ms)
        self._recorder.begin("after")
        await crowd.send(calls)
        await crowd.answered(limit_s=ANSWERED_WITHIN_S + calls[-1].at_s)

    async def _let_in(self) -> None:
        """Sign everybody in and open their pages while all is well: in the outage the target may answer nobody."""
        for arrival in self._arrivals.values():
            if arrival.who != "page":
                account, sent_from = self._account(arrival), self._from(arrival)
                self._entries[arrival.number] = await signals.entry(self._base_url, self._flow, account, sent_from)

    async def _calls(self, wave: Wave) -> list[Call]:
        return [await self._call(one) for one in self._arrivals.values() if one.wave == wave]

    async def _call(self, arrival: Arrival) -> Call:
        who = str(arrival.number)
        if arrival.who == "page":
            return Call(at_s=arrival.at_s, who=who, method="GET", path=arrival.path, headers=self._from(arrival))
        ticket, randstr = self._good_ticket(arrival) if arrival.who == "honest" else self._forged(arrival)
        self._tickets[arrival.number] = ticket
        values = {"account": self._account(arrival), "ticket": ticket, "randstr": randstr}
        entry = self._entries[arrival.number]
        request = await signals.submission(self._base_url, self._flow, values, self._from(arrival), entry)
        kept = {name: value for name, value in request.headers.items() if name not in ("host", "content-length", "connection")}
        return Call(
            at_s=arrival.at_s,
            who=who,
            method=request.method,
            path=request.url.raw_path.decode("ascii"),
            body=request.content.decode(),
            headers=kept,
        )

    def _account(self, arrival: Arrival) -> str:
        return self._bench.target.accounts.replace("{n}", str(arrival.account))

    def _from(self, arrival: Arrival) -> dict[str, str]:
        """What the proxy in front of the target would say of who this is: the crowd stands behind it."""
        header = self._bench.target.client_ip_header
        return {header: arrival.address} if header else {}

    def _good_ticket(self, arrival: Arrival) -> tuple[str, str]:
        emulator = self._slot.provider.emulator
        if isinstance(emulator, BindsToVisitor) and self._bench.target.client_ip_header:
            emulator.visitor_ip = lambda: arrival.address
        good = good_case(self._bench.provider.verdict_cases(emulator))
        self._outage.good.add(good.ticket[:_MAX_TICKET])
        return good.ticket, good.randstr

    def _forged(self, arrival: Arrival) -> tuple[str, str]:
        app_id = self._slot.provider.emulator.credentials.app_id
        return f"terror_1001_{app_id}_{int(time.time())}", f"@{arrival.number:x}"

    def _crowd(self) -> Iterable[CrowdCall]:
        for heard in self._heard:
            arrival = self._arrivals[int(heard.who)]
            told = signals.answered(heard.status, heard.text, real_ms=heard.real_ms, error=heard.error)
            submits = arrival.who != "page"
            yield CrowdCall(
                who=arrival.who,
                wave=arrival.wave,
                began_ms=round(heard.began_s * 1000, 1),
                real_ms=heard.real_ms,
                status=heard.status,
                ticket=self._tickets.get(arrival.number, "")[:_MAX_TICKET],
                completed=submits and signals.completed(told, self._flow),
                offered=submits and signals.offered(told, self._flow),
                error=heard.error,
                account=self._account(arrival),
                address=arrival.address if self._bench.target.client_ip_header else LOOPBACK,
            )

    def _evidence(self, error: str) -> Evidence:
        slot, recorder, stage = self._slot, self._recorder, self._stage
        if stage is None:
            # The slot's logs are then still the last lab's.
            return Evidence(lab_error=error)
        error = error or slot.provider.trouble
        return Evidence(
            applied=tuple(recorder.applied),
            sightings=self._outage.seen,
            verdict_calls=collect.verdict_calls(slot, recorder),
            crowd=tuple(self._crowd()),
            crowd_effects=self._effects,
            crowd_effects_by=tuple(sorted(self._effects_by.items())),
            refused_hosts=slot.router.refused_hosts(),
            lab_error=error,
            target_output=stage.output()[-4000:],
            real_ms=round((time.monotonic() - recorder.began) * 1000, 1),
        )
