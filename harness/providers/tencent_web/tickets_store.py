"""Tickets with real state: issued, sealed, single use, five minutes old at most, bound to app id and randstr.

Source: domain/tencent-api.md 1.4 and 1.5b. Where the vendor leaves the order of two codes open, :meth:`TicketStore.redeem`
says which one is given here.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import struct
from collections import Counter
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TICKET_VALID_S = 300
MAX_NAME = 512

_NONCE_BYTES = 12
_LAYOUT = struct.Struct(">dd16s16s41s")
_SHAPE = re.compile(r"tr03([A-Za-z0-9_-]{156})\*", re.ASCII)
_FALLBACK = re.compile(r"tr?error_([0-9]+)_([0-9]+)_([0-9]+)(_.+)?", re.ASCII)
_FALLBACK_PREFIX = re.compile(r"tr?error", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a genuine ticket holds. Times are unix seconds of the provider's clock; app id and randstr are kept as digests."""

    fetched_s: float
    issued_s: float
    app: bytes
    randstr: bytes
    user_ip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """One verification as the vendor saw it; ``issued_to`` is the browser's address, ``""`` unless the ticket is genuine."""

    ticket: str
    code: int
    user_ip: str
    issued_to: str
    at_s: float


class TicketStore:
    """Issues tickets and judges them; every store has its own key, so another store's ticket is undecryptable here.

    ``hits`` counts verifications per ticket, ``billed`` those the vendor would have charged for: every verification of a
    ticket it had issued, and never one of a fallback ticket (the documents exempt those; the rest is our reading).
    """

    def __init__(self) -> None:
        self.hits: Counter[str] = Counter()
        self.redemptions: list[Redemption] = []
        self.billed = 0
        self._cipher = AESGCM(AESGCM.generate_key(bit_length=256))
        self._apps: set[str] = set()
        self._used: set[str] = set()

    def recognise(self, app_id: str) -> None:
        """Make an app id known to the vendor: without it no ticket passes and no fallback ticket reads 21."""
        self._apps.add(app_id)

    def issue(self, *, app_id: str, randstr: str, user_ip: str, now: float, fetched: float | None = None) -> str:
        """Make a ticket (``tr03…*``) for a passed challenge; ``fetched`` is when its captcha was fetched (default: now)."""
        plain = _LAYOUT.pack(
            now if fetched is None else fetched, now, _digest(app_id), _digest(randstr), user_ip.encode("utf-8", "replace")[:41]
        )
        nonce = secrets.token_bytes(_NONCE_BYTES)
        # 12 + 89 + 16 bytes are a multiple of three: base64 then has no spare bits, so no ticket has a second spelling.
        return "tr03" + base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, plain, None)).decode("ascii") + "*"

    def open(self, ticket: str) -> Sealed | None:
        """Decrypt a ticket; None when this store did not issue exactly this string."""
        if (shape := _SHAPE.fullmatch(ticket)) is None:
            return None
        raw = base64.urlsafe_b64decode(shape[1])
        try:
            plain = self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None)
        except InvalidTag:
            return None
        fetched_s, issued_s, app, randstr, user_ip = _LAYOUT.unpack(plain)
        address = user_ip.rstrip(b"\0").decode("utf-8", "replace")
        return Sealed(fetched_s=fetched_s, issued_s=issued_s, app=app, randstr=randstr, user_ip=address)

    def redeem(self, ticket: str, *, app_id: str, randstr: str, user_ip: str, now: float, secret_ok: bool = True) -> int:
        """Give the CaptchaCode for a ticket, and use it up when that is 1.

        In this order: 100 for an AppSecretKey that is not the app's; 21 for a fallback ticket of the app, 16 for any other
        ``tr?error``; 15 undecryptable; 16 for an app id unknown to the vendor, 100 for another app's ticket; 8 older
        than 300 s; 7 another randstr; 9 used before; 1. ``user_ip`` is recorded and not compared (no code is for it).
        """
        sealed = self.open(ticket)
        code = self._judge(ticket, sealed, app_id=app_id, randstr=randstr, now=now) if secret_ok else 100
        if code == 1:
            self._used.add(ticket)
        name = name_of(ticket)
        self.hits[name] += 1
        self.billed += sealed is not None
        issued_to = sealed.user_ip if sealed else ""
        self.redemptions.append(Redemption(ticket=name, code=code, user_ip=user_ip[:MAX_NAME], issued_to=issued_to, at_s=now))
        return code

    def _judge(self, ticket: str, sealed: Sealed | None, *, app_id: str, randstr: str, now: float) -> int:
        if _FALLBACK_PREFIX.match(ticket):
            return self._judge_fallback(ticket, app_id)
        if sealed is None:
            return 15
        if app_id not in self._apps:
            return 16
        if sealed.app != _digest(app_id):
            return 100
        if now - sealed.issued_s > TICKET_VALID_S:
            return 8
        if sealed.randstr != _digest(randstr):
            return 7
        return 9 if ticket in self._used else 1

    def _judge_fallback(self, ticket: str, app_id: str) -> int:
        parts = _FALLBACK.fullmatch(ticket)
        recognised = parts is not None and parts[2] == app_id and app_id in self._apps
        return 21 if recognised else 16


def name_of(ticket: str) -> str:
    """The ticket itself, or its SHA-256 where it is longer than any genuine one: what ``hits`` is keyed by."""
    if len(ticket) <= MAX_NAME:
        return ticket
    return "sha256:" + hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
