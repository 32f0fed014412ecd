"""What a ticket holds, and what the vendor knows when one is presented. Source: domain/tencent-api.md 1.4, 1.5b."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

TICKET_VALID_S = 300

SHAPE = re.compile(r"tr03([A-Za-z0-9_-]{156})\*", re.ASCII)
_FALLBACK = re.compile(r"tr?error_([0-9]+)_([0-9]+)_([0-9]+)(_.+)?", re.ASCII)
_FALLBACK_PREFIX = re.compile(r"tr?error", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a genuine ticket holds. Times are unix seconds of the provider's clock; app id and randstr are kept as digests.

    ``folded`` is the digest of the randstr without regard to case.
    """

    fetched_s: float
    issued_s: float
    app: bytes
    randstr: bytes
    folded: bytes
    user_ip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A ticket with everything it is judged by.

    ``randstr`` is None where the action has none; ``known_app``: the vendor knows the app id; ``secret_ok``: the AppSecretKey
    is the app's; ``blocked``: risk control refuses the user.
    """

    ticket: str
    sealed: Sealed | None
    app_id: str
    randstr: str | None
    user_ip: str
    now: float
    secret_ok: bool
    known_app: bool
    used: bool
    blocked: bool

    @property
    def fallback(self) -> bool:
        """Whether it begins as a fallback ticket does, well-formed or not."""
        return _FALLBACK_PREFIX.match(self.ticket) is not None

    @property
    def recognised(self) -> bool:
        """Whether it is a well-formed fallback ticket of the app id it is presented with, which the vendor knows."""
        parts = _FALLBACK.fullmatch(self.ticket)
        return parts is not None and parts[2] == self.app_id and self.known_app


def expired(presented: Presented, sealed: Sealed) -> bool:
    """Whether the ticket is more than five minutes old."""
    return presented.now - sealed.issued_s > TICKET_VALID_S


def digest(text: str) -> bytes:
    """Sixteen bytes that stand for a text of any length."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def short_digest(text: str) -> bytes:
    """Eight bytes that stand for a text of any length."""
    return digest(text)[:8]
