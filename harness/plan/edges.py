"""The target's own edge: page and submit, on the same footing as the provider's links."""

from __future__ import annotations

from collections.abc import Mapping

from harness.catalog import Cause, Link, Phase, Side, Warmth
from harness.providers.base import Provider

TARGET_HOST = "127.0.0.1"

TARGET_LINKS: tuple[Link, ...] = (
    Link(name="page", side=Side.BROWSER, hosts=(TARGET_HOST,), phase=Phase.BEFORE_LOAD),
    Link(name="submit", side=Side.BROWSER, hosts=(TARGET_HOST,), phase=Phase.BEFORE_SUBMIT, after="page"),
)

TARGET_CAUSES: tuple[Cause, ...] = (
    Cause(code=None, link="page", fault="latency", phase=Phase.BEFORE_LOAD, parameters=(("latency_ms", 1000),)),
    Cause(code=None, link="submit", fault="reset", phase=Phase.BEFORE_SUBMIT, strikes="once"),
    Cause(code=None, link="submit", fault="hang", phase=Phase.BEFORE_SUBMIT, strikes="once", warmth=Warmth.WARM),
    Cause(code=None, link="submit", fault="answer-lost", phase=Phase.BEFORE_SUBMIT, strikes="once", warmth=Warmth.WARM),
)


def links_of(provider: Provider, options: Mapping[str, object]) -> Mapping[str, Link]:
    """Every link of a target: its own and its provider's."""
    return {link.name: link for link in (*TARGET_LINKS, *provider.links_with(options))}
