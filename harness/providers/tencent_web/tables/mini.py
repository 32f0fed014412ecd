"""The mini program's table. Source: domain/tencent-api.md 1.5 and 1.5b.

It has no code for a used ticket: 25, "invalid ticket", is our reading. The same holds for which app ids are "wrong format".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.providers.tencent_web.sealed import SHAPE, Presented, digest, expired
from harness.providers.tencent_web.tables import Table

UNAUTHORIZED = 31
MESSAGES: Mapping[int, str] = {
    1: "ok",
    7: "CaptchaAppId does not match",
    8: "ticket expired",
    10: "ticket format error",
    15: "ticket decryption failed",
    16: "CaptchaAppId wrong format",
    21: "diff",
    25: "invalid ticket",
    26: "system internal error",
    UNAUTHORIZED: "UnauthorizedOperation.Unauthorized",
    100: "param err",
}
_APP_ID = re.compile(r"[1-9][0-9]{8,9}", re.ASCII)


def judge(presented: Presented) -> int:
    """Give the code: nothing binds the ticket to a randstr, which this action does not have, or to the user's address."""
    if not presented.secret_ok:
        return 100
    if not _APP_ID.fullmatch(presented.app_id):
        return 16
    if presented.fallback:
        return 21 if presented.recognised else 16
    if presented.sealed is None:
        return 15 if SHAPE.fullmatch(presented.ticket) else 10
    if not presented.known_app or presented.sealed.app != digest(presented.app_id):
        return 7
    if expired(presented, presented.sealed):
        return 8
    if presented.used:
        return 25
    return 21 if presented.blocked else 1


MINI = Table(messages=MESSAGES, judge=judge)
