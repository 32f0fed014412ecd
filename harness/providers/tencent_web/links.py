"""The named edges between a target and the vendor, in the order of a healthy flow. Source: domain/tencent-client.md 3.3."""

from __future__ import annotations

from harness.catalog import Link, Phase, Side
from harness.providers.tencent_web.hosts import API, CDN, GLOBAL_API, GLOBAL_CDN, VERDICT, VERDICT_INTERNATIONAL


def _link(name: str, *hosts: str, phase: Phase, after: str | None = None, control: bool = True, script: bool = False) -> Link:
    return Link(name=name, side=Side.BROWSER, hosts=hosts, phase=phase, after=after, control=control, script=script)


LINKS: tuple[Link, ...] = (
    # The international page loads its own host's entry; whichever a page uses, a fault on the link strikes it.
    _link("entry", API, GLOBAL_API, phase=Phase.BEFORE_LOAD, script=True),
    _link("frame", CDN, GLOBAL_CDN, API, phase=Phase.AFTER_LOAD, script=True),
    _link("config", API, phase=Phase.BEFORE_SHOW, after="entry"),
    _link("template", CDN, API, phase=Phase.BEFORE_SHOW, after="frame"),
    _link("iframe", CDN, API, phase=Phase.BEFORE_SHOW, after="template"),
    _link("library", CDN, phase=Phase.BEFORE_SHOW, after="iframe", script=True),
    _link("slider", CDN, phase=Phase.BEFORE_SHOW, after="library", script=True),
    _link("refresh", API, phase=Phase.MID_CHALLENGE, after="config"),
    _link("verify", API, phase=Phase.MID_CHALLENGE, after="config"),
    Link(name="verdict", side=Side.SERVER, hosts=(VERDICT, VERDICT_INTERNATIONAL), phase=Phase.DURING_VERDICT),
)
