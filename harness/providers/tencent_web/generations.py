"""Which generation of the vendor's client a target's pages load. Source: domain/tencent-client.md 3.1, 3.2.

What fails in one generation need not exist in another, and each asks its own hosts: a plan for pages of one generation holds no
cause of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.catalog import Cause
from harness.errors import UsageError, closest
from harness.providers.tencent_web.causes import CAUSES

GENERATION_OPTIONS: Mapping[str, str] = {
    "client": "which entry script the pages load: 1.0 (TCaptcha.js, default), 2.0 (TJCaptcha.js) or "
    "international (TJNCaptcha-global.js)",
}
_BUILD = {"1.0": "classic", "2.0": "v2", "international": "international"}
# The template is given 15 s abroad instead of 10, from each of its two sources.
_TEMPLATE_ABROAD_MS = 30_000


def build_of(options: Mapping[str, object]) -> str:
    """Return the client build that the pages load; raises :class:`UsageError` for a generation that does not exist."""
    wanted = options.get("client", "1.0")
    if not isinstance(wanted, str) or wanted not in _BUILD:
        raise UsageError(f"provider.options.client: no generation is called {wanted!r}{closest(str(wanted), _BUILD)}")
    return _BUILD[wanted]


def causes_of(build: str) -> tuple[Cause, ...]:
    """Return what the plan holds for pages of that build; 1.0 is met in its classic, its newer and its oldest form."""
    if build == "v2":
        # It fails as the newer form of 1.0 does: 1014 exists, and a frame script that times out is 1004.
        those = (cause for cause in CAUSES if cause.build in ("classic", "newer") and cause.code != 1003)
        return tuple(replace(cause, build=build) for cause in those)
    if build == "international":
        return tuple(_abroad(cause) for cause in CAUSES if cause.build == "classic")
    return CAUSES


def _abroad(cause: Cause) -> Cause:
    return replace(cause, build="international", wait_ms=_TEMPLATE_ABROAD_MS if cause.link == "template" else cause.wait_ms)
