"""A lab without a browser: one honest submit with a good ticket while a fault stands on a link of the server's."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import httpx

from harness import tickets
from harness.catalog import Link
from harness.faults.base import Fault
from harness.lab.addresses import Addresses, stand_in_front
from harness.lab.bench import Bench
from harness.lab.edges import edge_of
from harness.lab.forgeries import good_case
from harness.lab.recorder import Recorder
from harness.lab.settling import settled, size
from harness.lab.signalling import Signalling
from harness.lab.slot import TARGET_HOST, Slot
from harness.lab.stage import Stage
from harness.lab.trouble import what_broke
from harness.providers.base import VerdictCase
from harness.target import signals
from harness.target.http import origin_client
from harness.target.signals import SubmitResult
from harness.target.spec import FlowSpec

PASS = "code 1"  # noqa: S105 - a verdict, no password


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """What stands on which link while the submit is under way, with its parameters."""

    link: Link
    fault: Fault
    parameters: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What became of one submit. ``error`` says what broke in the lab, and nothing else then counts.

    ``completed``: the answer said that the business is done, and the origin counts it. ``unverified`` says by what the target
    showed that it went on without a verification; "" where nothing did. ``used``: the link was asked for something.
    """

    status: int | None = None
    said: str = ""
    real_ms: float = 0.0
    completed: bool = False
    offered: bool = False
    unverified: str = ""
    used: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What the origin showed before the submit: effects, those that are marked as verified, and records as text."""

    effects: int
    marked: int | None
    texts: str


class SubmitLab:
    """One submit in one slot; without a ``strike`` nothing is broken. ``patience_s``: how long an answer may take."""

    def __init__(self, bench: Bench, slot: Slot, flow: FlowSpec, *, build: str, patience_s: float) -> None:
        self._bench = bench
        self._slot = slot
        self._flow = flow
        self._build = build
        self._patience_s = patience_s

    async def run(self, strike: Strike | None = None) -> Submitted:
        """Start a fresh target, submit once, and stop it; the slot is left as it is (the next lab resets it)."""
        found: list[Submitted] = []

        async def work() -> None:
            stage = await Stage.set_up(self._bench, self._slot, self._build)
            try:
                found.append(await stage.while_alive(self._submitted(stage, strike)))
            finally:
                await stage.stop()

        error = await what_broke(work()) or next(iter(self._slot.provider.broken), "")
        return Submitted(error=error) if error or not found else found[0]

    async def _submitted(self, stage: Stage, strike: Strike | None) -> Submitted:
        recorder, target = Recorder(), self._bench.target
        stand_in_front(self._slot, recorder, Addresses(target.client_ip_header, target.client_ip_ranges))
        recorder.begin("honest")
        signalling = Signalling(stage, target.observe)
        before, signalled = await self._look(stage), await signalling.read()
        good = good_case(self._bench.provider.verdict_cases(self._slot.provider.emulator))
        since = time.monotonic()
        result = await self._struck(strike, good)
        answered = time.monotonic()
        done = signals.completed(result, self._flow)
        after = await self._look(stage, wait_for=before.effects + 1) if done else before
        told = await signalling.since(signalled)
        signs = "its log or metric says so" if told is not None and (told.log or told.metric) else ""
        return Submitted(
            status=result.status,
            said=result.error or result.text[:200],
            real_ms=result.real_ms,
            completed=done and after.effects > before.effects,
            offered=signals.offered(result, self._flow),
            unverified=self._without_verdict(good, answered) or _shown(before, after, result) or signs,
            used=strike is None or self._used(strike.link, since),
        )

    async def _struck(self, strike: Strike | None, good: VerdictCase) -> SubmitResult:
        if strike is None:
            return await self._submit(good)
        edge = edge_of(self._slot, strike.link, strike.parameters)
        await strike.fault.apply(edge)
        try:
            return await self._submit(good)
        finally:
            await strike.fault.heal(edge)

    async def _submit(self, good: VerdictCase) -> SubmitResult:
        door = f"http://{TARGET_HOST}:{self._slot.origin.port}"
        account = self._bench.target.accounts.replace("{n}", "1")
        values = {"account": account, "ticket": good.ticket, "randstr": good.randstr}
        request = await signals.submission(door, self._flow, values, {})
        # A request keeps the time limits of the client that made it.
        request.extensions["timeout"] = httpx.Timeout(self._patience_s).as_dict()
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._patience_s), origin_client(door, limit_s=self._patience_s) as client:
                answer = await client.send(request)
        except (httpx.HTTPError, TimeoutError) as error:
            said = f"{type(error).__name__}, no whole answer within {self._patience_s:g} s"
            return signals.answered(None, "", real_ms=(time.monotonic() - began) * 1000, error=said)
        return signals.answered(answer.status_code, answer.text, real_ms=(time.monotonic() - began) * 1000)

    async def _look(self, stage: Stage, *, wait_for: int = 0) -> _Before:
        url, flow = stage.base_url, self._flow
        effects = size(await settled(url, flow, lambda count: count >= wait_for))
        return _Before(
            effects=effects, marked=await signals.marked_verified(url, flow), texts=await signals.effect_texts(url, flow)
        )

    def _without_verdict(self, good: VerdictCase, answered: float) -> str:
        """Say it where the provider's pass for this ticket cannot have come before the target's own answer."""
        calls = [one for one in self._slot.provider.arrivals("verdict") if one.ticket == good.ticket and one.said == PASS]
        passed = any(one.answered is not None and one.answered <= answered for one in calls)
        return "" if passed else "no pass of the provider's reached it in time"

    def _used(self, link: Link, since: float) -> bool:
        asked = any(arrival.arrived >= since for arrival in self._slot.provider.arrivals(link.name))
        return asked or bool(self._slot.router.connections(link.hosts, since=since))


def _shown(before: _Before, after: _Before, result: SubmitResult) -> str:
    """By what the target's records or its answer show that the user is unverified; "" where they show nothing of it."""
    if before.marked is not None and after.marked is not None and after.effects > before.effects:
        return "" if after.marked > before.marked else "its record is not marked as verified"
    known = set(tickets.find(before.texts))
    if any(ticket not in known for ticket in (*tickets.find(after.texts), *tickets.find(result.text))):
        return "it minted a fallback ticket"
    return ""
