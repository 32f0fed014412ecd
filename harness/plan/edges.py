"""The target's own edge: page, submit and its encrypted app id's endpoint, on the same footing as the provider's links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from harness.catalog import Cause, Link, Phase, Side, Warmth
from harness.plan.app import uses
from harness.providers.base import Provider, TakesAid
from harness.target.problems import Problem
from harness.target.spec import FlowSpec

TARGET_HOST = "127.0.0.1"

TARGET_LINKS: tuple[Link, ...] = (
    Link(name="page", side=Side.BROWSER, hosts=(TARGET_HOST,), phase=Phase.BEFORE_LOAD),
    Link(name="submit", side=Side.BROWSER, hosts=(TARGET_HOST,), phase=Phase.BEFORE_SUBMIT, after="page"),
)

# Only where a flow names its endpoint; a page may ask it before the user's click, or at it.
AID_LINK = Link(name="aid", side=Side.BROWSER, hosts=(TARGET_HOST,), phase=Phase.BEFORE_SHOW, after="page")

# No link of its own: the provider's configuration, asked for with what came over ``aid``.
AID_USED_LINK = "aid-used"

TARGET_CAUSES: tuple[Cause, ...] = (
    Cause(code=None, link="page", fault="latency", phase=Phase.BEFORE_LOAD, parameters=(("latency_ms", 1000),)),
    Cause(code=None, link="submit", fault="reset", phase=Phase.BEFORE_SUBMIT, strikes="once"),
    Cause(code=None, link="submit", fault="hang", phase=Phase.BEFORE_SUBMIT, strikes="once", warmth=Warmth.WARM),
    Cause(code=None, link="submit", fault="answer-lost", phase=Phase.BEFORE_SUBMIT, strikes="once", warmth=Warmth.WARM),
)


def links_of(provider: Provider, options: Mapping[str, object], *, aid: bool) -> Mapping[str, Link]:
    """Every link of a target: its own and its provider's; ``aid``: some flow of its names the endpoint."""
    own = (*TARGET_LINKS, AID_LINK) if aid else TARGET_LINKS
    return {link.name: link for link in (*own, *provider.links_with(options))}


def aid_in_vain(provider: Provider, flows: Iterable[FlowSpec]) -> Iterator[Problem]:
    """Each flow that names the endpoint of an encrypted app id which its provider does not take."""
    for flow in flows:
        if flow.aid and not isinstance(provider, TakesAid):
            sentence = f"flows.{flow.name}.aid: {provider.name} takes no encrypted app id"
            yield Problem(at=("flows", flow.name, "aid"), sentence=sentence)


def own_causes(flow: FlowSpec, provider: Provider, options: Mapping[str, object]) -> tuple[Cause, ...]:
    """What can fail on a flow's own edge, and what its ``aid`` adds."""
    return (*TARGET_CAUSES, *(provider.causes_with_aid(options) if flow.aid and isinstance(provider, TakesAid) else ()))


def links_for_health(flow: FlowSpec, links: Mapping[str, Link]) -> tuple[str, ...]:
    """The links that a healthy pass through the flow uses; what came over ``aid`` must also reach the provider."""
    without_aid = (link.name for link in links.values() if link.control and (link.name != AID_LINK.name or flow.aid))
    used = tuple(name for name in without_aid if uses(flow, name))
    return (*used, AID_USED_LINK) if flow.aid else used
