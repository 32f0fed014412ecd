"""An HTTP answer as the provider makes it, and the request it is for: what response faults are functions over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer of the provider before it is sent. Response faults are functions from answer to answer.

    ``cut_at`` sends only that many body bytes and then closes the connection; ``drip_ms`` waits so long before every body
    byte-run of ``drip_bytes``; ``delay_ms`` waits before the head; ``never`` holds the connection open without an answer,
    or with ``cut_at`` after that many bytes of the body.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut_at: int | None = None
    drip_ms: int = 0
    drip_bytes: int = 1
    delay_ms: int = 0
    never: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The request an answer is for, as a rewrite may need it (the JSONP callback's name, say)."""

    link: str
    host: str
    method: str
    path: str
    query: Mapping[str, str]


Rewrite = Callable[[Answer, Asked], Answer]
