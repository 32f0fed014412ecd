"""Today's table of the Web and App action. Source: domain/tencent-api.md 1.4 (SDK 3.1.177) and 1.5b."""

from __future__ import annotations

from collections.abc import Mapping

from harness.providers.tencent_web.sealed import Presented, digest, expired, short_digest
from harness.providers.tencent_web.tables import Table

MESSAGES: Mapping[int, str] = {
    1: "OK",
    7: "captcha no match",
    8: "ticket expired",
    9: "ticket reused",
    15: "decrypt fail",
    16: "appid-ticket mismatch",
    21: "diff",
    100: "appid-secretkey-ticket mismatch",
}


def judge(presented: Presented) -> int:
    """Give the code, in this order where the vendor leaves the order open.

    100 for an AppSecretKey that is not the app's; 21 for a fallback ticket of the app, 16 for any other ``tr?error``;
    15 undecryptable; 16 for an app id unknown to the vendor, 100 for another app's ticket; 8 older than 300 s; 7 another
    randstr; 9 used before; 21 for a user whom risk control refuses; 1. The user's address has no code.
    """
    if not presented.secret_ok:
        return 100
    if presented.fallback:
        return 21 if presented.recognised else 16
    if presented.sealed is None:
        return 15
    if not presented.known_app:
        return 16
    if presented.sealed.app != digest(presented.app_id):
        return 100
    if expired(presented, presented.sealed):
        return 8
    if presented.sealed.randstr != short_digest(presented.randstr or ""):
        return 7
    if presented.used:
        return 9
    return 21 if presented.blocked else 1


CURRENT = Table(messages=MESSAGES, judge=judge)
