"""Check TC3-HMAC-SHA256 over a request as it came.

Source: domain/tencent-api.md 1.7; domain/sdk-behaviour.md "Signing": four official SDKs sign the host with or without its
port, name the service in the scope differently on a local endpoint, and leave the query unsorted.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product

from harness.providers.base import Request
from harness.providers.tencent_web import callers
from harness.providers.tencent_web.api_errors import ApiError, error

ALGORITHM = "TC3-HMAC-SHA256"

_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256\s+Credential=([^/,\s]{1,128})/([0-9]{4}-[0-9]{2}-[0-9]{2})/([^/,\s]{1,128})/tc3_request\s*,"
    r"\s*SignedHeaders=([a-z0-9;-]{1,1024})\s*,\s*Signature=([0-9a-f]{64})\s*",
    re.ASCII,
)
_PORT = re.compile(r":[0-9]+$", re.ASCII)
_MUST_BE_SIGNED = {"content-type", "host"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An Authorization header taken apart; ``service`` is whatever the client put into its scope."""

    secret_id: str
    date: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


def refusal(request: Request, *, secret_id: str, secret_key: str, now: float) -> ApiError | None:
    """Say why a request is not who it claims to be, or None when it is. ``now`` is the vendor's clock in unix seconds."""
    stamp = request.headers.get("x-tc-timestamp", "")
    if refused := callers.bad_stamp(stamp):
        return refused
    if "authorization" not in request.headers:
        return error("MissingParameter", "Authorization")
    claim = _claim(request.headers["authorization"])
    if claim is None:
        return error("AuthFailure.InvalidAuthorization")
    token = request.headers.get("x-tc-token", "")
    if refused := callers.stranger(claim.secret_id, secret_id, stamp=stamp, now=now, token=token):
        return refused
    if not _signed_by(secret_key, request, claim, stamp):
        return error("AuthFailure.SignatureFailure")
    return None


def _claim(header: str) -> Claim | None:
    if (found := _AUTHORIZATION.fullmatch(header)) is None:
        return None
    secret_id, date, service, signed, signature = found.groups()
    return Claim(secret_id=secret_id, date=date, service=service, signed_headers=tuple(signed.split(";")), signature=signature)


def _signed_by(secret_key: str, request: Request, claim: Claim, stamp: str) -> bool:
    names = claim.signed_headers
    if not _MUST_BE_SIGNED.issubset(names) or not set(names).issubset(request.headers):
        return False
    if claim.date != datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d"):
        return False
    scope = f"{claim.date}/{claim.service}/tc3_request"
    key = _signing_key(secret_key, claim.date, claim.service)
    # The first that fits is enough: which spelling of the host a client signs is no secret.
    return any(
        hmac.compare_digest(_signature(key, f"{ALGORITHM}\n{stamp}\n{scope}\n{_sha256(canonical)}"), claim.signature)
        for canonical in _canonical_requests(request, names)
    )


def _canonical_requests(request: Request, names: tuple[str, ...]) -> Iterator[bytes]:
    """Every canonical request a client may have signed: host with or without its port, values as sent or lower-cased."""
    query = request.raw_query if request.method == "GET" else ""
    unsigned = request.headers.get("x-tc-content-sha256") == "UNSIGNED-PAYLOAD"
    payload = _sha256(b"UNSIGNED-PAYLOAD" if unsigned else request.body)
    sent = request.headers["host"].strip()
    for host, lower in product(dict.fromkeys((sent, _PORT.sub("", sent))), (False, True)):
        lines = "".join(f"{name}:{_value(request.headers, name, host, lower)}\n" for name in names)
        # The path is fixed to "/" by the signing rules, whatever path an endpoint setting carries.
        yield f"{request.method}\n/\n{query}\n{lines}\n{';'.join(names)}\n{payload}".encode("latin-1", "replace")


def _value(headers: Mapping[str, str], name: str, host: str, lower: bool) -> str:
    value = host if name == "host" else headers[name].strip()
    return value.lower() if lower else value


@functools.lru_cache(maxsize=64)
def _signing_key(secret_key: str, date: str, service: str) -> bytes:
    key = f"TC3{secret_key}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.new(key, part.encode("latin-1", "replace"), hashlib.sha256).digest()
    return key


def _signature(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode("latin-1", "replace"), hashlib.sha256).hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
