"""Tickets with real state: issued, sealed, single use, counted, billed. What a ticket is worth is a table's to say.

Source: domain/tencent-api.md 1.4 and 1.5b.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct
from collections import Counter
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from harness.providers.tencent_web.sealed import SHAPE, TICKET_VALID_S, Presented, Sealed, digest, short_digest
from harness.providers.tencent_web.tables import Judge
from harness.providers.tencent_web.tables.current import judge as judged_today

__all__ = ["MAX_NAME", "TICKET_VALID_S", "Redemption", "TicketStore", "name_of"]

MAX_NAME = 512

_NONCE_BYTES = 12
_LAYOUT = struct.Struct(">dd16s8s8s41s")


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
            now if fetched is None else fetched,
            now,
            digest(app_id),
            short_digest(randstr),
            short_digest(randstr.casefold()),
            user_ip.encode("utf-8", "replace")[:41],
        )
        nonce = secrets.token_bytes(_NONCE_BYTES)
        # 12 + 89 + 16 bytes are a multiple of three: base64 then has no spare bits, so no ticket has a second spelling.
        return "tr03" + base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, plain, None)).decode("ascii") + "*"

    def open(self, ticket: str) -> Sealed | None:
        """Decrypt a ticket; None when this store did not issue exactly this string."""
        if (shape := SHAPE.fullmatch(ticket)) is None:
            return None
        raw = base64.urlsafe_b64decode(shape[1])
        try:
            plain = self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None)
        except InvalidTag:
            return None
        fetched_s, issued_s, app, randstr, folded, user_ip = _LAYOUT.unpack(plain)
        address = user_ip.rstrip(b"\0").decode("utf-8", "replace")
        return Sealed(fetched_s=fetched_s, issued_s=issued_s, app=app, randstr=randstr, folded=folded, user_ip=address)

    def redeem(
        self,
        ticket: str,
        *,
        app_id: str,
        user_ip: str,
        now: float,
        randstr: str | None = None,
        secret_ok: bool = True,
        blocked: bool = False,
        judge: Judge = judged_today,
    ) -> int:
        """Give the CaptchaCode of ``judge``'s table for a ticket, count it, and use the ticket up when the code is 1."""
        presented = Presented(
            ticket=ticket,
            sealed=self.open(ticket),
            app_id=app_id,
            randstr=randstr,
            user_ip=user_ip,
            now=now,
            secret_ok=secret_ok,
            known_app=app_id in self._apps,
            used=ticket in self._used,
            blocked=blocked,
        )
        code = judge(presented)
        self._record(presented, code)
        return code

    def _record(self, presented: Presented, code: int) -> None:
        name, sealed = name_of(presented.ticket), presented.sealed
        if code == 1:
            self._used.add(presented.ticket)
        self.hits[name] += 1
        self.billed += sealed is not None
        issued_to = sealed.user_ip if sealed else ""
        self.redemptions.append(
            Redemption(ticket=name, code=code, user_ip=presented.user_ip[:MAX_NAME], issued_to=issued_to, at_s=presented.now)
        )


def name_of(ticket: str) -> str:
    """The ticket itself, or its SHA-256 where it is longer than any genuine one: what ``hits`` is keyed by."""
    if len(ticket) <= MAX_NAME:
        return ticket
    return "sha256:" + hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()
