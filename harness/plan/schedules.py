"""Plan a schedule: several faults of one flow as a scenario, and which faults cannot be told apart when they come together.

What must come of it follows from its faults (docs/schedules.md): no code is expected, for which client code comes of several
causes at once is nowhere documented; whoever is past the captcha goes on as the policy says, and all of it recovers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import Literal

from harness.catalog import STANDS, Behaviour, Cause, Family, Link, Phase, Policy, Schedule, Side, Stroke, Warmth
from harness.errors import UsageError, closest
from harness.faults.base import FAULTS, Fault
from harness.faults.parameters import demand_taken
from harness.faults.toxic import TAKES_TIME, ToxicFault
from harness.journal.model import Expectation, Scenario, Scheduled
from harness.plan.build import Plan, facts_of
from harness.plan.by_address import reached_by_address, without_effect
from harness.plan.clients import profile_of
from harness.plan.edges import TARGET_HOST
from harness.plan.expect import expectation
from harness.target.spec import IN_BROWSER, FlowSpec, Target

KIND = "schedule"
PROFILES = ("desktop", "phone")
# What takes the whole device off the network strikes the target's own edge, whatever link it is put on.
_EVERYWHERE = "offline"
_POLICY = "csp-blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the user of a schedule comes: with which client build, and after which pause of page time before the click."""

    build: str
    pause_before_show_ms: int = 0

    @classmethod
    def of(cls, scenario: Scenario) -> Manner:
        """Read it from a scenario."""
        return cls(build=scenario.build, pause_before_show_ms=scenario.behaviour.pause_before_show_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The single faults that the plan has for a flow, those nearest to the user's manner first.

    ``usual`` is the flow's client build. What is waited for counts from the click: no pause before it is in ``faults``.
    """

    flow: FlowSpec
    faults: tuple[Scenario, ...]
    usual: str
    build: str
    pause_before_show_ms: int

    @classmethod
    def of(cls, plan: Plan, flow: FlowSpec, manner: Manner | None) -> _Known:
        """Find them; raises UsageError where there are none."""
        mine = [one for one in plan.scenarios if one.kind == "fault" and one.flow == flow.name]
        usual = mine[0].build if mine else ""
        wanted = manner or Manner(build=usual)
        near = [
            one
            for one in sorted(mine, key=lambda one: Manner.of(one) != wanted)
            if one.build in (usual, wanted.build) and one.behaviour.pause_before_show_ms in (0, wanted.pause_before_show_ms)
        ]
        if not near:
            raise UsageError(f"the plan has no fault on the flow {flow.name!r}, so nothing says what a schedule leads to there")
        return cls(
            flow=flow,
            faults=tuple(map(_from_the_click, near)),
            usual=usual,
            build=wanted.build,
            pause_before_show_ms=wanted.pause_before_show_ms,
        )


def _from_the_click(scenario: Scenario) -> Scenario:
    waited_ms = scenario.expect.minted_after_ms - scenario.behaviour.pause_before_show_ms
    return replace(scenario, expect=replace(scenario.expect, minted_after_ms=waited_ms))


def strokes_of(plan: Plan, flow: str) -> tuple[Stroke, ...]:
    """The faults of a flow that a schedule may be made of: the plan's own, each known to be felt where it stands alone.

    Left out are those that need a user who waits first, another client build, and twins, which differ in a status only.
    """
    mine = [one for one in plan.scenarios if one.kind == "fault" and one.flow == flow and one.strikes == STANDS]
    usual = [one for one in mine if one.build == mine[0].build and not one.twin_of]
    found = (stroke_of(one) for one in usual if not one.behaviour.pause_before_show_ms)
    return tuple(dict.fromkeys(found))


def stroke_of(scenario: Scenario) -> Stroke:
    """The one fault of a scenario as a stroke; raises UsageError where it has none, or one that does not simply stand."""
    if scenario.fault is None or scenario.strikes != STANDS or scenario.beside or scenario.kind != "fault":
        raise UsageError(f"{scenario.id} is no visit through one fault that stands, and no schedule can be made of it")
    return Stroke(
        link=scenario.link,
        fault=scenario.fault.name,
        parameters=scenario.parameters,
        phase=scenario.phase,
        warmth=scenario.warmth,
    )


def scheduled(
    plan: Plan, target: Target, flow: str, schedule: Schedule, *, profile: str = "", manner: Manner | None = None
) -> Scenario:
    """Plan a schedule on a flow, on its own page size or another; raises UsageError for what cannot be struck together."""
    spec = _flow(target, flow, profile)
    links = plan.links_by_provider[spec.provider]
    if not schedule.strokes:
        raise UsageError("a schedule has one fault at least")
    if why := why_not(schedule.strokes, links):
        raise UsageError(why)
    if vain := _in_vain(schedule, target, spec, links):
        raise UsageError(vain)
    known = _Known.of(plan, spec, manner)
    planned = [_planned(stroke, known, target, links) for stroke in schedule.strokes]
    faults = tuple(_with_facts(stroke, links[stroke.link]) for stroke in schedule.strokes)
    first, like = faults[0], planned[0]
    return replace(
        like,
        id=_id(flow, schedule, profile, known),
        kind="schedule",
        link=first.stroke.link,
        link_side=first.side,
        fault=first.fault,
        phase=first.stroke.phase,
        warmth=first.stroke.warmth,
        build=known.build,
        browser_profile=profile or profile_of(spec),
        mode=None,
        mode_title="Several faults of one flow" if len(faults) > 1 else "One fault of a schedule",
        behaviour=Behaviour(
            refresh=any(one.behaviour.refresh for one in planned), pause_before_show_ms=known.pause_before_show_ms
        ),
        parameters=first.stroke.parameters,
        expect=_expectation(faults, [one.expect for one in planned], spec),
        wait_ms=None,
        twin_of="",
        schedule=faults,
        third_party=any(links[one.link].third_party for one in schedule.strokes),
    )


def _flow(target: Target, name: str, profile: str) -> FlowSpec:
    if name not in target.flows:
        raise UsageError(f"the target has no flow {name!r}{closest(name, target.flows)}")
    flow = target.flows[name]
    if not flow.browser:
        raise UsageError(f"the flow {name!r} has no user (flows.{name}.browser), so nobody meets a schedule on it")
    if profile and profile not in PROFILES:
        raise UsageError(f"no page has the size {profile!r}{closest(profile, PROFILES)}")
    if profile and flow.client not in IN_BROWSER:
        raise UsageError(f"the flow {name!r} has no page, so none of the size {profile!r}")
    return flow


def why_not(strokes: Sequence[Stroke], links: Mapping[str, Link]) -> str:
    """Say why these faults cannot stand together or cannot be told apart; empty where they can.

    Raises UsageError for a fault that is not known, or that cannot take its parameters.
    """
    alone = (_alone(stroke, links) for stroke in strokes)
    # Asked last: only of links and faults that are known to be there can it be told.
    pairs = (_together(one, other, links) for one, other in combinations(strokes, 2))
    return next((why for why in chain(alone, pairs) if why), "")


def _alone(stroke: Stroke, links: Mapping[str, Link]) -> str:
    if stroke.link not in links:
        return f"the target has no link {stroke.link!r}{closest(stroke.link, links)}"
    fault, link = FAULTS.get(stroke.fault), links[stroke.link]
    demand_taken(fault, dict(stroke.parameters))
    if stroke.lasts_ms is not None and stroke.lasts_ms < 1:
        return f"the fault {stroke.fault!r} on {stroke.link!r} must last 1 ms at least, not {stroke.lasts_ms}"
    if stroke.phase not in (link.phase, Phase.BEFORE_LOAD):
        return f"the link {stroke.link!r} is used {link.phase}: it can be struck then or before-load, not {stroke.phase}"
    if fault.needs_cold and stroke.warmth is Warmth.WARM:
        return f"the fault {stroke.fault!r} only exists for connections that are opened after it: cold, not warm"
    return ""


def _together(one: Stroke, other: Stroke, links: Mapping[str, Link]) -> str:
    first, second = FAULTS.get(one.fault), FAULTS.get(other.fault)
    here, there = links[one.link], links[other.link]
    # The server's links share the way without TLS, whatever their hosts are.
    shared = here.side is there.side and (here.side is Side.SERVER or bool(set(here.hosts) & set(there.hosts)))
    both = f"{one.link} {one.fault} and {other.link} {other.fault}"
    families = {first.family, second.family}
    if one.link == other.link and one.warmth is not other.warmth:
        return f"{both}: the same connection is fresh or open already, not both"
    if one.link == other.link and families == {Family.RESPONSE}:
        return f"{both}: one answer is altered in one way"
    if _change(first) == _change(second) and (shared or families == {Family.BROWSER}):
        return f"{both}: they are the same change at the same place, and the end of one is the end of both"
    if shared and first.hangs and second.hangs:
        return f"{both}: on the same way one that hangs cannot be told from two"
    if shared and first.needs_cold and second.needs_cold:
        return f"{both}: one host shows one certificate"
    if one.link != other.link and TARGET_HOST in here.hosts and TARGET_HOST in there.hosts:
        return f"{both}: page and submit go the same way, and only one of them can be told by its request"
    if {one.fault, other.fault} & {_POLICY, _EVERYWHERE} and (TARGET_HOST in here.hosts or TARGET_HOST in there.hosts):
        return f"{both}: what is done to the whole page cannot be told from what is done to its way"
    return ""


def _change(fault: Fault) -> object:
    """What tells two faults apart where they are put in: a toxic is known by its kind and direction."""
    return (fault.kind, fault.stream) if isinstance(fault, ToxicFault) else fault.name


def _in_vain(schedule: Schedule, target: Target, flow: FlowSpec, links: Mapping[str, Link]) -> str:
    plain = reached_by_address(target, links, flow.provider)
    causes = (Cause(code=None, link=one.link, fault=one.fault, phase=one.phase) for one in schedule.strokes)
    vain = next((cause for cause in causes if without_effect(cause, plain)), None)
    if vain is None:
        return ""
    return f"{vain.link} {vain.fault}: the target reaches the link by address over plain HTTP, and can feel nothing of it"


def _planned(stroke: Stroke, known: _Known, target: Target, links: Mapping[str, Link]) -> Scenario:
    """The plan's scenario that is nearest to a stroke: its fault on its link, or what is waited for there the longest."""
    same = next((one for one in known.faults if one.fault and (one.link, one.fault.name) == (stroke.link, stroke.fault)), None)
    if same is not None:
        return same
    on_link = [one for one in known.faults if one.link == stroke.link] or known.faults[:1]
    longest = max(on_link, key=lambda one: one.expect.minted_after_ms)
    cause = Cause(code=None, link=stroke.link, fault=stroke.fault, phase=stroke.phase, parameters=stroke.parameters)
    bare = expectation(cause, None, known.flow, target, links[stroke.link].side)
    only_slower = FAULTS.get(stroke.fault).felt_at == TAKES_TIME
    shorter = only_slower or longest.expect.minted_after_ms < bare.minted_after_ms
    return replace(longest, expect=bare) if shorter else longest


def _with_facts(stroke: Stroke, link: Link) -> Scheduled:
    at_target = TARGET_HOST in link.hosts
    facts = facts_of(stroke.fault, at_target=at_target)
    return Scheduled(stroke=stroke, fault=facts, side=link.side, own_edge=at_target or stroke.fault == _EVERYWHERE)


def _expectation(faults: Sequence[Scheduled], alone: Sequence[Expectation], flow: FlowSpec) -> Expectation:
    """What each demands alone, waits added: whoever has waited for one fault may have to wait for the next one."""
    waits_ms = [one.minted_after_ms for one in alone]
    least = max(alone, key=lambda one: one.business_budget_ms - one.minted_after_ms)
    in_all_ms = least.business_budget_ms - least.minted_after_ms + sum(waits_ms)
    down = any(one.side is Side.SERVER for one in faults)
    both = down and any(one.side is Side.BROWSER for one in faults)
    policy = flow.policy.verdict_down if down else flow.policy.verdict_up
    lenient = {policy, flow.policy.verdict_up} if both else {policy}
    return replace(
        alone[0],
        codes=(),
        minted_by=None,
        outcome=_outcome(lenient),
        policy=policy,
        policy_up=flow.policy.verdict_up if both else None,
        fallback_budget_ms=in_all_ms,
        business_budget_ms=in_all_ms,
        minted_after_ms=0,
        other_way="",
        explains="",
        says="",
        lure=alone[0].lure,
        looks=False,
    )


def _outcome(policies: set[Policy]) -> Literal["unverified", "stepped-up", "nothing"]:
    """The outcome of the most lenient of some policies."""
    if Policy.ACCEPT in policies:
        return "unverified"
    return "stepped-up" if Policy.STEP_UP in policies else "nothing"


def _id(flow: str, schedule: Schedule, profile: str, known: _Known) -> str:
    """A readable id, with a digest of what it leaves out."""
    words = [f"{one.link}-{one.fault}-{one.warmth}" for one in schedule.strokes]
    text = json.dumps(schedule.as_data(), sort_keys=True)
    if known.pause_before_show_ms:
        text += f" after {known.pause_before_show_ms} ms"
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    build = known.build if known.build != known.usual else ""
    return "-".join(filter(None, (flow, KIND, "-and-".join(words), profile, build, digest)))
