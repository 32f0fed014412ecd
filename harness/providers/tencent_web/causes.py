"""The default plan's rows: how each failure mode really comes about. Times are those of the client's documented timers.

Warm and cold both stand where they are two experiments (PITFALLS.md, "What a <script> over TLS meets"): transport faults on a
kept-alive connection. Certificates and names exist for new connections only; an answer rewritten at the origin is one
experiment.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import Behaviour, Cause, Phase, Warmth

_COLD = (Warmth.COLD,)
_BOTH = (Warmth.COLD, Warmth.WARM)
_CERTIFICATES = ("expired-certificate", "wrong-name-certificate", "unknown-ca-certificate")
_PAUSE_PAST_SHOW_TIMER = Behaviour(pause_before_show_ms=26_000)


def _rows(
    code: int,
    link: str,
    phase: Phase,
    *faults: str,
    warmths: tuple[Warmth, ...] = _COLD,
    wait_ms: int | None = 0,
    wait_from: str = "show",
    build: str = "classic",
    behaviour: Behaviour | None = None,
    parameters: tuple[tuple[str, int], ...] = (),
    twin_of: str | None = None,
    also_codes: tuple[int, ...] = (),
) -> Iterator[Cause]:
    for fault in faults:
        for warmth in warmths:
            yield Cause(
                code=code, link=link, fault=fault, phase=phase, warmth=warmth, wait_ms=wait_ms, wait_from=wait_from,
                build=build, behaviour=behaviour or Behaviour(), parameters=parameters, twin_of=twin_of,
                also_codes=also_codes,
            )


def _entry() -> Iterator[Cause]:
    link = ("entry", Phase.BEFORE_LOAD)
    yield from _rows(1001, *link, "refused", "reset", "cut-mid-body", warmths=_BOTH, wait_from="load")
    yield from _rows(1001, *link, "hang", warmths=_BOTH, wait_ms=None, wait_from="load")
    yield from _rows(1001, *link, "latency", wait_ms=None, wait_from="load", parameters=(("latency_ms", 12_000),))
    yield from _rows(1001, *link, "status-404", "empty", "truncated", "html", "wrong-mime", "throws", wait_from="load")
    yield from _rows(1001, *link, "status-503", wait_from="load", twin_of="status-404")
    yield from _rows(1001, *link, "defines-nothing", "constructor-throws", wait_from="load")
    yield from _rows(1001, *link, *_CERTIFICATES, "dns-failure", "csp-blocked", "extension-blocked", wait_from="load")


def _frame() -> Iterator[Cause]:
    link = ("frame", Phase.AFTER_LOAD)
    yield from _rows(1002, *link, "hang", warmths=_BOTH, wait_ms=20_000)
    yield from _rows(1003, *link, "hang", warmths=_BOTH, wait_ms=45_000, wait_from="load", behaviour=_PAUSE_PAST_SHOW_TIMER)
    yield from _rows(1004, *link, "refused", "reset", warmths=_BOTH)
    yield from _rows(1004, *link, "hang", wait_ms=45_000, wait_from="load", build="newer", behaviour=_PAUSE_PAST_SHOW_TIMER)
    yield from _rows(1005, *link, "throws")
    # The entry script of 2020 tries twice, alerts, and never calls back: only the page's own watchdog can mint a ticket.
    yield from _rows(1001, *link, "refused", wait_ms=None, build="entry2020")


def _config() -> Iterator[Cause]:
    link = ("config", Phase.BEFORE_SHOW)
    yield from _rows(1006, *link, "reset", warmths=_BOTH)
    yield from _rows(1006, *link, "hang", warmths=_BOTH, wait_ms=20_000)
    yield from _rows(1006, *link, "garbage-jsonp", wait_ms=20_000)
    yield from _rows(1014, *link, "config-rate-limited", build="newer")


def _popup() -> Iterator[Cause]:
    phase = Phase.BEFORE_SHOW
    yield from _rows(1007, "template", phase, "hang", warmths=_BOTH, wait_ms=20_000)
    yield from _rows(1008, "iframe", phase, "hang", warmths=_BOTH, wait_ms=20_000)
    for code, link in ((1009, "library"), (1010, "slider")):
        yield from _rows(code, link, phase, "refused", "reset", "cut-mid-body", warmths=_BOTH)
        yield from _rows(code, link, phase, "status-404")
        yield from _rows(code, link, phase, "hang", wait_ms=45_000, build="newer")
    yield from _rows(1009, "library", phase, "empty")
    yield from _rows(1011, "slider", phase, "throws", "defines-nothing")


def _challenge() -> Iterator[Cause]:
    for code, link, behaviour in ((1012, "refresh", Behaviour(refresh=True)), (1013, "verify", Behaviour())):
        place = (link, Phase.MID_CHALLENGE)
        yield from _rows(code, *place, "refused", "reset", warmths=_BOTH, wait_ms=500, wait_from="fault", behaviour=behaviour)
        yield from _rows(code, *place, "status-500", wait_ms=500, wait_from="fault", behaviour=behaviour)
        yield from _rows(code, *place, "hang", warmths=_BOTH, wait_ms=45_500, wait_from="fault", behaviour=behaviour)


def _verdict() -> Iterator[Cause]:
    link = ("verdict", Phase.DURING_VERDICT)
    yield from _rows(2001, *link, "hang", warmths=_BOTH)
    yield from _rows(2001, *link, "slow-drip", "half-answer")
    yield from _rows(2002, *link, "refused", "reset", warmths=_BOTH)
    yield from _rows(2002, *link, "dns-failure", *_CERTIFICATES)
    yield from _rows(2003, *link, "internal-error", "internal-server-error")
    yield from _rows(2004, *link, "system-busy-26")
    yield from _rows(2005, *link, "html", "empty", "empty-object", "wrong-types", "redirect-307")
    # A client that goes by the Content-Type cannot read it (the vendor's Python SDK); one that parses it finds the Error.
    yield from _rows(2005, *link, "charset-error", also_codes=(2003,))
    yield from _rows(2006, *link, "throttled", "arrears", "clock-skew")


CAUSES: tuple[Cause, ...] = (*_entry(), *_frame(), *_config(), *_popup(), *_challenge(), *_verdict())
