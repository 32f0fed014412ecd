"""The default plan's rows: how each failure mode really comes about. Times are those of the client's documented timers.

Warm and cold both stand where they are two experiments (PITFALLS.md, "What a <script> over TLS meets"): transport faults on a
kept-alive connection. Certificates and names exist for new connections only; an answer rewritten at the origin is one
experiment.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import Behaviour, Cause, Phase
from harness.providers.tencent_web.cause_rows import BOTH, CERTIFICATES, rows, verdict_rows

_PAUSE_PAST_SHOW_TIMER = Behaviour(pause_before_show_ms=26_000)


def _entry() -> Iterator[Cause]:
    link = ("entry", Phase.BEFORE_LOAD)
    yield from rows(1001, *link, "refused", "reset", "cut-mid-body", warmths=BOTH, wait_from="load")
    yield from rows(1001, *link, "hang", warmths=BOTH, wait_ms=None, wait_from="load")
    yield from rows(1001, *link, "latency", wait_ms=None, wait_from="load", parameters=(("latency_ms", 12_000),))
    yield from rows(1001, *link, "status-404", "empty", "truncated", "html", "wrong-mime", "throws", wait_from="load")
    yield from rows(1001, *link, "status-503", wait_from="load", twin_of="status-404")
    yield from rows(1001, *link, "defines-nothing", "constructor-throws", wait_from="load")
    yield from rows(1001, *link, *CERTIFICATES, "dns-failure", "csp-blocked", "extension-blocked", wait_from="load")


def _frame() -> Iterator[Cause]:
    link = ("frame", Phase.AFTER_LOAD)
    yield from rows(1002, *link, "hang", warmths=BOTH, wait_ms=20_000)
    yield from rows(1003, *link, "hang", warmths=BOTH, wait_ms=45_000, wait_from="load", behaviour=_PAUSE_PAST_SHOW_TIMER)
    yield from rows(1004, *link, "refused", "reset", warmths=BOTH)
    yield from rows(1004, *link, "hang", wait_ms=45_000, wait_from="load", build="newer", behaviour=_PAUSE_PAST_SHOW_TIMER)
    yield from rows(1005, *link, "throws")
    # The entry script of 2020 tries twice, alerts, and never calls back: only the page's own watchdog can mint a ticket.
    yield from rows(1001, *link, "refused", wait_ms=None, build="entry2020")


def _config() -> Iterator[Cause]:
    link = ("config", Phase.BEFORE_SHOW)
    yield from rows(1006, *link, "reset", warmths=BOTH)
    yield from rows(1006, *link, "hang", warmths=BOTH, wait_ms=20_000)
    yield from rows(1006, *link, "garbage-jsonp", wait_ms=20_000)
    yield from rows(1014, *link, "config-rate-limited", build="newer")


def _popup() -> Iterator[Cause]:
    phase = Phase.BEFORE_SHOW
    yield from rows(1007, "template", phase, "hang", warmths=BOTH, wait_ms=20_000)
    yield from rows(1008, "iframe", phase, "hang", warmths=BOTH, wait_ms=20_000)
    for code, link in ((1009, "library"), (1010, "slider")):
        yield from rows(code, link, phase, "refused", "reset", "cut-mid-body", warmths=BOTH)
        yield from rows(code, link, phase, "status-404")
        yield from rows(code, link, phase, "hang", wait_ms=45_000, build="newer")
    yield from rows(1009, "library", phase, "empty")
    yield from rows(1011, "slider", phase, "throws", "defines-nothing")


def _challenge() -> Iterator[Cause]:
    for code, link, behaviour in ((1012, "refresh", Behaviour(refresh=True)), (1013, "verify", Behaviour())):
        place = (link, Phase.MID_CHALLENGE)
        yield from rows(code, *place, "refused", "reset", warmths=BOTH, wait_ms=500, wait_from="fault", behaviour=behaviour)
        yield from rows(code, *place, "status-500", wait_ms=500, wait_from="fault", behaviour=behaviour)
        yield from rows(code, *place, "hang", warmths=BOTH, wait_ms=45_500, wait_from="fault", behaviour=behaviour)


def _redirected() -> Iterator[Cause]:
    """Who follows it hands the app's secret to whatever host it names."""
    yield from rows(2005, "verdict", Phase.DURING_VERDICT, "redirect-307")

CAUSES: tuple[Cause, ...] = (
    *_entry(),
    *_frame(),
    *_config(),
    *_popup(),
    *_challenge(),
    *verdict_rows(busy="system-busy-26", refused="arrears"),
    *_redirected(),
)
