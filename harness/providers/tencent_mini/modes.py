"""The documented outcomes of the plug-in: three codes, of which one may never come. Source: domain/tencent-client.md 4.

The plug-in drops the errorCode: a code is told by its ticket alone. Messages are the Web client's names of the same codes.
"""

from __future__ import annotations

from harness.catalog import SERVER_MODES, FailureMode

_SOURCE = "domain/tencent-client.md 4, 3.2"


def _vendor(code: int, message: str, title: str, *, before_visible: bool) -> FailureMode:
    return FailureMode(
        code=code, message=message, title=title, minted_by="vendor", before_visible=before_visible, source=_SOURCE
    )


MODES: tuple[FailureMode, ...] = (
    _vendor(1006, "get_captcha_config_request_error", "Configuration failed three times", before_visible=True),
    _vendor(1012, "refresh_error", "Refresh failed three times", before_visible=False),
    _vendor(
        1013,
        "verify_error",
        "Verification failed after three failed refreshes; never after failed verifications alone",
        before_visible=False,
    ),
    *SERVER_MODES,
)
