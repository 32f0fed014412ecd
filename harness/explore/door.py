"""The doors that a search knocks at: for each provider of a target one running target, behind a slot of its own.

The laboratory lives in a thread with an event loop; whoever knocks does so in plain functions, as Hypothesis calls them.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import httpx

from harness.catalog import Rewrite
from harness.catalog.recipes import Recipe
from harness.engine.workshop import Slots, Workshop
from harness.errors import HarnessError, TargetError, UsageError, closest
from harness.explore.outages import VERDICT, Outage, outages_of
from harness.explore.room import HEARD_WITHIN_S, Room
from harness.explore.seen import Seen, header_injected, reflected
from harness.explore.thread import open_laboratory, run_in
from harness.faults.base import FAULTS
from harness.lab.addresses import Addresses, issue_to
from harness.lab.edges import edge_of
from harness.lab.forgeries import good_case
from harness.lab.leaks import SecretSearch, leaked_in
from harness.lab.slot import Slot
from harness.lab.stage import Stage
from harness.plan.build import Plan
from harness.providers.serving import Arrival
from harness.target import signals
from harness.target.http import origin_client
from harness.target.problems import display
from harness.target.signals import Sent, SubmitResult
from harness.target.spec import FlowSpec, Target

Answer = TypeVar("Answer")
HONEST = Recipe(text="{honest}", label="honest")
"""Stands for a fresh ticket of the provider's, with the randstr that belongs to it."""

# A target knows so many users by name, and needs no more: then it is started anew, and nobody has used anything up.
ACCOUNTS = 500
_NO_VERDICTS = ("code 26", "code 31")
_DO_LIMIT_S = 120
# Two fallback tickets of one second are one; a client's clock may be so much ahead of ours.
_MOST_AHEAD_S = 5


