"""The default plan's rows. Only 200 and 400 are documented, so every row is a failure that nobody documented.

A page in an error's place can be read two ways, both right: by its status, or as an answer that is not JSON.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import Cause, Phase, Warmth

_COLD = (Warmth.COLD,)
_BOTH = (Warmth.COLD, Warmth.WARM)
_UNREADABLE = (2005,)


def _rows(
    code: int,
    link: str,
    phase: Phase,
    *faults: str,
    warmths: tuple[Warmth, ...] = _COLD,
    also_codes: tuple[int, ...] = (),
    twin_of: str | None = None,
) -> Iterator[Cause]:
    for fault in faults:
        for warmth in warmths:
            yield Cause(
                code=code, link=link, fault=fault, phase=phase, warmth=warmth, also_codes=also_codes, twin_of=twin_of
            )


def _any_call(link: str, phase: Phase, warmths: tuple[Warmth, ...]) -> Iterator[Cause]:
    yield from _rows(2001, link, phase, "hang", warmths=warmths)
    yield from _rows(2002, link, phase, "refused", "reset", warmths=warmths)
    yield from _rows(2003, link, phase, "status-500", also_codes=_UNREADABLE)
    yield from _rows(2003, link, phase, "status-502", "status-503", also_codes=_UNREADABLE, twin_of="status-500")
    yield from _rows(2006, link, phase, "status-401", "status-403", "status-429", also_codes=_UNREADABLE)


def _picture() -> Iterator[Cause]:
    # No connection is open yet when the first picture is asked for.
    yield from _any_call("picture", Phase.BEFORE_SHOW, _COLD)
    yield from _rows(2005, "picture", Phase.BEFORE_SHOW, "html", "not-json", "empty-images", "null-token")


def _verdict() -> Iterator[Cause]:
    yield from _any_call("verdict", Phase.DURING_VERDICT, _BOTH)
    yield from _rows(2005, "verdict", Phase.DURING_VERDICT, "html", "empty", "not-json", "null-token")


def _sms() -> Iterator[Cause]:
    # The documented answer is empty: that is health here, and a page or a sentence in its place does not say that an SMS left.
    yield from _any_call("sms", Phase.DURING_VERDICT, _BOTH)
    yield from _rows(2005, "sms", Phase.DURING_VERDICT, "html", "not-json")
    yield from _rows(2006, "sms", Phase.DURING_VERDICT, "sms-quota-exhausted")


def _code() -> Iterator[Cause]:
    yield from _any_call("code", Phase.DURING_VERDICT, _BOTH)
    yield from _rows(2005, "code", Phase.DURING_VERDICT, "html", "not-json")


CAUSES: tuple[Cause, ...] = (*_picture(), *_verdict(), *_sms(), *_code())
