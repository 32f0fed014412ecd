"""What both kinds of signature ask of a caller: a known SecretId, no stray token, a clock that is right.

Source: domain/tencent-api.md 1.6. That a SecretId of another make is ``InvalidSecretId`` and a token with a permanent key
``TokenFailure`` is general knowledge, not a document we hold.
"""

from __future__ import annotations

import re

from harness.providers.tencent_web.api_errors import ApiError, error

MAX_SKEW_S = 300
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


def bad_stamp(stamp: str) -> ApiError | None:
    """Refuse a timestamp that is missing or no whole number of seconds."""
    if not stamp:
        return error("MissingParameter", "Timestamp")
    return None if _SECONDS.fullmatch(stamp) else error("InvalidParameter", "Timestamp")


def stranger(given: str, known: str, *, stamp: str, now: float, token: str) -> ApiError | None:
    """Refuse a request that is too old or too new, or that names an account which is not ours."""
    if abs(now - int(stamp)) > MAX_SKEW_S:
        return error("AuthFailure.SignatureExpire")
    if not given.startswith("AKID"):
        return error("AuthFailure.InvalidSecretId")
    if given != known:
        return error("AuthFailure.SecretIdNotFound")
    return error("AuthFailure.TokenFailure") if token else None
