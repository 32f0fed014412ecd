"""Check a target step by step, in health and with the verdict API cut: what ``captchaos doctor --target`` tells."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.catalog import Side
from harness.engine.ground import Ground
from harness.engine.workshop import Slots, Workshop, open_workshop
from harness.errors import TargetError, UsageError, closest
from harness.explore.looking_on import LookingOn
from harness.faults.base import FAULTS
from harness.journal.model import Record, Scenario, Signalled, Visit
from harness.judge.oracle import EvidenceMissing
from harness.judge.oracles.healthy_control import HealthyControl
from harness.lab.bench import Bench
from harness.lab.diagnosing import LACKS_RECORD
from harness.lab.fronts import Front, Window
from harness.lab.lab import Lab
from harness.lab.light import LightLab
from harness.lab.slot import Slot
from harness.lab.stage import Stage
from harness.lab.submitting import Strike, SubmitLab, Submitted
from harness.plan.build import Plan
from harness.target import signals
from harness.target.spec import FlowSpec, Target

_SUBMIT_PATIENCE_S = 10.0
_CUT = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line: ``mark`` is ok, bad or note, ``about`` the flow ("" the whole target); ``mends`` say what to do."""

    mark: str
    about: str
    text: str
    mends: tuple[str, ...] = ()


class _BehindLab(Lab):
    """A control whose page's clock stands in the past, as it does at first in every run whose clock is advanced."""

    behind_ms = 0

    async def _front(self) -> Front:
        front = await super()._front()
        if isinstance(front, Window):
            await front.context.clock.install(time=time.time() - self.behind_ms / 1000)
        return front


async def check_up(
    target: Target, plan: Plan, flows: Sequence[str], *, folder: Path, ground: Ground | None = None
) -> AsyncGenerator[Step, None]:
    """Check a target, one step after the other; pictures of what did not come through go into ``folder``.

    It stands on ``ground``, or on ground of its own.

    Raises LaboratoryError when the laboratory itself breaks.
    """
    async with open_workshop(target, plan, run_folder=folder, ground=ground) as workshop:
        async for started in _starts(workshop, flows[0]):
            yield started
            if started.mark == "bad":
                return
        for number, name in enumerate(flows, start=1):
            slot = await workshop.open_slot(number, name)
            async for step in _FlowCheckUp(workshop, slot, target.flows[name]).steps():
                yield step


async def _starts(workshop: Workshop, flow: str) -> AsyncIterator[Step]:
    """Start it, and put it back where it is to serve many scenarios."""
    slot = await Slots(0, workshop, keeps_targets=True).of(flow)
    yield await _stands(workshop, slot, flow, "start", "it is ready at {ready} after {took_s:.1f} s", _start_mend)
    if slot.keeping is not None:
        async for step in _put_back(workshop, slot, flow):
            yield step
        await slot.keeping.end("")


async def _put_back(workshop: Workshop, slot: Slot, flow: str) -> AsyncIterator[Step]:
    """Put it back, and once more after each of what follows: a command may find what it removes at its first run alone."""
    step = await _stands(workshop, slot, flow, "reset", "it is put back, and ready again after {took_s:.1f} s", _reset_mend)
    if step.mark == "bad":
        yield step
        return
    try:
        left = await _left_by_reset(workshop, slot, flow)
    except TargetError as error:
        yield Step(mark="bad", about="", text=f"reset: {error}", mends=(_reset_mend(str(error)),))
        return
    if left is None or left.mark == "note":
        yield step
    if left is not None:
        yield left


async def _stands(
    workshop: Workshop, slot: Slot, flow: str, name: str, well: str, mend: Callable[[str], str]
) -> Step:
    bench, target = workshop.bench_of(flow), workshop.target
    began = time.monotonic()
    try:
        stage = await Stage.set_up(bench, slot, bench.provider.builds[0])
    except TargetError as error:
        return Step(mark="bad", about="", text=f"{name}: {error}", mends=(mend(str(error)),))
    took_s = time.monotonic() - began
    await stage.stop()
    return Step(mark="ok", about="", text=f"{name}: {well.format(ready=target.ready, took_s=took_s)}")


