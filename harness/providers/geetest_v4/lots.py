"""Lots with real state: one lot is one challenge, and once solved one pass, which is worth one validation.

The lifetimes are options: no note gives them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

FIELDS = ("lot_number", "pass_token", "gen_time", "captcha_output")
_TOLERANCE_PX = 4
_GAP_FROM_PX, _GAP_SPAN_PX = 80, 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """One challenge; ``seccode`` is set once it is passed, ``used`` once that pass has been validated."""

    number: str
    gap_px: int
    made_s: float
    seccode: Mapping[str, str] | None = None
    used: bool = False


class Lots:
    """Every lot since the last reset; ``validated`` counts validations that were decided, pass or not."""

    def __init__(self, *, captcha_key: str, lot_valid_s: int, pass_valid_s: int) -> None:
        self.validated = 0
        self._key = captcha_key.encode()
        self._lot_valid_s = lot_valid_s
        self._pass_valid_s = pass_valid_s
        self._lots: dict[str, Lot] = {}

    def begin(self, *, now: float) -> Lot:
        """Make a challenge with a gap somewhere."""
        return self._keep(Lot(number=secrets.token_hex(16), gap_px=_somewhere(), made_s=now))

    def renew(self, lot: Lot) -> Lot:
        """Put the gap somewhere else."""
        return self._keep(replace(lot, gap_px=_somewhere()))

    def open_lot(self, number: str, *, now: float) -> Lot | None:
        """The unsolved lot of that number, or None when there is none or its time is over."""
        lot = self._lots.get(number)
        if lot is None or lot.seccode is not None or now - lot.made_s > self._lot_valid_s:
            return None
        return lot

    def solve(self, lot: Lot, *, captcha_id: str, now: float) -> Mapping[str, str]:
        """Pass a lot and return its ``seccode``."""
        seccode = {
            "captcha_id": captcha_id,
            "lot_number": lot.number,
            "pass_token": secrets.token_hex(32),
            "gen_time": str(int(now)),
            "captcha_output": secrets.token_urlsafe(96),
        }
        self._keep(replace(lot, seccode=seccode))
        return seccode

    def signed(self, number: str, sign_token: str) -> bool:
        """Whether ``sign_token`` is the HMAC-SHA256 of the lot number by the captcha key, in hex."""
        ours = hmac.new(self._key, number.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return hmac.compare_digest(ours.encode(), sign_token.encode("utf-8", "surrogatepass"))

    def validate(self, told: Mapping[str, str], *, now: float) -> str:
        """Use a pass up and return ``""``, or return why there is none. The words are ours."""
        self.validated += 1
        lot = self._lots.get(told["lot_number"])
        if lot is None or lot.seccode is None or any(lot.seccode[name] != told[name] for name in FIELDS):
            return "pass_token invalid"
        if lot.used:
            return "pass_token used"
        if now - int(lot.seccode["gen_time"]) > self._pass_valid_s:
            return "pass_token expire"
        self._keep(replace(lot, used=True))
        return ""

    def _keep(self, lot: Lot) -> Lot:
        self._lots[lot.number] = lot
        return lot


def fits(lot: Lot, answer: str) -> bool:
    """Whether the piece was dropped in the gap; ``answer`` is its left edge in pixels."""
    return answer.isascii() and answer.isdigit() and len(answer) < 5 and abs(int(answer) - lot.gap_px) <= _TOLERANCE_PX


def _somewhere() -> int:
    return _GAP_FROM_PX + secrets.randbelow(_GAP_SPAN_PX)
