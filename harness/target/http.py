"""A small HTTP client for the target's own origin: no proxy, no variables of the environment, one total deadline."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

import httpx

LIMIT_S = 10.0
# Plain http needs no trust store, and loading one costs 20 ms at every client.
_NO_TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def origin_client(base_url: str, *, limit_s: float = LIMIT_S, cookies: Mapping[str, str] | None = None) -> httpx.AsyncClient:
    """Make a client straight to ``base_url``; certificates are checked as usual when it is https."""
    return httpx.AsyncClient(
        base_url=base_url,
        trust_env=False,
        verify=True if base_url.startswith("https:") else _NO_TRUST,
        timeout=limit_s,
        follow_redirects=False,
        cookies=dict(cookies or {}),
    )
