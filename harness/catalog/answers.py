"""An HTTP answer as the provider makes it, and the request it is for: what response faults are functions over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer of the provider before it is sent. Response faults are functions from answer to answer.

    ``delay_ms`` waits before the head, ``body_delay_ms`` between head and body; ``head_drip_ms`` waits so long before every
    byte of the head, ``drip_ms`` before every body byte-run of ``drip_bytes``. ``cut_at`` sends only that many body bytes and
    then ends the connection, ``unanswered`` ends it before the head; with ``reset`` it ends by RST and not by FIN. ``never``
    holds the connection open without an answer, or with ``cut_at`` after that many bytes of the body.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut_at: int | None = None
    drip_ms: int = 0
    drip_bytes: int = 1
    delay_ms: int = 0
    never: bool = False
    head_drip_ms: int = 0
    body_delay_ms: int = 0
    unanswered: bool = False
    reset: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The request an answer is for, as a rewrite may need it (the JSONP callback's name, say).

    ``site`` is where it was sent: scheme, host and port, as the client named them.
    """

    link: str
    host: str
    method: str
    path: str
    query: Mapping[str, str]
    site: str = ""


Rewrite = Callable[[Answer, Asked], Answer]
