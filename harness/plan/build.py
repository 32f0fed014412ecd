"""Build the plan: every cause on every flow, plus the forger's part and the verdicts that are not 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.catalog import Behaviour, Cause, FailureMode, Link, Phase, Side, Warmth
from harness.errors import UsageError
from harness.faults.base import FAULTS
from harness.journal.model import Expectation, FaultFacts, Limits, Scenario
from harness.plan.by_address import reached_by_address, reasons, without_effect
from harness.plan.edges import TARGET_CAUSES, links_of
from harness.plan.expect import SOLVING_MS, expectation, vendor_wait_ms
from harness.providers.base import PROVIDERS, Provider
from harness.target.problems import Problem, refuse
from harness.target.spec import FlowSpec, Target

OUTAGE = Cause(code=2002, link="verdict", fault="refused", phase=Phase.DURING_VERDICT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will run. ``controls`` are templates: each slot runs its own. ``left_out``: what will not, and why, a line each."""

    scenarios: tuple[Scenario, ...]
    controls: tuple[Scenario, ...]
    links: Mapping[str, Link]
    left_out: tuple[str, ...] = ()


def make_plan(target: Target) -> Plan:
    """Plan the target's scenarios from its provider's causes; ids are stable from run to run."""
    provider = _provider(target)
    links = links_of(provider)
    modes = {mode.code: mode for mode in provider.modes}
    plain = reached_by_address(target, links)
    causes = [cause for cause in (*provider.causes, *TARGET_CAUSES) if not without_effect(cause, plain)]
    scenarios: list[Scenario] = []
    for flow in target.flows.values():
        if flow.browser:
            scenarios += [_faulty(cause, modes, flow, target, provider, links[cause.link]) for cause in causes]
        if flow.submit is not None:
            scenarios += _by_http(flow, target, provider, links)
    builds = dict.fromkeys(scenario.build for scenario in scenarios)
    controls = [
        control(flow, target, provider, build, links) for flow in target.flows.values() if flow.browser for build in builds
    ]
    return Plan(
        scenarios=tuple(_unique(scenarios)), controls=tuple(controls), links=links, left_out=reasons(provider.causes, plain)
    )


def _provider(target: Target) -> Provider:
    try:
        return PROVIDERS.get(target.provider.use)
    except UsageError as error:
        text = target.file.read_text(encoding="utf-8-sig")
        refuse(target.file, text, [Problem(at=("provider", "use"), sentence=str(error))])
        raise


def _faulty(
    cause: Cause, modes: Mapping[int, FailureMode], flow: FlowSpec, target: Target, provider: Provider, link: Link
) -> Scenario:
    mode = modes[cause.code] if cause.code is not None else None
    return Scenario(
        id=_id(cause, flow),
        kind="fault",
        target=target.name,
        provider=provider.name,
        flow=flow.name,
        link=link.name,
        link_side=link.side,
        fault=facts_of(cause.fault),
        phase=cause.phase,
        warmth=cause.warmth,
        build=cause.build,
        browser_profile="desktop",
        mode=cause.code,
        mode_title=mode.title if mode is not None else "The target's own edge",
        strikes=cause.strikes,
        behaviour=cause.behaviour,
        parameters=cause.parameters,
        expect=expectation(cause, mode, flow, target, link.side),
        wait_ms=vendor_wait_ms(cause),
        twin_of=cause.twin_of or "",
    )


def facts_of(name: str) -> FaultFacts:
    """What the judge needs to know of a fault; raises UsageError with the closest match for an unknown one."""
    fault = FAULTS.get(name)
    return FaultFacts(name=fault.name, family=fault.family, felt_at=fault.felt_at, hangs=fault.hangs, title=fault.title)


def _id(cause: Cause, flow: FlowSpec) -> str:
    parts = [flow.name, str(cause.code or "own-edge"), cause.link, cause.fault, cause.warmth.value]
    if cause.build != "classic":
        parts.append(cause.build)
    return "-".join(parts)


def _unique(scenarios: Sequence[Scenario]) -> Iterator[Scenario]:
    seen: set[str] = set()
    for scenario in scenarios:
        if scenario.id in seen:
            raise AssertionError(f"two scenarios have the id {scenario.id}: the causes repeat themselves")
        seen.add(scenario.id)
        yield scenario


def _plain(kind: str, name: str, flow: FlowSpec, target: Target, provider: Provider, link: Link) -> dict[str, object]:
    limits = Limits(per_account=flow.limits.per_account, per_address=flow.limits.per_address, window_s=flow.limits.window_s)
    budget_ms = SOLVING_MS + target.budgets.server_ms
    return {
        "id": f"{flow.name}-{name}",
        "kind": kind,
        "target": target.name,
        "provider": provider.name,
        "flow": flow.name,
        "link": link.name,
        "link_side": link.side,
        "fault": None,
        "phase": link.phase,
        "warmth": Warmth.COLD,
        "build": "classic",
        "browser_profile": "desktop",
        "mode": None,
        "strikes": "until-heal",
        "behaviour": Behaviour(),
        "parameters": (),
        "expect": Expectation(
            policy=flow.policy.verdict_up,
            limits=limits,
            business_budget_ms=budget_ms,
            fallback_budget_ms=budget_ms,
            server_budget_ms=target.budgets.server_ms,
            recovery_budget_ms=target.budgets.recovery_ms,
            app_id=target.provider.app_id,
        ),
    }


def control(flow: FlowSpec, target: Target, provider: Provider, build: str, links: Mapping[str, Link]) -> Scenario:
    """The same flow with nothing broken; ``parameters`` names every link that must be seen used."""
    facts = _plain("control", f"control-{build}", flow, target, provider, links["page"])
    wanted = tuple((link.name, 1) for link in links.values() if link.control)
    changed = {"build": build, "parameters": wanted, "behaviour": Behaviour(refresh=True), "mode_title": "Nothing is broken"}
    return Scenario(**{**facts, **changed})  # type: ignore[arg-type]  # one dict for three kinds of scenario


def _by_http(flow: FlowSpec, target: Target, provider: Provider, links: Mapping[str, Link]) -> Iterator[Scenario]:
    verdict = next((link for link in links.values() if link.side is Side.SERVER), None)
    if verdict is None:
        return
    titles = {
        "verdicts": "The provider's verdict is not 1",
        "forged": "Forged tickets while the provider is healthy",
        "forged-in-outage": "Forged tickets while the verdict API is refused",
    }
    for name, title in titles.items():
        kind = "verdict" if name == "verdicts" else "forgery"
        facts = _plain(kind, name, flow, target, provider, verdict) | {"mode_title": title}
        if name == "forged-in-outage":
            facts["fault"] = facts_of(OUTAGE.fault)
            facts["expect"] = replace(facts["expect"], policy=flow.policy.verdict_down)  # type: ignore[type-var]  # one dict, as below
        yield Scenario(**facts)  # type: ignore[arg-type]  # one dict for three kinds of scenario
