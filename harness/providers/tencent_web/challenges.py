"""The sliding puzzle's server side: sessions, positions, and whether a drag ended in the gap."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

TOLERANCE_PX = 6
PIECE_X = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One picture: where the gap is and where the piece starts, in pixels of a 340 × 190 picture; ``hue`` in degrees."""

    gap_x: int
    gap_y: int
    hue: int
    piece_x: int = PIECE_X

    def as_json(self) -> dict[str, int]:
        """What the client is told."""
        return {"gap_x": self.gap_x, "gap_y": self.gap_y, "piece_x": self.piece_x, "hue": self.hue}

    def fits(self, answer: str) -> bool:
        """Whether ``x,y`` ends in the gap."""
        x = answer.split(",")[0]
        return x.isascii() and x.isdigit() and len(x) < 5 and abs(int(x) - self.gap_x) <= TOLERANCE_PX


@dataclass(slots=True, kw_only=True)
class Session:
    """One shown captcha. ``fetched`` is when its configuration was asked for, in unix seconds.

    ``aid_until_s`` is the last unix second in which its ``aidEncrypted`` is good; None where it came without one.
    """

    sess: str
    sid: str
    app_id: str
    user_ip: str
    fetched: float
    challenge: Challenge
    aid_until_s: int | None = None


class Sessions:
    """Every session since the last reset, by its ``sess``."""

    def __init__(self) -> None:
        self._by_sess: dict[str, Session] = {}

    def begin(self, *, app_id: str, user_ip: str, now: float) -> Session:
        """Start a session with a fresh picture; the sid is a long decimal number, as the vendor's."""
        session = Session(
            sess="s0" + secrets.token_urlsafe(48),
            sid=str(7_000_000_000_000_000_000 + secrets.randbelow(10**18)),
            app_id=app_id,
            user_ip=user_ip,
            fetched=now,
            challenge=_new_challenge(),
        )
        self._by_sess[session.sess] = session
        return session

    def find(self, sess: str) -> Session | None:
        """Return the session, or None for one that was never begun."""
        return self._by_sess.get(sess)

    def renew(self, session: Session) -> Challenge:
        """Give the session another picture, at another place than before."""
        renewed = _new_challenge()
        while abs(renewed.gap_x - session.challenge.gap_x) <= 2 * TOLERANCE_PX:
            renewed = _new_challenge()
        session.challenge = renewed
        return renewed


def _new_challenge() -> Challenge:
    return Challenge(gap_x=120 + secrets.randbelow(151), gap_y=20 + secrets.randbelow(101), hue=secrets.randbelow(360))
