"""What goes wrong with ``aidEncrypted``, for flows whose page fetches it from the target's own server (the link ``aid``).

Source: domain/tencent-client.md 5. While the console's forced check is off the captcha comes without a value too, so a page
that waits for its own server a bounded time loses nothing. With it on, what a missing value leads to is the options' to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness.catalog import Behaviour, Cause, Phase, Warmth
from harness.providers.tencent_web.aid_check import AidSettings

_PHASE = Phase.BEFORE_SHOW
# Longer than a page may wait for its own server.
_LATE = (("head_ms", 12_000), ("body_ms", 12_000))
_CONFIG_TIMER_MS = 20_000
_AFTER_FAILURE_MS = 500
# The link shares its connections with page and submit: what breaks them stands no longer than it takes to be felt.
_ONCE = tuple(Cause(code=None, link="aid", fault=fault, phase=_PHASE, strikes="once") for fault in ("refused", "reset"))
_LOST = tuple(
    Cause(code=None, link="aid", fault=fault, phase=_PHASE) for fault in ("reset-unanswered", "status-503", "html", "empty")
)
_SLOW = (
    Cause(code=None, link="aid", fault="no-answer", phase=_PHASE),
    Cause(code=None, link="aid", fault="late-twice", phase=_PHASE, parameters=_LATE),
)


def aid_causes(settings: AidSettings, *, build: str) -> tuple[Cause, ...]:
    """Return the causes for a client build, on the target's own edge and at the vendor's clock."""
    return tuple(replace(cause, build=build) for cause in (*_own_edge(settings), *_by_the_clock(settings)))


def _own_edge(settings: AidSettings) -> Iterator[Cause]:
    if settings.forced:
        yield from (replace(cause, code=1006, wait_ms=_refusal_ms(settings)) for cause in _LOST)
    else:
        yield from (*_ONCE, *_LOST, *_SLOW)


def _by_the_clock(settings: AidSettings) -> Iterator[Cause]:
    yield Cause(code=1006, link="config", fault="server-clock-ahead", phase=_PHASE, wait_ms=_refusal_ms(settings))
    if settings.expired_in_use == "refused":
        expires = Cause(
            code=1013,
            link="verify",
            fault="aid-expires",
            phase=Phase.MID_CHALLENGE,
            warmth=Warmth.WARM,
            wait_ms=_AFTER_FAILURE_MS,
            wait_from="fault",
        )
        yield expires
        yield replace(expires, code=1012, link="refresh", behaviour=Behaviour(refresh=True))


def _refusal_ms(settings: AidSettings) -> int:
    return _CONFIG_TIMER_MS if settings.refused == "no-configuration" else 0
