"""One link of one slot, as a fault takes it in hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from harness.catalog import Link
from harness.faults.base import BrowserControls, Edge
from harness.lab.no_browser import NoBrowser
from harness.lab.provider_clock import EmulatorClock
from harness.lab.slot import TARGET_HOST, Slot
from harness.target.spec import FlowSpec

AID = "aid"
# No link of its own: the provider's configuration, asked for with what came over ``aid``.
AID_USED_LINK = "aid-used"


def paths_of(flow: FlowSpec) -> dict[str, str]:
    """The target's paths that are links of their own for a flow, by path."""
    return {urlsplit(flow.aid).path: AID} if flow.aid else {}


def edge_of(
    slot: Slot,
    link: Link,
    parameters: Iterable[tuple[str, int]] = (),
    *,
    browser: BrowserControls | None = None,
    other_hosts: Sequence[str] = (),
) -> Edge:
    """The link's own part of the slot. Without ``browser`` a browser's fault is refused."""
    return Edge(
        link=link.name,
        hosts=link.hosts,
        other_hosts=tuple(other_hosts),
        proxies=slot.proxies_of(link),
        responses=slot.origin.responses if TARGET_HOST in link.hosts else slot.provider.responses,
        certificates=slot.provider.certificates,
        browser=browser or NoBrowser(),
        clock=EmulatorClock(slot.provider.emulator),
        parameters=dict(parameters),
    )
