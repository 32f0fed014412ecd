"""Build the plan: every cause on every flow, plus the forger's part and the verdicts that are not 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.catalog import Behaviour, Cause, FailureMode, Family, Link, Phase, Place, Side, Warmth
from harness.errors import UsageError, closest
from harness.faults.base import FAULTS
from harness.journal.model import Expectation, FaultFacts, Limits, Scenario
from harness.load.crowd import installed
from harness.plan import load
from harness.plan.addresses import addresses_unknown
from harness.plan.app import app_causes, chosen_for, links_with_bridge
from harness.plan.by_address import reached_by_address, reasons, without_effect
from harness.plan.by_engine import told_by
from harness.plan.clients import clients_unknown, profile_of
from harness.plan.demand import looked_at
from harness.plan.edges import TARGET_HOST, aid_in_vain, links_for_health, links_of, own_causes
from harness.plan.expect import SOLVING_MS, expectation, signals_of, vendor_wait_ms, with_other_way, with_second_factor
from harness.plan.live import live_control, live_refused, said_of_live, without_emulator
from harness.plan.recovery import courses, recovering
from harness.plan.third_party import (
    TITLE,
    hosts_refused,
    not_tried,
    recorded_surface,
    third_party_causes,
    with_others,
)
from harness.plan.waivers import refuse_waivers
from harness.providers.base import PROVIDERS, ChoosesCauses, Provider
from harness.target.placeholders import names_in
from harness.target.problems import Problem, refuse
from harness.target.spec import FlowSpec, ProviderUse, Target
from harness.target.surface import Surface

if TYPE_CHECKING:
    from harness.browsers import Engine

OUTAGE = Cause(code=2002, link="verdict", fault="refused", phase=Phase.DURING_VERDICT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will run. ``controls`` are templates: each slot runs its own. ``left_out``: what will not, and why, a line each.

    ``links_by_provider`` holds every link by its name, for each provider of the target ("" is its main one). ``live``: of
    ``left_out`` what follows from asking a vendor itself; ``untold``: what the browser's engine cannot show.
    """

    scenarios: tuple[Scenario, ...]
    controls: tuple[Scenario, ...]
    links_by_provider: Mapping[str, Mapping[str, Link]]
    left_out: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()

    @property
    def links(self) -> Mapping[str, Link]:
        """The links of the main provider."""
        return self.links_by_provider[""]


def make_plan(target: Target, *, surface_anew: bool = False, engine: Engine | None = None) -> Plan:
    """Plan the target's scenarios from its providers' causes; ids are stable from run to run.

    ``engine``: the browser's, which may be unable to show some of them; None leaves none of them out.
    ``surface_anew``: the surface is about to be recorded again, so that one which cannot be read is passed over.
    """
    providers = providers_of(target)
    scenarios: list[Scenario] = []
    controls: list[Scenario] = []
    left_out: list[str] = []
    live: list[str] = []
    every_link: dict[str, Mapping[str, Link]] = {}
    surface = recorded_surface(target, anew=surface_anew)
    for name, provider in providers.items():
        flows = [flow for flow in target.flows.values() if flow.provider == name]
        aid = any(flow.aid for flow in flows)
        links = with_others(links_with_bridge(links_of(provider, target.use_named(name).all_options, aid=aid), flows), target)
        every_link[name] = links
        plain = reached_by_address(target, links, name)
        spared: Counter[str] = Counter()
        before = len(scenarios)
        for flow in flows:
            planned, unseen = looked_at(_of_flow(flow, target, provider, links, plain, surface))
            planned, needing = without_emulator(planned, flow, target.use_named(name), links)
            scenarios += planned
            left_out += unseen
            spared += needing
            builds = dict.fromkeys(scenario.build for scenario in planned) if flow.browser else {}
            controls += [control(flow, target, provider, build, links) for build in builds]
        live += said_of_live(name, target.use_named(name), len(scenarios) - before, spared)
        left_out += load.left_out(flows)
        left_out += reasons(causes_of(provider, target.use_named(name)), plain) if flows else ()
    refused = [*hosts_refused(target, every_link.values()), *addresses_unknown(target, every_link[""])]
    refuse(target.file, target.file.read_text(encoding="utf-8-sig"), refused)
    refuse_waivers(target, scenarios)
    left_out += not_tried(target, surface)
    # After the waivers, which are of the target whatever the browser.
    told, untold = told_by(engine, tuple(_unique(scenarios)), target.flows)
    return Plan(
        scenarios=tuple(told), controls=tuple(controls), links_by_provider=every_link,
        left_out=tuple(dict.fromkeys((*left_out, *live, *untold))), live=tuple(live), untold=untold,
    )  # fmt: skip


