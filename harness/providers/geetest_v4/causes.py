"""How each failure mode comes about. Each script has 10 s a source and three sources: 30 s from the construction."""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import Behaviour, Cause, Phase
from harness.providers.geetest_v4.modes import BYPASS, ENTRY

SOURCES_MS = 30_000
# A user who clicks sooner would be counted from the click.
_PATIENT = Behaviour(pause_before_show_ms=SOURCES_MS + 1_000)


def _rows(
    code: int, link: str, phase: Phase, *faults: str, wait_ms: int | None = 0, wait_from: str = "load"
) -> Iterator[Cause]:
    for fault in faults:
        yield Cause(code=code, link=link, fault=fault, phase=phase, wait_ms=wait_ms, wait_from=wait_from)


def _hung(code: int, link: str, phase: Phase) -> Cause:
    return Cause(code=code, link=link, fault="hang", phase=phase, wait_ms=SOURCES_MS, wait_from="load", behaviour=_PATIENT)


def _client() -> Iterator[Cause]:
    yield from _rows(ENTRY, "entry", Phase.BEFORE_LOAD, "refused", "reset", "status-404", "empty")
    yield from _rows(ENTRY, "entry", Phase.BEFORE_LOAD, "hang", wait_ms=None)
    for code, link in ((BYPASS, "load"), (60204, "static"), (60205, "gct")):
        yield from _rows(code, link, Phase.AFTER_LOAD, "refused", "reset", "status-404")
        yield _hung(code, link, Phase.AFTER_LOAD)
    yield from _rows(60101, "verify", Phase.MID_CHALLENGE, "refused", "reset", "status-404", wait_from="fault")
    yield from _rows(60101, "verify", Phase.MID_CHALLENGE, "hang", wait_ms=SOURCES_MS, wait_from="fault")


def _verdict() -> Iterator[Cause]:
    verdict = ("verdict", Phase.DURING_VERDICT)
    yield from _rows(2001, *verdict, "hang", wait_from="show")
    yield from _rows(2002, *verdict, "refused", "reset", wait_from="show")
    yield from _rows(2005, *verdict, "html", "empty", "status-500", "status-503", wait_from="show")


CAUSES: tuple[Cause, ...] = (*_client(), *_verdict())
