"""The default plan's rows: how each mode of the plug-in really comes about. Source: domain/tencent-client.md 4.

Where the plug-in says nothing at all, only a watchdog of the mini program's own helps, which mints 1001: after an empty body,
and where 1013 is meant to come. The plug-in counts failed verifications and tests the count of failed refreshes, so no single
link that breaks brings 1013. Verifications that fail at once are not planned: the plug-in repeats them without a pause.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import Behaviour, Cause, Phase, Warmth

EMIT_MS = 600
HANG_MS = 3 * 15_000 + EMIT_MS

_COLD = (Warmth.COLD,)
_BOTH = (Warmth.COLD, Warmth.WARM)
_CERTIFICATES = ("expired-certificate", "wrong-name-certificate", "unknown-ca-certificate")


def _rows(
    code: int,
    link: str,
    phase: Phase,
    *faults: str,
    warmths: tuple[Warmth, ...] = _COLD,
    wait_ms: int | None = 0,
    wait_from: str = "show",
    behaviour: Behaviour | None = None,
    also_codes: tuple[int, ...] = (),
) -> Iterator[Cause]:
    for fault in faults:
        for warmth in warmths:
            yield Cause(
                code=code, link=link, fault=fault, phase=phase, warmth=warmth, wait_ms=wait_ms, wait_from=wait_from,
                behaviour=behaviour or Behaviour(), also_codes=also_codes,
            )  # fmt: skip


def _config() -> Iterator[Cause]:
    # Nothing is asked of the host before: a connection that could be warm does not exist.
    place = ("config", Phase.BEFORE_SHOW)
    yield from _rows(1006, *place, "refused", "reset", "status-500", "status-503", wait_ms=EMIT_MS)
    yield from _rows(1006, *place, "dns-failure", *_CERTIFICATES, wait_ms=EMIT_MS)
    yield from _rows(1006, *place, "hang", wait_ms=HANG_MS)
    yield from _rows(1006, *place, "empty", wait_ms=None)


def _refresh() -> Iterator[Cause]:
    place, asks = ("refresh", Phase.MID_CHALLENGE), Behaviour(refresh=True)
    yield from _rows(1012, *place, "refused", "reset", warmths=_BOTH, wait_ms=EMIT_MS, wait_from="fault", behaviour=asks)
    yield from _rows(1012, *place, "status-500", wait_ms=EMIT_MS, wait_from="fault", behaviour=asks)
    yield from _rows(1012, *place, "hang", warmths=_BOTH, wait_ms=HANG_MS, wait_from="fault", behaviour=asks)


def _verify() -> Iterator[Cause]:
    place = ("verify", Phase.MID_CHALLENGE)
    yield from _rows(1013, *place, "hang", warmths=_BOTH, wait_ms=None)
    yield from _rows(1013, *place, "empty", wait_ms=None)


def _verdict() -> Iterator[Cause]:
    place = ("verdict", Phase.DURING_VERDICT)
    yield from _rows(2001, *place, "hang", warmths=_BOTH)
    yield from _rows(2001, *place, "slow-drip", "half-answer")
    yield from _rows(2002, *place, "refused", "reset", warmths=_BOTH)
    yield from _rows(2002, *place, "dns-failure", *_CERTIFICATES)
    yield from _rows(2003, *place, "internal-error", "internal-server-error")
    yield from _rows(2004, *place, "mini-internal-error-26")
    yield from _rows(2005, *place, "html", "empty", "empty-object", "wrong-types")
    yield from _rows(2005, *place, "charset-error", also_codes=(2003,))
    yield from _rows(2006, *place, "throttled", "mini-unauthorized", "clock-skew")


CAUSES: tuple[Cause, ...] = (*_config(), *_refresh(), *_verify(), *_verdict())
