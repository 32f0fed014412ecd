"""The default plan's rows: how each mode of the plug-in really comes about. Source: domain/tencent-client.md 4.

Where the plug-in says nothing at all, only a watchdog of the mini program's own helps, which mints 1001: after an empty body,
and where 1013 is meant to come. The plug-in counts failed verifications and tests the count of failed refreshes, so no single
link that breaks brings 1013. Verifications that fail at once are not planned: the plug-in repeats them without a pause.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import Behaviour, Cause, Phase
from harness.providers.tencent_web.cause_rows import BOTH, CERTIFICATES, rows, verdict_rows

EMIT_MS = 600
HANG_MS = 3 * 15_000 + EMIT_MS


def _config() -> Iterator[Cause]:
    # Nothing is asked of the host before: a connection that could be warm does not exist.
    place = ("config", Phase.BEFORE_SHOW)
    yield from rows(1006, *place, "refused", "reset", "status-500", "status-503", wait_ms=EMIT_MS)
    yield from rows(1006, *place, "dns-failure", *CERTIFICATES, wait_ms=EMIT_MS)
    yield from rows(1006, *place, "hang", wait_ms=HANG_MS)
    yield from rows(1006, *place, "empty", wait_ms=None)


def _refresh() -> Iterator[Cause]:
    place, asks = ("refresh", Phase.MID_CHALLENGE), Behaviour(refresh=True)
    yield from rows(1012, *place, "refused", "reset", warmths=BOTH, wait_ms=EMIT_MS, wait_from="fault", behaviour=asks)
    yield from rows(1012, *place, "status-500", wait_ms=EMIT_MS, wait_from="fault", behaviour=asks)
    yield from rows(1012, *place, "hang", warmths=BOTH, wait_ms=HANG_MS, wait_from="fault", behaviour=asks)


def _verify() -> Iterator[Cause]:
    place = ("verify", Phase.MID_CHALLENGE)
    yield from rows(1013, *place, "hang", warmths=BOTH, wait_ms=None)
    yield from rows(1013, *place, "empty", wait_ms=None)


CAUSES: tuple[Cause, ...] = (
    *_config(),
    *_refresh(),
    *_verify(),
    *verdict_rows(busy="mini-internal-error-26", refused="mini-unauthorized"),
)
