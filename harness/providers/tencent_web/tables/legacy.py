"""The older table of the Web and App action, with the vendor's spelling.

Source: domain/tencent-api.md 1.4 (SDK 3.0.400, java 3.1.506). The table names its codes and not their causes: which ticket
gets which is our reading. Nothing here causes 11, 17–20, 22–26; they can be met as an altered answer only.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.providers.tencent_web.sealed import SHAPE, Presented, Sealed, digest, expired, short_digest
from harness.providers.tencent_web.tables import Judge, Table

MESSAGES: Mapping[int, str] = {
    1: "OK",
    6: "user code len error",
    7: "captcha no match",
    8: "verify timeout",
    9: "Sequnce repeat",
    10: "Sequnce invalid",
    11: "Cookie invalid",
    12: "sig len error",
    13: "verify ip no match",
    15: "decrypt fail",
    16: "appid no match",
    17: "cmd no much",
    18: "uin no match",
    19: "seq redirect",
    20: "opt no vcode",
    21: "diff",
    22: "captcha type not match",
    23: "verify type error",
    24: "invalid pkg",
    25: "bad visitor",
    26: "system busy",
    100: "param err",
    104: "Ticket Reuse",
}
REUSE_CODES = (9, 104)


def judging(reuse_code: int) -> Judge:
    """Make the rule; ``reuse_code`` (9 or 104: the table has both) is what a used ticket gets."""

    def judge(presented: Presented) -> int:
        if not presented.secret_ok:
            return 100
        if presented.fallback:
            return 21 if presented.recognised else 16
        if presented.sealed is None:
            return _unsealed(presented.ticket)
        if not presented.known_app or presented.sealed.app != digest(presented.app_id):
            return 16
        return _bound(presented, presented.sealed) or (reuse_code if presented.used else 0) or (21 if presented.blocked else 1)

    return judge


def _unsealed(ticket: str) -> int:
    """10 for what is no ticket at all, 12 for one of another length, 15 for one that cannot be decrypted."""
    if not (ticket.startswith("tr03") and ticket.endswith("*")):
        return 10
    return 15 if SHAPE.fullmatch(ticket) else 12


def _bound(presented: Presented, sealed: Sealed) -> int:
    """6, 7, 8 or 13 for a ticket that is too old or of another challenge or user; 0 when all of that fits."""
    if expired(presented, sealed):
        return 8
    randstr = presented.randstr or ""
    if sealed.randstr != short_digest(randstr):
        return 6 if not randstr or sealed.folded == short_digest(randstr.casefold()) else 7
    return 13 if sealed.user_ip != presented.user_ip else 0


LEGACY: Mapping[int, Table] = {code: Table(messages=MESSAGES, judge=judging(code)) for code in REUSE_CODES}