class Door:
    """A target's business doors, in health or in an outage of the verdict APIs, which a forger knocks at over HTTP.

    ``slots`` holds one for each provider that its flows depend on, by the name that the target gives it. ``per_address`` knocks
    come from one address, where the target file names the header that tells it; None: all from this machine's.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, workshop: Workshop, slots: Mapping[str, Slot], per_address: int | None = None
    ) -> None:
        self._loop, self._workshop, self._slots = loop, workshop, slots
        self._rooms: dict[str, Room] = {}
        self._outage: Outage | None = None
        self._per_address = per_address
        target = workshop.target
        self._addresses = Addresses(target.client_ip_header if per_address else None, target.client_ip_ranges)

    @property
    def target(self) -> Target:
        """The target."""
        return self._workshop.target

    @property
    def plan(self) -> Plan:
        """Its plan."""
        return self._workshop.plan

    @property
    def flows(self) -> tuple[FlowSpec, ...]:
        """The flows that can be performed over HTTP, of the providers that stand behind this door."""
        return tuple(flow for flow in over_http(self.target) if flow.provider in self._slots)

    def client_codes(self, flow: FlowSpec) -> tuple[int, ...]:
        """The codes that the client of a flow's provider documents for its own fallback tickets."""
        modes = self._workshop.bench_of(flow.name).provider.modes
        return tuple(mode.code for mode in modes if mode.minted_by != "server")

    def prove(self, flows: Iterable[FlowSpec]) -> None:
        """Show with one good ticket a flow that each submit works; raises :class:`TargetError` for one that does not."""
        self.renew()
        for flow in flows:
            self._prove(flow)

    def renew(self, outage: Outage | None = None) -> None:
        """Let every target be started anew before the next knock: nothing is used up, and the outage stands, or none."""
        self.close()
        self._outage = outage

    def strike(self, flow: FlowSpec, outage: Outage | None) -> None:
        """Let another outage stand in front of a flow's running target from now on, or none."""
        self._outage = outage
        self._do(self._strike(flow))

    def stand(self, flow: FlowSpec) -> None:
        """Let a flow's target be running: the next knock does not wait for its start."""
        self._do(self._opened(flow))

    def from_elsewhere(self, flow: FlowSpec) -> bool:
        """Let the next knocks at a flow's running target come from another address; False where none can be told it."""
        room = self._rooms.get(flow.provider)
        if room is None or not self._addresses.header:
            return False
        room.address, room.from_address = room.address + 1, 0
        return True

    def answer_with(self, flow: FlowSpec, rewrite: Rewrite | None) -> None:
        """Let the verdict API of a flow's provider answer otherwise from now on; None lets it answer by itself."""
        # A target that is started now has the slot made new, and with it the provider's answers.
        self._do(self._opened(flow))
        responses = self._slots[flow.provider].provider.responses
        if rewrite is None:
            responses.clear(VERDICT)
        else:
            responses.set(VERDICT, rewrite, "another answer")

    def used(self, flow: FlowSpec) -> bool:
        """Whether anything was gained from a flow's target since it was started: it may not answer as a fresh one does."""
        return flow.provider in self._rooms and self._rooms[flow.provider].gained

    def knocks(self, flow: FlowSpec) -> int:
        """How many have knocked at a flow's target since it was started."""
        return self._rooms[flow.provider].account if flow.provider in self._rooms else 0

    def allowance(self, flow: FlowSpec) -> int:
        """How many more unverified effects a flow's limits give the address from which the next knock comes."""
        room = self._rooms.get(flow.provider)
        used = room.used_lately(flow, self._addresses.of_account(room.address)) if room else 0
        return flow.limits.per_address - used

    def let_in(self, flow: FlowSpec) -> tuple[Recipe, ...]:
        """The tickets of the address that knocked last which took effect at this flow without a verification, in order."""
        room = self._rooms.get(flow.provider)
        return tuple(room.let_in.get((flow.name, room.last[1]), ())) if room else ()

    def knock(self, flow: FlowSpec, recipe: Recipe, *, listen: bool = False) -> Seen:
        """Send one ticket from an account of its own, and see what came of it.

        With ``listen`` what the target prints is waited for a moment. Raises :class:`Unsendable` for a ticket that cannot
        stand in such a request, TargetError where the target cannot be asked although it lives.
        """
        return self._do(self._knock(flow, recipe, listen=listen))

    def sent_codes(self, flow: FlowSpec) -> Sent:
        """The one-time codes that a flow's target has sent so far; raises TargetError where its outbox cannot be read."""
        return self._do(self._sent_codes(flow))

    def confirm(self, flow: FlowSpec, offer: SubmitResult, code: str) -> Seen:
        """Type a code into an offered second factor, as who was offered it and from their address, and see what came of it."""
        return self._do(self._confirmed(flow, offer, code))

    def send(self, flow: FlowSpec, recipe: Recipe) -> int | None:
        """Send one ticket and look at nothing but the answer's status: what the way there and back costs by itself."""
        return self._do(self._sent(flow, recipe))

    def close(self) -> None:
        """End every target that runs."""
        self._do(self._stop())

    def _do(self, work: Coroutine[object, object, Answer]) -> Answer:
        return run_in(self._loop, work, _DO_LIMIT_S)

    def _prove(self, flow: FlowSpec) -> None:
        seen = self.knock(flow, HONEST)
        if not seen.passed:
            # On a machine that is busy a first verdict may come later than the target waits for it.
            seen = self.knock(flow, HONEST)
        if not (seen.completed and seen.gained == 1 and seen.passed):
            said = seen.died or seen.error or f"status {seen.status}"
            raise TargetError(
                f"flows.{flow.name}.submit does not work even with a good ticket ({said}, {seen.gained} effects, "
                f"{'passed by the provider' if seen.passed else 'not passed by the provider'}), "
                "so a refusal would prove nothing"
            )

    async def _opened(self, flow: FlowSpec) -> Room:
        if flow.provider in self._rooms and self._rooms[flow.provider].account >= ACCOUNTS:
            await self._forget(flow)
        if flow.provider not in self._rooms:
            bench, slot = self._workshop.bench_of(flow.name), self._slots[flow.provider]
            stage = await Stage.set_up(bench, slot, bench.provider.builds[0])
            self._rooms[flow.provider] = Room(stage=stage, client=origin_client(stage.base_url))
            await self._strike(flow)
        return self._rooms[flow.provider]

    async def _strike(self, flow: FlowSpec) -> None:
        room = self._rooms.get(flow.provider)
        if room is None or room.outage == self._outage:
            return
        slot, links = self._slots[flow.provider], self._workshop.bench_of(flow.name).links
        if room.outage is not None:
            await FAULTS.get(room.outage.fault).heal(edge_of(slot, links[VERDICT], room.outage.parameters))
        room.outage = self._outage
        if self._outage is not None:
            await FAULTS.get(self._outage.fault).apply(edge_of(slot, links[VERDICT], self._outage.parameters))

    async def _knock(self, flow: FlowSpec, recipe: Recipe, *, listen: bool) -> Seen:
        room = await self._opened(flow)
        try:
            return await self._asked(room, flow, recipe, listen=listen)
        except HarnessError:
            # Effects of a target that has died cannot be counted; of one that lives they must be.
            if not (died := await room.died()):
                raise
        await self._forget(flow)
        return Seen(status=None, error="the target died", died=died, ticket=recipe.text)

    async def _sent(self, flow: FlowSpec, recipe: Recipe) -> int | None:
        room = await self._opened(flow)
        address = self._next(room)
        ticket, randstr, _now_s = self._written(room, flow, recipe, address)
        result, _answer = await self._submitted(room, flow, (ticket, randstr), address)
        return result.status

    async def _asked(self, room: Room, flow: FlowSpec, recipe: Recipe, *, listen: bool) -> Seen:
        address = self._next(room)
        ticket, randstr, now_s = self._written(room, flow, recipe, address)
        slot, stage = self._slots[flow.provider], room.stage
        before = await room.before(flow)
        since, heard = len(slot.provider.log), set(stage.overheard.names)
        result, answer = await self._submitted(room, flow, (ticket, randstr), address)
        if result.status is None and (died := await room.died()):
            await self._forget(flow)
            return Seen(status=None, error=result.error, died=died, ticket=ticket, now_s=now_s)
        if listen:
            await asyncio.sleep(HEARD_WITHIN_S)  # what it prints may come after its answer
        leaked = [f"{name} in what it printed" for name in stage.overheard.names - heard]
        gained, marked = await room.count(flow, signals.completed(result, flow), before)
        calls = [call for call in slot.provider.log[since:] if call.link == VERDICT]
        vouched = any(call.ticket == ticket and call.said == "code 1" and not call.rewritten for call in calls)
        seen = replace(
            _seen(result, answer, flow, stage.overheard.search), ticket=ticket, now_s=now_s, gained=gained, marked=marked,
            passed=vouched and room.outage is None, asked=bool(calls),
            verdicts=_verdicts(calls, ticket) if room.outage is None else 0, altered=any(call.rewritten for call in calls),
            used_before=len(room.used.get((flow.name, address), ())), used_lately=room.used_lately(flow, address),
            first=repr(ticket) not in room.sent, reflected=reflected(ticket, answer),
            injected=header_injected(ticket, answer), open_s=time.monotonic() - room.since,
        )  # fmt: skip
        room.remember(seen, recipe, (flow.name, address))
        return replace(seen, leaked=(*seen.leaked, *leaked))

    async def _sent_codes(self, flow: FlowSpec) -> Sent:
        assert flow.step_up is not None, "who has no second factor sends no codes"
        room = await self._opened(flow)
        return await signals.sent(room.stage.base_url, flow.step_up)

    async def _confirmed(self, flow: FlowSpec, offer: SubmitResult, code: str) -> Seen:
        room = await self._opened(flow)
        before = await room.before(flow)
        result = await signals.confirm(room.stage.base_url, flow, offer, code)
        if result.status is None and (died := await room.died()):
            await self._forget(flow)
            return Seen(status=None, ticket=None, error=result.error, died=died)
        # By its code alone nobody can tell an effect from a word: whoever had the right one waits for what it brings.
        gained, marked = await room.count(flow, result.status is not None and result.status < 300, before)
        return replace(_seen(result, None, flow, room.stage.overheard.search), gained=gained, marked=marked)

    def _next(self, room: Room) -> str:
        """Count one more who knocks, and say from which address they come."""
        room.account += 1
        if room.from_address >= (self._per_address or 1):
            room.address, room.from_address = room.address + 1, 0
        room.from_address += 1
        return self._addresses.of_account(room.address)

    def _written(self, room: Room, flow: FlowSpec, recipe: Recipe, address: str) -> tuple[object, str, int]:
        """Ticket and randstr of a recipe, and the moment of which they are: one of which none was sent yet."""
        now_s = int(time.time())
        if recipe == HONEST:
            slot = self._slots[flow.provider]
            issue_to(slot, address)
            good = good_case(self._workshop.bench_of(flow.name).provider.verdict_cases(slot.provider.emulator))
            return good.ticket, good.randstr, now_s
        app_id, randstr = self.target.use_named(flow.provider).app_id, f"@f{room.account}"
        if "{now}" in recipe.text:
            moments = range(now_s, now_s + _MOST_AHEAD_S)
            unsent = (at for at in moments if repr(recipe.value(app_id=app_id, now_s=at)) not in room.sent)
            now_s = next(unsent, now_s)
        return recipe.value(app_id=app_id, now_s=now_s), randstr, now_s

    async def _submitted(
        self, room: Room, flow: FlowSpec, case: tuple[object, str], address: str
    ) -> tuple[SubmitResult, httpx.Response | None]:
        account = self.target.accounts.replace("{n}", str(room.account))
        values = {"account": account, "ticket": case[0], "randstr": case[1]}
        return await room.send(flow, values, {self._addresses.header: address} if self._addresses.header else {})

    async def _forget(self, flow: FlowSpec) -> None:
        """Let go of a target that has died or is used up; the next knock has a fresh one."""
        await self._rooms.pop(flow.provider).end()

    async def _stop(self) -> None:
        while self._rooms:
            _name, room = self._rooms.popitem()
            await room.end()