def providers_of(target: Target) -> dict[str, Provider]:
    """The target's providers by their names in it, the main one first as ""; refuses what nobody serves, with file and line."""
    return {name: _provider(target, name) for name in ("", *target.providers)}


def _provider(target: Target, name: str) -> Provider:
    at = ("providers", name) if name else ("provider",)
    use = target.use_named(name)
    try:
        provider = PROVIDERS.get(use.use)
        flows = [flow for flow in target.flows.values() if flow.provider == name]
        problems = [
            *_options_refused(provider, use, at),
            *_words_unknown(provider, target.env, ".".join(at)),
            *aid_in_vain(provider, flows),
            *clients_unknown(provider, flows),
            *live_refused(provider, use, at),
        ]
    except UsageError as error:
        problems = [Problem(at=(*at, "use"), sentence=str(error))]
    refuse(target.file, target.file.read_text(encoding="utf-8-sig"), problems)
    return PROVIDERS.get(use.use)


def _options_refused(provider: Provider, use: ProviderUse, at: tuple[str, ...]) -> Iterator[Problem]:
    if use.retired_hosts and provider.links_with(use.all_options) == provider.links:
        yield Problem(at=(*at, "retired_hosts"), sentence=f"{'.'.join(at)}.retired_hosts: {provider.name} has none to serve")
    for option in use.options.keys() - provider.options.keys():
        sentence = f"{provider.name} has no option {option!r}{closest(option, provider.options)}"
        yield Problem(at=(*at, "options", option), sentence=sentence)
    try:
        provider.links_with(use.all_options)
        provider.emulator(app_id=use.app_id, prefix=use.prefix, options=use.all_options)
    except UsageError as error:
        named = [option for option in use.options if option in str(error)]
        yield Problem(at=(*at, "options", *named[:1]), sentence=str(error))


def _words_unknown(provider: Provider, env: Mapping[str, str], table: str) -> Iterator[Problem]:
    """What variables ask a provider's console for that it does not show."""
    shown = {f"{table}.{word}" for word in provider.console} | ({f"{table}.url"} if "." in table else set())
    for variable, text in env.items():
        for name in names_in(text):
            if name.startswith(f"{table}.") and name not in shown:
                sentence = f"target.env.{variable} says {{{name}}}, which {provider.name} does not show{closest(name, shown)}"
                yield Problem(at=("target", "env", variable), sentence=sentence)


def causes_of(provider: Provider, use: ProviderUse) -> tuple[Cause, ...]:
    """The provider's causes, as the target's options make them."""
    return provider.causes_with(use.all_options) if isinstance(provider, ChoosesCauses) else provider.causes


def _of_flow(
    flow: FlowSpec,
    target: Target,
    provider: Provider,
    links: Mapping[str, Link],
    plain: frozenset[str],
    surface: Surface | None,
) -> Iterator[Scenario]:
    modes = {mode.code: mode for mode in provider.modes}
    use = target.use_of(flow.name)
    causes = causes_of(provider, use)
    build = causes[0].build if causes else provider.builds[0]
    if flow.browser:
        own = (replace(cause, build=build) for cause in own_causes(flow, provider, use.all_options))
        for cause in (*chosen_for(flow, causes), *own):
            if not without_effect(cause, plain):
                yield _faulty(cause, modes, flow, target, provider, links[cause.link])
        for course in courses(flow, causes, links):
            planned = _faulty(course.cause, modes, flow, target, provider, links[course.cause.link])
            yield recovering(planned, course)
        for cause in third_party_causes(flow, target, surface):
            yield _faulty(replace(cause, build=build), modes, flow, target, provider, links[cause.link])
        for cause, mode in app_causes(flow, build):
            yield _faulty(cause, {mode.code: mode}, flow, target, provider, links[cause.link])
    if flow.submit is not None:
        yield from (replace(scenario, build=build) for scenario in _by_http(flow, target, provider, links))


