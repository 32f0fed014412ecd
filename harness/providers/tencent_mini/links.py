"""The edges between a mini program and the vendor. Source: domain/tencent-client.md 4.

There is no entry, frame or template: the plug-in comes with the mini program, and WeChat serves that.
"""

from __future__ import annotations

from harness.catalog import Link, Phase, Side
from harness.providers.tencent_mini.hosts import DEFAULT_HOST
from harness.providers.tencent_web.hosts import VERDICT, VERDICT_INTERNATIONAL


def links_with(plugin_host: str = DEFAULT_HOST) -> tuple[Link, ...]:
    """The links of a plug-in that asks this host."""
    return (
        _plugin_link("config", plugin_host, phase=Phase.BEFORE_SHOW),
        _plugin_link("refresh", plugin_host, phase=Phase.MID_CHALLENGE, after="config"),
        _plugin_link("verify", plugin_host, phase=Phase.MID_CHALLENGE, after="config"),
        Link(name="verdict", side=Side.SERVER, hosts=(VERDICT, VERDICT_INTERNATIONAL), phase=Phase.DURING_VERDICT),
    )


def _plugin_link(name: str, host: str, *, phase: Phase, after: str | None = None) -> Link:
    return Link(name=name, side=Side.BROWSER, hosts=(host,), phase=phase, after=after)


LINKS: tuple[Link, ...] = links_with()
