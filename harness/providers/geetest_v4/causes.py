"""How each failure mode comes about. Each script has 10 s a source and three sources: 30 s from the construction.

The captcha script and gct load side by side from the same three hosts, so a broken connection takes both along and the loader
tells 60204 and 60205 in either order. What strikes one of them alone is an answer of its own, made at the origin.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import Behaviour, Cause, Phase
from harness.providers.geetest_v4.modes import BYPASS, ENTRY

SOURCES_MS = 30_000
_ANSWERS = ("status-404", "status-503", "closed-unanswered")
# A user who clicks only when all sources have been tried; one who clicks at once meets the page's watchdog, if it is shorter.
_PATIENT = Behaviour(pause_before_show_ms=SOURCES_MS + 1_000)
_AT_ONCE = Behaviour()


def _rows(
    code: int,
    link: str,
    phase: Phase,
    *faults: str,
    wait_ms: int | None = 0,
    wait_from: str = "load",
    also_codes: tuple[int, ...] = (),
) -> Iterator[Cause]:
    for fault in faults:
        yield Cause(code=code, link=link, fault=fault, phase=phase, wait_ms=wait_ms, wait_from=wait_from, also_codes=also_codes)


def _silent(code: int, link: str, fault: str, user: Behaviour, *, also_codes: tuple[int, ...] = ()) -> Cause:
    """Nothing comes from any source: the loader goes on after 10 s each."""
    return Cause(
        code=code,
        link=link,
        fault=fault,
        phase=Phase.AFTER_LOAD,
        wait_ms=SOURCES_MS,
        wait_from="load",
        behaviour=user,
        also_codes=also_codes,
    )


def _client() -> Iterator[Cause]:
    after_load, solving = Phase.AFTER_LOAD, Phase.MID_CHALLENGE
    yield from _rows(ENTRY, "entry", Phase.BEFORE_LOAD, "refused", "reset", "status-404", "empty")
    yield from _rows(ENTRY, "entry", Phase.BEFORE_LOAD, "hang", wait_ms=None)
    yield from _rows(BYPASS, "load", after_load, "refused", "reset", *_ANSWERS)
    yield _silent(BYPASS, "load", "hang", _AT_ONCE)
    yield _silent(BYPASS, "load", "hang-upstream", _PATIENT)
    yield from _rows(60204, "static", after_load, "refused", "reset", also_codes=(60205,))
    yield _silent(60204, "static", "hang", _PATIENT, also_codes=(60205,))
    yield from _rows(60204, "static", after_load, *_ANSWERS)
    yield _silent(60204, "static", "no-answer", _AT_ONCE)
    yield from _rows(60205, "gct", after_load, *_ANSWERS)
    yield _silent(60205, "gct", "no-answer", _PATIENT)
    yield from _rows(60101, "verify", solving, "refused", "reset", *_ANSWERS, wait_from="fault")
    yield from _rows(60101, "verify", solving, "hang", "no-answer", wait_ms=SOURCES_MS, wait_from="fault")


def _verdict() -> Iterator[Cause]:
    verdict = ("verdict", Phase.DURING_VERDICT)
    yield from _rows(2001, *verdict, "hang", "no-answer", "slow-drip", "half-answer", wait_from="show")
    yield from _rows(2002, *verdict, "refused", "reset", "closed-unanswered", wait_from="show")
    yield from _rows(2003, *verdict, "geetest-error", wait_from="show")
    unreadable = ("html", "empty", "geetest-result-mistyped", "status-500", "status-503")
    yield from _rows(2005, *verdict, *unreadable, wait_from="show")


CAUSES: tuple[Cause, ...] = (*_client(), *_verdict())
