"""What an app adds to a flow: a bridge from its web view, and a page that does not come.

Source: domain/tencent-client.md 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from harness.catalog import Cause, FailureMode, Link, Phase, Side, Warmth
from harness.target.spec import APP, FlowSpec

BRIDGE_LINK = Link(name="bridge", side=Side.BROWSER, hosts=(), phase=Phase.BEFORE_SUBMIT)
_SOURCE = "domain/tencent-client.md 4"

_NOT_LOADED = "The page of the app's web view is not loaded"
_NEVER_CALLED = "The page never reaches the app around it"

# A page that is refused or hangs takes the whole target with it, the native part's submit too: so these end once they are felt.
_PAGE = (
    Cause(code=1001, link="page", fault="refused", phase=Phase.BEFORE_LOAD, strikes="once"),
    Cause(code=1001, link="page", fault="hang", phase=Phase.BEFORE_LOAD, strikes="once", wait_ms=None),
    Cause(code=1001, link="page", fault="status-503", phase=Phase.BEFORE_LOAD),
)
_BRIDGE = (
    Cause(code=1001, link="bridge", fault="bridge-silent", phase=Phase.BEFORE_LOAD, wait_ms=None),
    Cause(
        code=1001, link="bridge", fault="bridge-silent", phase=Phase.BEFORE_LOAD, warmth=Warmth.WARM, wait_ms=None,
        parameters=(("after_messages", 1),),
    ),
)  # fmt: skip


def app_causes(flow: FlowSpec, build: str) -> Iterator[tuple[Cause, FailureMode]]:
    """What only an app's flow can meet, each with what it must lead to: its native part mints the watchdog's code."""
    if flow.client != APP:
        return
    for title, causes in ((_NOT_LOADED, _PAGE), (_NEVER_CALLED, _BRIDGE)):
        mode = FailureMode(
            code=flow.watchdog_code, message="", title=title, minted_by="page", before_visible=True, source=_SOURCE
        )
        for cause in causes:
            yield replace(cause, code=mode.code, build=build), mode


def chosen_for(flow: FlowSpec, causes: Sequence[Cause]) -> Sequence[Cause]:
    """The provider's causes that a flow is tried with: in an app the first of each mode, for its page is a browser's page.

    What takes a user who waits before asking for the captcha is left out: a web view is opened to show it at once.
    """
    if flow.client != APP:
        return causes
    first: dict[int | None, Cause] = {}
    for cause in causes:
        if cause.build == causes[0].build and not cause.behaviour.pause_before_show_ms:
            first.setdefault(cause.code, cause)
    return tuple(first.values())


def links_with_bridge(links: Mapping[str, Link], flows: Sequence[FlowSpec]) -> Mapping[str, Link]:
    """The links, and the bridge where a flow is an app's."""
    return {**links, BRIDGE_LINK.name: BRIDGE_LINK} if any(flow.client == APP for flow in flows) else links


def uses(flow: FlowSpec, link: str) -> bool:
    """Whether a flow has such a link: a browser's page has no bridge."""
    return link != BRIDGE_LINK.name or flow.client == APP