@contextlib.contextmanager
def open_door(
    target: Target,
    *,
    flows: Collection[str] = (),
    toxiproxy: str | None = None,
    browser: str | None = None,
    per_address: int | None = None,
) -> Iterator[Door]:
    """Open the door of a target, each of whose submits is shown to work, and take everything down again.

    ``flows`` are those that will be knocked at, empty for all. Raises :class:`UsageError` for one that cannot be.
    """
    wanted = chosen_flows(target, flows)
    with open_laboratory(target, toxiproxy=toxiproxy, browser=browser) as laboratory:
        slots = Slots(0, laboratory.workshop)
        by_provider = {flow.provider: laboratory.do(slots.of(flow.name)) for flow in wanted}
        door = Door(laboratory.loop, laboratory.workshop, by_provider, per_address)
        try:
            door.prove(wanted)
            yield door
        finally:
            door.close()


def over_http(target: Target) -> tuple[FlowSpec, ...]:
    """The flows of a target that can be performed over HTTP, whichever provider they depend on."""
    return tuple(flow for flow in target.flows.values() if flow.submit is not None)


def chosen_flows(target: Target, names: Collection[str]) -> tuple[FlowSpec, ...]:
    """The flows of these names, all without; raises :class:`UsageError` for what cannot be performed over HTTP."""
    flows = over_http(target)
    known = [flow.name for flow in flows]
    for name in names:
        if name not in known:
            why = "has no submit, so it cannot be performed over HTTP" if name in target.flows else "is not in the target"
            raise UsageError(f"the flow {name!r} {why}{closest(name, known)}")
    if not flows:
        raise UsageError(f"no flow of {display(target.file)} has a submit, so none can be performed over HTTP")
    return tuple(flow for flow in flows if not names or flow.name in names)


def outages(door: Door, flow: FlowSpec) -> tuple[Outage, ...]:
    """Every outage of a flow's verdict API."""
    return outages_of(door.plan, flow.name)


def _seen(result: SubmitResult, answer: httpx.Response | None, flow: FlowSpec, search: SecretSearch) -> Seen:
    """What the answer alone says."""
    leaked = leaked_in(answer.headers.raw, answer.content, search) if answer is not None else ()
    return Seen(
        status=result.status,
        ticket=None,
        error=result.error,
        real_ms=result.real_ms,
        completed=signals.completed(result, flow),
        offered=signals.offered(result, flow),
        offer=result if signals.offered(result, flow) else None,
        leaked=tuple(f"{name} in its answer" for name in leaked),
    )


def _verdicts(calls: Sequence[Arrival], ticket: object) -> int:
    """How many verdicts on a ticket the target was told; a provider that is busy or in arrears says none."""
    told = (call.said for call in calls if call.ticket == ticket and not (call.lost or call.rewritten))
    return sum(said.startswith("code ") and said not in _NO_VERDICTS for said in told)
