"""Send an answer of the target as a response fault has altered it, by hand: whatever it promises, it may not keep."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import h11

from harness.catalog import Answer, Asked, Rewrite
from harness.lab.relay import End

if TYPE_CHECKING:
    from harness.lab.origin import OriginRequest

# They say how the target's own bytes were packed, and the altered answer is packed anew.
_OF_THE_PACKING = frozenset({"content-length", "transfer-encoding"})


@dataclass(slots=True, kw_only=True)
class Altering:
    """The answer to one request, kept back until it is ``whole`` and can be altered; without a ``rewrite`` nothing is kept."""

    rewrite: Rewrite | None = None
    request: OriginRequest | None = None
    head: h11.Response | None = None
    body: bytearray = field(default_factory=bytearray)
    whole: bool = False

    def keep(self, data: bytes) -> None:
        """Keep a part of the body."""
        if self.rewrite is not None:
            self.body += data

    def answer(self) -> Answer | None:
        """The altered answer; None as long as the target's own is not whole, or is not to be altered."""
        if self.rewrite is None or self.request is None or self.head is None or not self.whole:
            return None
        own = _own(self.head, bytes(self.body))
        altered = _repacked(self.rewrite(own, _asked(self.request)), own)
        self.request.sha256 = hashlib.sha256(altered.body).hexdigest()
        return altered


def _own(head: h11.Response, body: bytes) -> Answer:
    headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
    kept = tuple((name, value) for name, value in headers if name.lower() not in _OF_THE_PACKING)
    return Answer(status=head.status_code, headers=kept, body=body)


def _asked(request: OriginRequest) -> Asked:
    parts = urlsplit(request.path)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Asked(link=request.link, host="", method=request.method, path=parts.path, query=query)


def _repacked(altered: Answer, own: Answer) -> Answer:
    """Leave out a ``content-encoding`` that a new body does not have."""
    if altered.body == own.body:
        return altered
    kept = tuple((name, value) for name, value in altered.headers if name.lower() != "content-encoding")
    return replace(altered, headers=kept)


async def send(answer: Answer, client: End) -> bool:
    """Send it as it is to be sent; returns whether the connection may go on (False: it has ended, or is held for ever)."""
    if answer.never and answer.cut_at is None:
        return False
    # Here and below the pauses are the fault itself: an answer that comes late, or drips.
    await asyncio.sleep(answer.delay_ms / 1000)
    if answer.unanswered:
        _end(client, reset=answer.reset)
        return False
    await _in_pieces(_head(answer), client, pause_ms=answer.head_drip_ms, size=1)
    await asyncio.sleep(answer.body_delay_ms / 1000)
    await _in_pieces(answer.body[: answer.cut_at], client, pause_ms=answer.drip_ms, size=answer.drip_bytes)
    if answer.cut_at is None:
        return True
    if not answer.never:
        _end(client, reset=answer.reset)
    return False


def _head(answer: Answer) -> bytes:
    known = {status.value: status.phrase for status in HTTPStatus}
    lines = [
        f"HTTP/1.1 {answer.status} {known.get(answer.status, '')}",
        *(f"{name}: {value}" for name, value in answer.headers),
    ]
    if answer.status != HTTPStatus.NO_CONTENT:
        lines.append(f"content-length: {len(answer.body)}")
    return "\r\n".join((*lines, "", "")).encode("latin-1")


async def _in_pieces(data: bytes, client: End, *, pause_ms: int, size: int) -> None:
    step = size if pause_ms else len(data) or 1
    for start in range(0, len(data), step):
        await asyncio.sleep(pause_ms / 1000)
        client.writer.write(data[start : start + step])
        await client.writer.drain()


def _end(client: End, *, reset: bool) -> None:
    if reset:
        client.reset()
    else:
        client.finish()
