"""What a client of the verdict API came away with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """``how``: code, sdk-error, raw (an exception that is not the SDK's), died. ``code`` is the CaptchaCode or the error's.

    ``text`` is the code as its language prints it, or the error's message.
    """

    how: str
    code: Any
    text: str = ""
    http_code: int | None = None
    seconds: float = 0.0
