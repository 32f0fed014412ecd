"""The SMS that left, and the codes in them: each registers its number once, for a while, and takes few tries.

How long and how many is not documented: both are settings.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from harness.providers.huawei.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """One SMS that left; ``at_s`` is the vendor's clock in unix seconds."""

    mobile: str
    type: str
    code: str
    at_s: float


class Phones:
    """Every phone that was sent something since the last reset. ``sent`` are the SMS in order."""

    def __init__(self, settings: Settings) -> None:
        self.sent: list[Sms] = []
        self._settings = settings
        self._tries_left: dict[str, int] = {}

    def send(self, mobile: str, kind: str, *, now: float) -> None:
        """Send a new code; an older one to the same number is worth nothing from here on."""
        self.sent.append(Sms(mobile=mobile, type=kind, code=f"{secrets.randbelow(10**6):06}", at_s=now))
        self._tries_left[mobile] = self._settings.sms_code_attempts

    def newest(self, mobile: str) -> Sms | None:
        """The last SMS to a number."""
        return next((sms for sms in reversed(self.sent) if sms.mobile == mobile), None)

    def take(self, mobile: str, code: str, *, now: float) -> bool:
        """Try a code; the right one is used up."""
        sms = self.newest(mobile)
        if sms is None or not self._tries_left[mobile] or now - sms.at_s > self._settings.sms_code_valid_s:
            return False
        self._tries_left[mobile] -= 1
        if not secrets.compare_digest(sms.code.encode(), code.encode("utf-8", "replace")):
            return False
        self._tries_left[mobile] = 0
        return True
