"""Tokens with state: a picture's token is issued, tried and gone; a captcha_token is verified, then used once.

Sources leave open how long they live and how often a picture may be tried: both are settings.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from harness.providers.huawei.calls import coordinates
from harness.providers.huawei.refusals import Refusal, refusal
from harness.providers.huawei.settings import Settings

# ValidateCaptcha takes this y and no other (domain/huawei-oneaccess.md: "y fixed 5.0").
FIXED_Y = 5.0
SEPARATOR = "---"


@dataclass(slots=True, kw_only=True)
class _Picture:
    gap_x: int
    issued_s: float
    attempts_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verified:
    sender: str
    verified_s: float


class Tokens:
    """Every token since the last reset. Times are the vendor's clock in unix seconds."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pictures: dict[str, _Picture] = {}
        self._verified: dict[str, _Verified] = {}

    def issue(self, *, gap_x: int, now: float) -> str:
        """Make the token of a new picture."""
        token = secrets.token_hex(16)
        self._pictures[token] = _Picture(gap_x=gap_x, issued_s=now, attempts_left=self._settings.attempts)
        return token

    def validate(self, token: str, point_json: str, *, sender: str, now: float) -> str | Refusal:
        """Judge a drag; a right one gives the captcha_token, which is the token and the point as they were sent."""
        picture = self._pictures.get(token)
        if picture is None:
            return refusal("CAPTCHA.0004")
        if now - picture.issued_s > self._settings.picture_valid_s:
            return refusal("CAPTCHA.0003")
        picture.attempts_left -= 1
        right = self._fits(coordinates(point_json), picture.gap_x)
        if right or picture.attempts_left == 0:
            del self._pictures[token]
        if not right:
            return refusal("CAPTCHA.0002")
        captcha_token = f"{token}{SEPARATOR}{point_json}"
        self._verified[captcha_token] = _Verified(sender=sender, verified_s=now)
        return captcha_token

    def spend(self, captcha_token: str, *, sender: str, now: float) -> Refusal | None:
        """Use a captcha_token up for one SMS; a refused one is not used up, except by age."""
        verified = self._verified.get(captcha_token)
        if verified is None or (self._settings.sender_bound and verified.sender != sender):
            return refusal("CAPTCHA.0004")
        if now - verified.verified_s > self._settings.captcha_token_valid_s:
            return refusal("CAPTCHA.0003")
        del self._verified[captcha_token]
        return None

    def _fits(self, point: tuple[float, float] | None, gap_x: int) -> bool:
        return point is not None and point[1] == FIXED_Y and abs(point[0] - gap_x) <= self._settings.tolerance_px

    def gap_of(self, token: str) -> int:
        """Where the piece of a picture that is still open belongs, in pixels."""
        return self._pictures[token].gap_x
