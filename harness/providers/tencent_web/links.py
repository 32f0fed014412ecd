"""The named edges between a target and the vendor, in the order of a healthy flow. Source: domain/tencent-client.md 3.3."""

from __future__ import annotations

from harness.catalog import Link, Phase, Side
from harness.providers.tencent_web.hosts import (
    API,
    CDN,
    GLOBAL_API,
    GLOBAL_CDN,
    OLD_VERDICT,
    RETIRED,
    VERDICT,
    VERDICT_INTERNATIONAL,
    WHITE_LABEL,
)


def _link(
    name: str, *hosts: str, phase: Phase, after: str | None = None, control: bool = True, script: bool = False, tries: int = 1
) -> Link:
    return Link(
        name=name, side=Side.BROWSER, hosts=hosts, phase=phase, after=after, control=control, script=script, tries=tries
    )


def _browser_links(*, entries: tuple[str, ...], api: str, cdn: str, second_cdn: str) -> tuple[Link, ...]:
    return (
        # The international page loads its own host's entry; whichever a page uses, a fault on the link strikes it.
        _link("entry", *entries, phase=Phase.BEFORE_LOAD, script=True),
        _link("frame", cdn, second_cdn, api, phase=Phase.AFTER_LOAD, script=True, tries=3),
        _link("config", api, phase=Phase.BEFORE_SHOW, after="entry", tries=3),
        _link("template", cdn, api, phase=Phase.BEFORE_SHOW, after="frame"),
        _link("iframe", cdn, api, phase=Phase.BEFORE_SHOW, after="template"),
        _link("library", cdn, phase=Phase.BEFORE_SHOW, after="iframe", script=True),
        _link("slider", cdn, phase=Phase.BEFORE_SHOW, after="library", script=True),
        _link("refresh", api, phase=Phase.MID_CHALLENGE, after="config", tries=3),
        _link("verify", api, phase=Phase.MID_CHALLENGE, after="config", tries=3),
    )


def _verdict(*more: str) -> Link:
    return Link(
        name="verdict", side=Side.SERVER, hosts=(VERDICT, VERDICT_INTERNATIONAL, *more), phase=Phase.DURING_VERDICT
    )


def links_with(*, retired_hosts: bool = False, build: str = "classic") -> tuple[Link, ...]:
    """The links as one client build walks them: its hosts in the order in which it asks them."""
    dead = RETIRED if retired_hosts else ()
    verdict = _verdict(*((OLD_VERDICT,) if retired_hosts else ()))
    if build == "international":
        entries = (GLOBAL_API, API, WHITE_LABEL, *dead)
        return (*_browser_links(entries=entries, api=GLOBAL_API, cdn=GLOBAL_CDN, second_cdn=CDN), verdict)
    entries = (API, GLOBAL_API, WHITE_LABEL, *dead)
    return (*_browser_links(entries=entries, api=API, cdn=CDN, second_cdn=GLOBAL_CDN), verdict)


LINKS: tuple[Link, ...] = links_with()
