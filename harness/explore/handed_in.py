"""What a page hands in, wherever it puts it: JSON, a form, multipart, the URL, a header, or joined to something else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from harness.lab.origin import MAX_KEPT_BYTES, OriginRequest

_BOUNDARY = re.compile(rb"\A--([^\r\n]{1,70})\r\n")
_JOINED = re.compile(r"[|;:,@&]")


def texts_of(request: OriginRequest) -> list[str]:
    """Every text of a request's query and body, in JSON (also inside a field), a form or multipart."""
    query = [value for _name, value in parse_qsl(urlsplit(request.path).query)]
    inside = bytes(request.body)
    return [text for one in (*query, *_fields(inside)) for text in _texts(one)]


def pieces_of(text: str) -> list[str]:
    """A text, and what it may have been joined of: ``ticket|randstr``."""
    return list(dict.fromkeys([text, *_JOINED.split(text)]))


def carries(request: OriginRequest, text: str) -> bool:
    """Whether exactly this text stands anywhere in a request, by itself or joined to something else."""
    return any(stands_in(text, one) for one in _places(request))


def stands_in(text: str, place: str) -> bool:
    """Whether a text stands in another and is not the beginning or end of a longer word there."""
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", place) is not None


def readable(request: OriginRequest) -> bool:
    """Whether all of a request's body was kept and is text, so that what does not stand in it was not handed in."""
    body = bytes(request.body)
    if len(body) >= MAX_KEPT_BYTES:
        return False
    if _document(body) is not None or _BOUNDARY.match(body):
        return True
    return body.isascii() and (not body or b"=" in body.rstrip(b"="))


def _places(request: OriginRequest) -> Iterator[str]:
    for raw in (bytes(request.body).decode("utf-8", "replace"), request.path, request.head.decode("latin-1")):
        yield raw
        yield unquote_plus(raw)
    yield from texts_of(request)


def _fields(body: bytes) -> list[str]:
    if (document := _document(body)) is not None:
        return _leaves(document)
    if found := _BOUNDARY.match(body):
        return _parts(body, found[1])
    return [value for _name, value in parse_qsl(body.decode("utf-8", "replace"))]


def _parts(body: bytes, boundary: bytes) -> list[str]:
    head = b'Content-Type: multipart/form-data; boundary="' + boundary + b'"\r\n\r\n'
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    payloads = (part.get_payload(decode=True) for part in message.walk() if not part.is_multipart())
    return [payload.decode("utf-8", "replace") for payload in payloads if isinstance(payload, bytes)]


def _texts(text: str) -> list[str]:
    """A text, or what stands in it where it is a JSON object or list itself."""
    inner = _document(text.encode("utf-8", "replace")) if text[:1] in ("{", "[") else None
    return [text] if inner is None else _leaves(inner)


def _document(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _leaves(document: object) -> list[str]:
    if isinstance(document, str):
        return [document]
    inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return [text for one in inner for text in _leaves(one)]