async def _left_by_reset(workshop: Workshop, slot: Slot, flow: str) -> Step | None:
    """Tell of effects of one submit that still stand when the target has been put back; None without, or where nothing tells.

    Raises TargetError where it cannot be put back.
    """
    spec, bench = workshop.target.flows[flow], workshop.bench_of(flow)
    if spec.submit is None or spec.effects.log is not None:
        # What was printed stays printed, and without a submit there is nothing yet that could be left.
        return None
    before = await _effects_now(bench, slot, spec)
    if not (await _submitted(bench, slot, spec)).completed:
        return None
    left = await _effects_now(bench, slot, spec) - before
    return _reset_in_vain(flow, left, await _submitted(bench, slot, spec)) if left > 0 else None


async def _submitted(bench: Bench, slot: Slot, flow: FlowSpec) -> Submitted:
    """Submit once on the target that was put back just now; raises TargetError where its reset failed."""
    done = await SubmitLab(bench, slot, flow, build=bench.provider.builds[0], patience_s=_SUBMIT_PATIENCE_S).run()
    if slot.keeping is not None and slot.keeping.now is not None and slot.keeping.now.stays_used:
        raise TargetError(slot.keeping.now.stays_used)
    return done


async def _effects_now(bench: Bench, slot: Slot, flow: FlowSpec) -> int:
    """Count on the target that was put back just now; 0 where the counter cannot be read, which a later step tells.

    Raises TargetError where it cannot be put back.
    """
    stage = await Stage.set_up(bench, slot, bench.provider.builds[0])
    try:
        return await signals.effects(stage.base_url, flow)
    except TargetError:
        return 0
    finally:
        await stage.stop()


def _reset_in_vain(flow: str, left: int, again: Submitted) -> Step:
    """Say what was left: bad where the same submit does not complete over it, a note where a counter may just never shrink."""
    text = f"reset-leaves-effects: the target was put back after one submit, and {left} effects more than before still stand"
    mend = f"let target.reset empty what flows.{flow}.effects counts: each scenario would meet what those before it have done"
    if again.completed:
        text += "; the same submit completes again, and a run counts what is added"
        mend = f"where flows.{flow}.effects counts what is never emptied that is as it should be; else {mend}"
        return Step(mark="note", about="", text=text, mends=(mend,))
    because = again.error or f"answered {again.status}: {again.said.strip()}"
    return Step(mark="bad", about="", text=f"{text}; the same submit does not complete again: {because}", mends=(mend,))


def _reset_mend(_error: str) -> str:
    return "mend target.reset, or take it out with isolation: without it each scenario costs a start"


def _start_mend(error: str) -> str:
    if "wrong-port" in error:
        return "the port is the lab's to choose: no number of its own belongs into the application's configuration"
    if " answered " in error:
        return "mend target.ready, or what the application answers there"
    return "run the command of target.start by hand, with the variables of [target.env], and mend what it says"