def _faulty(
    cause: Cause, modes: Mapping[int, FailureMode], flow: FlowSpec, target: Target, provider: Provider, link: Link
) -> Scenario:
    mode = modes[cause.code] if cause.code is not None else None
    expect = expectation(cause, mode, flow, target, link.side)
    return Scenario(
        id=_id(cause, flow, link),
        kind="fault",
        target=target.name,
        provider=provider.name,
        flow=flow.name,
        link=link.name,
        link_side=link.side,
        fault=facts_of(cause.fault, at_target=TARGET_HOST in link.hosts),
        phase=cause.phase,
        warmth=cause.warmth,
        build=cause.build,
        browser_profile=profile_of(flow),
        mode=cause.code,
        mode_title=mode.title if mode is not None else TITLE if link.third_party else "The target's own edge",
        third_party=link.third_party,
        strikes=cause.strikes,
        behaviour=cause.behaviour,
        parameters=cause.parameters,
        expect=with_other_way(expect, flow) if _of_provider(link) and cause.strikes == "until-heal" else expect,
        wait_ms=vendor_wait_ms(cause),
        twin_of=cause.twin_of or "",
    )


def facts_of(name: str, *, at_target: bool = False) -> FaultFacts:
    """What the judge needs to know of a fault; raises UsageError with the closest match for an unknown one.

    ``at_target``: it is on the target's own edge, where the far end is not the provider but the origin.
    """
    fault = FAULTS.get(name)
    far_end = {Place.PROVIDER: Place.ORIGIN} if at_target and fault.family is Family.RESPONSE else {}
    felt_at = tuple(dict.fromkeys(far_end.get(place, place) for place in fault.felt_at))
    return FaultFacts(name=fault.name, family=fault.family, felt_at=felt_at, hangs=fault.hangs, title=fault.title)


def _id(cause: Cause, flow: FlowSpec, link: Link) -> str:
    what = "third-party" if link.third_party else str(cause.code or "own-edge")
    parts = [flow.name, what, cause.link, cause.fault, cause.warmth.value]
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
        "browser_profile": profile_of(flow),
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
            app_id=target.use_of(flow.name).app_id,
            signals=signals_of(target.observe),
            searches=True,
        ),
    }


def control(flow: FlowSpec, target: Target, provider: Provider, build: str, links: Mapping[str, Link]) -> Scenario:
    """The same flow with nothing broken; ``parameters`` names every link that must be seen used."""
    facts = _plain("control", f"control-{build}", flow, target, provider, links["page"])
    wanted = tuple((name, 1) for name in links_for_health(flow, links))
    changed = {"build": build, "parameters": wanted, "behaviour": Behaviour(refresh=True), "mode_title": "Nothing is broken"}
    planned = Scenario(**{**facts, **changed})  # type: ignore[arg-type]  # one dict for three kinds of scenario
    live = target.use_of(flow.name).live
    return planned if live is None else live_control(planned, live)


def _by_http(flow: FlowSpec, target: Target, provider: Provider, links: Mapping[str, Link]) -> Iterator[Scenario]:
    verdict = links.get("verdict")
    if verdict is None:
        return

    def planned(kind: str, name: str, title: str, link: Link = verdict, **changed: object) -> Scenario:
        facts = _plain(kind, name, flow, target, provider, link) | {"mode_title": title} | changed
        return Scenario(**facts)  # type: ignore[arg-type]  # one dict for three kinds of scenario

    healthy = planned("verdict", "verdicts", "The provider's verdict is not 1")
    down = replace(healthy.expect, policy=flow.policy.verdict_down)
    both = replace(down, policy_up=flow.policy.verdict_up)
    refused = facts_of(OUTAGE.fault)
    if flow.load is not None and installed():
        yield planned("load", f"load-{load.FAULT}", load.TITLE, fault=facts_of(load.FAULT), expect=both)
    yield healthy
    in_health, in_outage = with_second_factor(healthy.expect, down, flow, provider.modes)
    yield planned("forgery", "forged", "Forged tickets while the provider is healthy", expect=in_health)
    title = "Forged tickets while the verdict API is refused"
    yield planned("forgery", "forged-in-outage", title, fault=refused, expect=in_outage)
    client = next((link for link in links.values() if link.side is Side.BROWSER and _of_provider(link)), None)
    if client is None or not flow.browser:
        return
    title = f"Forged tickets while the browser's link {client.name} is refused"
    yield planned("forgery", "forged-in-client-outage", title, client, fault=refused)
    title = f"Forged tickets while the verdict API and the browser's link {client.name} are refused"
    yield planned("forgery", "forged-in-whole-outage", title, fault=refused, expect=down, beside=(client.name,))


def _of_provider(link: Link) -> bool:
    return bool(link.hosts) and TARGET_HOST not in link.hosts and not link.third_party
