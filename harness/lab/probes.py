"""The lab of one scenario over HTTP: forged tickets in health and in an outage, and verdicts that are no pass."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Iterable, Sequence

from harness import tickets as grammar
from harness.catalog import Policy
from harness.journal.model import (
    AGAIN,
    FRESH,
    HELD_UP,
    HONEST_TRY,
    NEXT,
    VERDICT_DOWN,
    Asked,
    Attempt,
    Evidence,
    Scenario,
)
from harness.lab import collect
from harness.lab.addresses import Addresses, issue_to, stand_aside, stand_in_front
from harness.lab.bench import Bench
from harness.lab.forged_submits import with_headers, without_ticket
from harness.lab.forgeries import Forger, Forgery, Round, good_case, honest
from harness.lab.leaks import searched
from harness.lab.naming import named
from harness.lab.outage import Outage
from harness.lab.outbox import Outbox, patience_s
from harness.lab.recorded import RecordedLab
from harness.lab.recorder import Recorder
from harness.lab.second_factor import SecondFactor, Tried
from harness.lab.settling import settled, size
from harness.lab.slot import TARGET_HOST, Slot
from harness.lab.stage import Stage
from harness.lab.storm import Storm
from harness.lab.verdicts import MAX_TICKET, VERDICT, Verdicts, verdict_calls
from harness.providers.base import VerdictCase
from harness.target import signals
from harness.target.signals import SubmitResult
from harness.target.spec import FlowSpec

SERVER_TICKETS_REPLAYED = 5
UNVERIFIABLE_SETS = 3

_MAX_DETAIL = 200


class HttpLab(RecordedLab):
    """One forgery or verdict scenario in one slot; :meth:`run` always returns a record, like a browser lab's."""

    def __init__(self, bench: Bench, slot: Slot, scenario: Scenario) -> None:
        self._bench = bench
        self._slot = slot
        self._scenario = scenario
        self._flow: FlowSpec = bench.target.flows[scenario.flow]
        self._recorder = Recorder()
        self._attempts: list[Attempt] = []
        self._codes = Tried(codes=())
        self._stage: Stage | None = None
        self._addresses = Addresses(bench.target.client_ip_header, bench.target.client_ip_ranges)
        self._counted = 0
        self._effects_by: dict[str, int] = {}
        self._outage = Outage(
            bench=bench,
            slot=slot,
            scenario=scenario,
            flow=self._flow,
            recorder=self._recorder,
            attempts=self._attempts,
            good=set(),
        )

    async def _run(self) -> None:
        scenario, slot = self._scenario, self._slot
        stage = await Stage.set_up(self._bench, slot, scenario.build)
        self._stage = stage
        stand_in_front(slot, self._recorder, self._addresses)
        self._counted = await signals.effects(stage.base_url, self._flow)
        self._recorder.begin("control")
        await self._make((honest(self._cases()),))
        if scenario.kind == "verdict":
            self._recorder.begin("verdicts")
            await self._verdicts().given()
            return
        if scenario.kind == "storm":
            stand_aside(slot)
            await self._storm(stage).breaks()
            await self._whose()
            return
        forger = self._forger()
        if VERDICT in (scenario.link, *scenario.beside) and scenario.fault is not None:
            await self._replay_what_is_minted(forger, stage)
        self._recorder.begin("forger")
        if scenario.fault is None:
            await self._forge(forger)
            return
        async with self._outage.stands(stage):
            await self._forge(forger)
        await self._make(forger.again(self._minted()))

    def _verdicts(self) -> Verdicts:
        return Verdicts(
            slot=self._slot,
            recorder=self._recorder,
            flow=self._flow,
            link=self._scenario.link,
            cases=self._cases,
            submit=self._submit,
            note=self._note,
        )

    def _storm(self, stage: Stage) -> Storm:
        return Storm(
            outage=self._outage,
            stage=stage,
            recorder=self._recorder,
            good=self._good_for,
            submit=self._submit_in_crowd,
            note=self._note,
            served=lambda result: signals.completed(result, self._flow) or signals.offered(result, self._flow),
            verified=self._verified,
        )

    def _good_for(self, account: int) -> VerdictCase:
        """A good ticket that was issued where the target will see this account."""
        issue_to(self._slot, self._addresses.of_account(account))
        return good_case(self._cases())

    async def _submit_in_crowd(self, one: Forgery) -> SubmitResult:
        """Send a try of somebody honest, as the proxy in front of the target hands it on."""
        header, values = self._addresses.header, self._values(one)
        told = {header: self._addresses.of_account(one.account)} if header else {}
        return await signals.submit(self._door(), self._flow, values, told)

    def _verified(self, sent: Forgery, result: SubmitResult) -> bool:
        """Whether the business is done on the provider's word for this very ticket."""
        reached = (call for call in verdict_calls(self._slot, self._recorder) if call.reached)
        passed = {call.ticket for call in reached if call.answer.strip() == "1"}
        return sent.ticket in passed and signals.completed(result, self._flow)

    async def _whose(self) -> None:
        """Count the effects by account, as far as the target's records name one: a storm's accounts are nobody else's."""
        assert self._stage is not None
        records = await signals.counted(self._stage.base_url, self._flow)
        if isinstance(records, list):
            accounts = {attempt.account for attempt in self._attempts if attempt.label != HONEST_TRY}
            self._effects_by = dict(named(records, accounts))

    async def _replay_what_is_minted(self, forger: Forger, stage: Stage) -> None:
        """Bring back what is minted in a short outage, at once and after it: later, used-up limits hide that it is taken."""
        self._recorder.begin("replayer")
        async with self._outage.stands(stage):
            await self._make(forger.unverifiable([good_case(self._cases())]))
            minted = self._minted()
            await self._make(forger.again(minted))
            await self._make(forger.noticed(self._cases))
            await self._make(forger.nothing())
        await self._make(forger.again(minted))

    async def _forge(self, forger: Forger) -> None:
        """Make the tries: worthless ones first, then what cannot be told from honest ones."""
        await self._make(forger.worthless(self._cases()))
        await self._make(forger.replay())
        if self._scenario.expect.second_factor:
            self._codes = await self._second_factor(forger).tried()
        if self._outage.health in VERDICT_DOWN:
            for _ in range(UNVERIFIABLE_SETS):
                cases = self._cases()
                self._outage.good.update(case.ticket[:MAX_TICKET] for case in cases if case.rewrite is not None)
                await self._make(forger.unverifiable(cases))
        await self._make(forger.burst())
        await self._make(forger.without_randstr())
        await self._make(forger.crowd())
        await self._make(forger.elsewhere())

    def _second_factor(self, forger: Forger) -> SecondFactor:
        async def offer() -> SubmitResult:
            forgery = self._looking_honest(forger)
            result = await self._submit(forgery)
            await self._note((forgery,), (result,))
            return result

        assert self._stage is not None
        assert self._flow.step_up is not None
        wait_s = patience_s(self._bench.target.budgets.business_ms)
        return SecondFactor(
            flow=self._flow,
            door=self._door(),
            outbox=Outbox(base_url=self._stage.base_url, step_up=self._flow.step_up, patience_s=wait_s),
            offer=offer,
            gained=self._gained,
            codes=self._recorder.codes,
        )

    def _looking_honest(self, forger: Forger) -> Forgery:
        """What is offered a step-up: a fallback ticket, or in an outage a good one that nobody can be asked about."""
        if self._outage.health not in VERDICT_DOWN:
            return forger.another()
        good = good_case(self._cases())
        self._outage.good.add(good.ticket[:MAX_TICKET])
        return next(forger.unverifiable([good]))[0]

    def _door(self) -> str:
        """The target past every fault, yet through the gate that counts what arrives."""
        return f"http://{TARGET_HOST}:{self._slot.origin.port}"

    def _forger(self) -> Forger:
        expect, app_id = self._scenario.expect, self._slot.provider.emulator.credentials.app_id
        limits = expect.limits if expect.policy is Policy.ACCEPT else None
        return Forger(app_id=app_id, now_s=int(time.time()), seed=self._scenario.id, limits=limits)

    async def _make(self, rounds: Iterable[Round]) -> None:
        for together in rounds:
            results = await asyncio.gather(*(self._submit(forgery) for forgery in together))
            await self._note(together, results)

    async def _submit(self, forgery: Forgery) -> SubmitResult:
        flow = without_ticket(self._flow) if forgery.ticket is None else self._flow
        if forgery.elsewhere:
            flow = with_headers(flow, self._addresses.claims_besides(forgery.elsewhere))
        values, claimed = self._values(forgery), self._addresses.claimed_by(forgery.account)
        # Whoever sends by hand may write what a proxy writes: it must neither widen a limit nor reach the provider.
        claims = {self._addresses.header: claimed} if self._addresses.header else {}
        return await signals.submit(self._door(), flow, values, claims)

    def _values(self, forgery: Forgery) -> dict[str, str]:
        return {"account": self._account(forgery), "ticket": forgery.ticket or "", "randstr": forgery.randstr}

    def _address(self, forgery: Forgery) -> str:
        """The address that a try claims for itself; of one of a crowd, where the target sees it come from."""
        if forgery.label in (HELD_UP, AGAIN, FRESH, NEXT):
            return self._addresses.of_account(forgery.account)
        return self._addresses.claimed_by(forgery.account) or TARGET_HOST

    def _account(self, forgery: Forgery) -> str:
        return self._bench.target.accounts.replace("{n}", str(forgery.account))

    async def _note(self, together: Round, results: Sequence[SubmitResult], *, asked: tuple[Asked, ...] = ()) -> None:
        done = [signals.completed(result, self._flow) for result in results]
        told = {forgery.account for forgery, completed in zip(together, done, strict=True) if completed}
        shares = _shares(await self._gained(len(told)), done)
        for forgery, result, effects, completed in zip(together, results, shares, done, strict=True):
            attempt = self._attempt(forgery, result, effects)
            self._attempts.append(dataclasses.replace(attempt, completed=completed, together=len(together), asked=asked))

    async def _gained(self, told: int = 0) -> int:
        """What the origin gained since it was last asked; so many who were ``told`` that it is done may be waited for."""
        assert self._stage is not None
        before = self._counted
        self._counted = size(await settled(self._stage.base_url, self._flow, lambda count: count - before >= told))
        return self._counted - before

    def _attempt(self, forgery: Forgery, result: SubmitResult, effects: int) -> Attempt:
        return Attempt(
            label=forgery.label,
            ticket=(forgery.ticket or "")[:MAX_TICKET],
            randstr=forgery.randstr[:MAX_TICKET],
            status=result.status,
            real_ms=round(result.real_ms, 1),
            effects=effects,
            offered=signals.offered(result, self._flow),
            server_error=result.status is not None and result.status >= 500,
            detail=(result.error or result.text)[:_MAX_DETAIL],
            account=self._account(forgery),
            address=self._address(forgery),
            health=self._outage.health,
            after_ms=round(forgery.after_ms, 1),
        )

    def _cases(self) -> Sequence[VerdictCase]:
        return self._bench.provider.verdict_cases(self._slot.provider.emulator)

    def _minted(self) -> list[str]:
        """Tickets that the target minted in the outage, as its answers showed them to whoever asked."""
        seen = collect.tickets_of(self._slot, self._recorder, self._flow)
        # An answer may repeat what it was sent: that was guessed, not minted.
        sent = {ticket.text for ticket in seen if ticket.where == "submit"}
        read = [grammar.read(ticket.text).ticket for ticket in seen if ticket.where == "answer" and ticket.text not in sent]
        return [str(ticket) for ticket in read if ticket is not None and ticket.minted_by_server][:SERVER_TICKETS_REPLAYED]

    def _evidence(self, error: str) -> Evidence:
        slot, recorder, stage = self._slot, self._recorder, self._stage
        if stage is None:
            # The slot's logs are then still the last lab's.
            return Evidence(lab_error=error)
        error = error or slot.provider.trouble
        found = collect.evidence_of(slot, recorder, self._flow)
        evidence = Evidence(
            events=collect.timeline(recorder, slot, self._flow),
            applied=tuple(recorder.applied),
            sightings=self._outage.seen,
            tickets=found.tickets,
            submits=found.submits,
            verdict_calls=verdict_calls(self._slot, self._recorder),
            guarded_calls=found.guarded_calls,
            attempts=tuple(self._attempts),
            code_tries=self._codes.codes,
            codes_untried=self._codes.untried,
            crowd_effects_by=tuple(sorted(self._effects_by.items())),
            requests_at_origin=found.requests_at_origin,
            scripts=found.scripts,
            refused_hosts=slot.router.refused_hosts(),
            addresses=self._addresses.seen(recorder),
            lab_error=error,
            target_output=stage.output()[-4000:],
            real_ms=round((time.monotonic() - recorder.began) * 1000, 1),
        )
        return searched(evidence, slot, recorder, stage.overheard, self._flow, self._bench.target.session_cookies)


def _shares(gained: int, done: Sequence[bool]) -> list[int]:
    """Share out what a round gained, one each: first to tries that were told it is done, then to the others, and again."""
    order = sorted(range(len(done)), key=lambda at: not done[at])
    shares = [0] * len(done)
    for taken in range(max(0, gained)):
        shares[order[taken % len(order)]] += 1
    return shares