class _FlowCheckUp:
    """The steps of one flow."""

    def __init__(self, workshop: Workshop, slot: Slot, flow: FlowSpec) -> None:
        self._workshop = workshop
        self._slot = slot
        self._flow = flow
        self._folder = workshop.bench.run_folder
        self._looking_on = LookingOn()
        self._bench = replace(workshop.bench_of(flow.name), watch=self._looking_on)

    async def steps(self) -> AsyncIterator[Step]:
        """Every step, each once what it needs of those before it is well."""
        control = next((one for one in self._workshop.plan.controls if one.flow == self._flow.name), None)
        if control is not None:
            record = await Lab(self._bench, self._slot, control, real_time=True).run()
            healthy = list(self._healthy(record))
            for step in healthy:
                yield step
            if any(step.mark == "bad" for step in healthy):
                return
        if self._slot.live is not None:
            # A live run moves no clock, and over HTTP nobody could get a ticket.
            if control is not None:
                yield await self._cut(driven=True)
            return
        if control is not None and (clocked := await self._with_its_clock_behind(control)) is not None:
            yield clocked
        if self._flow.submit is not None:
            yield await self._over_http()
        yield await self._cut(driven=control is not None)

    def _step(self, mark: str, text: str, *mends: str) -> Step:
        return Step(mark=mark, about=self._flow.name, text=text, mends=mends)

    def _healthy(self, record: Record) -> Iterator[Step]:
        evidence = record.evidence
        if evidence.lab_error or not evidence.visits:
            yield self._broke(evidence.lab_error)
            return
        visit = evidence.visits[-1]
        if visit.outcome != "verified":
            yield self._not_verified(record, visit)
            return
        took_s = (visit.business_ms or 0) / 1000
        yield self._step("ok", f"healthy visit: completed {took_s:.1f} s after the click, and verified by the provider")
        yield self._links(record)
        yield self._effects(record, visit)
        for one in evidence.diagnoses:
            if one.name in ("unmapped-host", LACKS_RECORD):
                yield self._step("bad", f"hosts: {one}", one.mend)
        yield from self._else(record)

    def _broke(self, error: str) -> Step:
        mend = "mend the path of the key that is named, or the route" if "wrong-path" in error else "mend what is named"
        return self._step("bad", f"healthy visit: {error or 'no visit was recorded'}", mend)

    def _not_verified(self, record: Record, visit: Visit) -> Step:
        found = record.evidence.diagnoses
        why = "; ".join(map(str, found)) or visit.error or "nothing tells why"
        mends = [one.mend for one in found] or ["look at the picture, and at what the application printed"]
        picture = (f"a picture of the page: {self._folder / visit.screenshot}",) if visit.screenshot else ()
        return self._step("bad", f"healthy visit: it ended with {visit.outcome}: {why}", *mends, *picture)

    def _links(self, record: Record) -> Step:
        counted, wanted = dict(record.evidence.requests_at_origin), record.scenario.parameters
        told = ", ".join(f"{link} {counted.get(link, 0)}" for link, _ in wanted)
        silent = [link for link, least in wanted if counted.get(link, 0) < least]
        paths = [one for one in record.evidence.diagnoses if one.name == "wrong-path"]
        if silent == ["submit"] and paths:
            return self._step("bad", f"submit: {paths[0]}", paths[0].mend)
        text = f"provider, requests counted there: {told}; {'; '.join(self._routes())}"
        if silent:
            mend = f"nothing arrived over {', '.join(silent)}: the page or the server leaves it out, or asks elsewhere"
            return self._step("bad", f"{text}; provider-not-reached over {', '.join(silent)}", mend)
        return self._step("ok", text)

    def _routes(self) -> Iterator[str]:
        """How each of the server's links reached the provider: by the lab's proxy under the real name, or by address."""
        for link in self._slot.links.values():
            if link.side is Side.SERVER and self._slot.provider.arrivals(link.name):
                of_server = (one for one in self._slot.router.log if one.side is Side.SERVER)
                by_proxy = any(one.host in link.hosts and one.bytes_down for one in of_server)
                way = "{lab.proxy}, TLS" if by_proxy else f"{{links.{link.name}.url}}, without TLS"
                yield f"the server came to {link.name} by {way}"

    def _effects(self, record: Record, visit: Visit) -> Step:
        wrong = [one for one in record.evidence.diagnoses if one.name.startswith("effect")]
        if wrong:
            return self._step("bad", f"effects: {'; '.join(map(str, wrong))}", *(one.mend for one in wrong))
        return self._step("ok", f"effects: the visit moved the counter by exactly {visit.effects}")

    def _else(self, record: Record) -> Iterator[Step]:
        """What the run's own oracle finds besides: a fallback ticket in health, say."""
        said = ("the visit", "requests at the origin", "no request to a host", "no request that the record")
        with contextlib.suppress(EvidenceMissing):
            for found in HealthyControl().examine(record):
                if not found.expected.startswith(said):
                    yield self._step("bad", f"healthy visit: expected {found.expected}, seen {found.seen}", found.mend)

    async def _with_its_clock_behind(self, control: Scenario) -> Step | None:
        behind_ms = max((one.expect.minted_after_ms for one in self._advanced()), default=0)
        if not behind_ms:
            return None
        lab = _BehindLab(self._bench, self._slot, control, real_time=True)
        lab.behind_ms = behind_ms
        record = await lab.run()
        what = f"page's clock: with Date {behind_ms / 1000:.0f} s in the past"
        if record.evidence.visits and record.evidence.visits[-1].outcome == "verified":
            return self._step("ok", f"{what} the visit completes as well")
        mend = "runs whose wait is long set Date back so far: make the page and its session bear that, or use --real-time"
        return self._step("bad", f"clock-sensitive: {what} the healthy visit does not complete", mend)

    def _advanced(self) -> Iterator[Scenario]:
        for one in self._workshop.plan.scenarios:
            hangs = one.fault is not None and one.fault.hangs and one.link_side is Side.BROWSER
            if one.flow == self._flow.name and hangs and not one.third_party:
                yield one

    async def _over_http(self) -> Step:
        done = await self._submit_lab().run()
        if done.error:
            return self._step("bad", f"submit: {done.error}", f"mend flows.{self._flow.name}.submit, or what is named")
        if done.completed:
            return self._step("ok", f"submit: the same over HTTP was answered {done.status}, and the origin counts it")
        wanted = self._flow.completed.status
        if wanted is not None and done.status != wanted and done.status is not None and done.status < 300:
            mend = f"flows.{self._flow.name}.completed says status {wanted}: write {done.status} there, if that means done"
            return self._step("bad", f"submit: over HTTP it was answered {done.status}: {done.said.strip()}", mend)
        page = "the request that the page sends (fields, headers, cookies, CSRF token)"
        mend = f"compare flows.{self._flow.name}.submit with {page}"
        return self._step("bad", f"submit: over HTTP it was answered {done.status}: {done.said.strip()}", mend)

    def _submit_lab(self) -> SubmitLab:
        build = self._bench.provider.builds[0]
        return SubmitLab(self._bench, self._slot, self._flow, build=build, patience_s=_SUBMIT_PATIENCE_S)

    async def _cut(self, *, driven: bool) -> Step:
        mine = [one for one in self._workshop.plan.scenarios if one.flow == self._flow.name and one.kind == "fault"]
        refused = (one for one in mine if one.link_side is Side.SERVER and one.fault and one.fault.name == _CUT)
        scenario = next(refused, None)
        if scenario is not None and driven:
            record = await LightLab(self._bench, self._slot, scenario).run()
            return self._signal(scenario.link, record)
        link = next((one for one in self._slot.links.values() if one.side is Side.SERVER), None)
        if link is None or self._flow.submit is None:
            return self._step("note", "degraded signal: no link of the server's can be cut here")
        done = await self._submit_lab().run(Strike(link=link, fault=FAULTS.get(_CUT), parameters=()))
        said = done.error or done.unverified or f"status {done.status}, and no sign of a degraded mode"
        mark = "bad" if done.error else "ok" if done.unverified else "note"
        return self._step(mark, f"{link.name} cut: {said}")

    def _signal(self, link: str, record: Record) -> Step:
        evidence, observe = record.evidence, self._workshop.target.observe
        if evidence.lab_error or not evidence.visits:
            return self._step("bad", f"{link} cut: {evidence.lab_error or 'no visit was recorded'}", "mend what is named")
        visit = evidence.visits[0]
        what = f"{link} cut: the visit ended with {visit.outcome}"
        if visit.outcome == "verified":
            mend = "the server found its verdict past the fault: it does not ask by the lab's way ([target.env])"
            return self._step("bad", what, mend)
        if observe.log is None and observe.metric is None:
            return self._step("note", f"{what}; no [observe] says where the degraded mode is signalled", *_where_to_observe())
        if _spoke(visit.signalled):
            return self._step("ok", f"{what}, and the degraded signal was seen")
        if visit.outcome in ("refused", "nothing"):
            return self._step("note", f"{what}, so that no degraded signal was due; what that is worth a run says")
        return self._step("bad", f"{what}, and the degraded signal was not seen", _signal_mend(self._workshop.target, visit))


def _where_to_observe() -> tuple[str, ...]:
    return ("add [observe] with log = \"a word that stands only there\", or metric = { get = \"/metrics\", name = \"…\" }",)


def _spoke(signalled: Signalled | None) -> bool:
    return signalled is not None and bool(signalled.log or (signalled.metric or 0) > 0)


def _signal_mend(target: Target, visit: Visit) -> str:
    log = target.observe.log
    places = [f"print {log!r}"] if log is not None else []
    if target.observe.metric is not None:
        places.append(f"raise {target.observe.metric.name} at {target.observe.metric.get}")
    missing = visit.signalled.missing if visit.signalled is not None else ""
    why = f" ({missing})" if missing else ""
    return f"let the application {' or '.join(places)} whenever it goes on without a verdict{why}"


def flows_to_check(target: Target, wanted: Sequence[str]) -> tuple[str, ...]:
    """The flows that are asked for, all where none is; raises UsageError with the closest match for one that there is not."""
    for flow in wanted:
        if flow not in target.flows:
            raise UsageError(f"{target.name} has no flow {flow!r}{closest(flow, target.flows)}")
    return tuple(dict.fromkeys(wanted)) or tuple(target.flows)

