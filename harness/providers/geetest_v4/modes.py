"""The documented outcomes. Where the vendor has no number or no sentence, the README says so.

GeeTest's client mints no fallback ticket: the page writes one with the code that the client told it.
"""

from __future__ import annotations

from harness.catalog import SERVER_MODES, FailureMode

# The vendor numbers neither the pass without its API nor an entry script that never came.
BYPASS = 60000
ENTRY = 1001

_SOURCE = "domain/other-providers.md, GeeTest v4"


def _mode(code: int, message: str, title: str, *, before_visible: bool = True) -> FailureMode:
    return FailureMode(code=code, message=message, title=title, minted_by="page", before_visible=before_visible, source=_SOURCE)


MODES: tuple[FailureMode, ...] = (
    _mode(ENTRY, "", "Entry script not loaded"),
    _mode(BYPASS, "", "Configuration failed on all three servers: one click passes"),
    _mode(60101, "", "Verification failed on all three servers", before_visible=False),
    _mode(60204, "js resource load timeout", "Captcha script failed on all three sources"),
    _mode(60205, "gct resource load timeout", "Script gct failed on all three sources"),
    *SERVER_MODES,
)
