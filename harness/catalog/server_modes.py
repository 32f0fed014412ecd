"""What may go wrong behind the business server, whoever the provider is. The codes are ours (DESIGN.md, "The tickets")."""

from __future__ import annotations

from harness.catalog.modes import FailureMode

_SOURCE = 'DESIGN.md, "The tickets"; domain/tencent-api.md 1.6, 1.8'


def _server(code: int, message: str, title: str) -> FailureMode:
    return FailureMode(code=code, message=message, title=title, minted_by="server", before_visible=False, source=_SOURCE)


SERVER_MODES: tuple[FailureMode, ...] = (
    _server(2001, "verdict_timeout", "The verdict did not come in time"),
    _server(2002, "verdict_connection_failed", "No connection to the verdict API"),
    _server(2003, "verdict_internal_error", "The verdict API answered InternalError or InternalServerError"),
    _server(2004, "verdict_system_busy", "The verdict API answered CaptchaCode 26"),
    _server(2005, "verdict_unreadable", "The verdict API's answer could not be read"),
    _server(2006, "verdict_refused", "The verdict API refused the call: throttled, arrears or clock skew"),
)
