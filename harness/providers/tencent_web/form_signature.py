"""Check the older signature: HmacSHA1 or HmacSHA256 over the sorted parameters, which travel in a form or a query.

Source: domain/sdk-behaviour.md "Older clients that are still in use"; the text that is signed, as the official Python SDK
makes it when told to sign that way: method, endpoint, path, ``?``, and ``name=value`` by name, nothing percent-encoded.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from itertools import product

from harness.providers.base import Request
from harness.providers.tencent_web import callers
from harness.providers.tencent_web.api_errors import ApiError, error

COMMON = frozenset(
    (
        "Action", "Version", "Timestamp", "Nonce", "SecretId", "SignatureMethod", "Signature", "Region", "Token", "Language",
        "RequestClient",
    )
)  # fmt: skip
_REQUIRED = ("Timestamp", "Nonce", "SecretId", "Signature")
_METHODS = {"HmacSHA1": hashlib.sha1, "HmacSHA256": hashlib.sha256}
_NONCE = re.compile(r"[0-9]{1,20}", re.ASCII)
_PORT = re.compile(r":[0-9]+$", re.ASCII)


def refusal(request: Request, given: Mapping[str, str], *, secret_id: str, secret_key: str, now: float) -> ApiError | None:
    """Say why a request is not who it claims to be, or None when it is. ``given`` is the form or the query, decoded."""
    for name in _REQUIRED:
        if not given.get(name):
            return error("MissingParameter", name)
    if refused := callers.bad_stamp(given["Timestamp"]):
        return refused
    if not _NONCE.fullmatch(given["Nonce"]):
        return error("InvalidParameter", "Nonce")
    make = _METHODS.get(given.get("SignatureMethod") or "HmacSHA1")
    if make is None:
        return error("InvalidParameter", "SignatureMethod")
    token = given.get("Token", "")
    if refused := callers.stranger(given["SecretId"], secret_id, stamp=given["Timestamp"], now=now, token=token):
        return refused
    signed = given["Signature"].encode("utf-8", "replace")
    matches = [
        hmac.compare_digest(base64.b64encode(hmac.new(secret_key.encode(), text, make).digest()), signed)
        for text in _texts(request, given)
    ]
    return None if any(matches) else error("AuthFailure.SignatureFailure")


def _texts(request: Request, given: Mapping[str, str]) -> Iterator[bytes]:
    """Every text a client may have signed: the host with or without its port, ``_`` in names kept or made ``.``."""
    sent = request.headers.get("host", "").strip()
    for host, dotted in product(dict.fromkeys((sent, _PORT.sub("", sent))), (False, True)):
        signed = {(name.replace("_", ".") if dotted else name): given[name] for name in given if name != "Signature"}
        pairs = "&".join(f"{name}={signed[name]}" for name in sorted(signed))
        yield f"{request.method}{host}{request.path}?{pairs}".encode("utf-8", "replace")
