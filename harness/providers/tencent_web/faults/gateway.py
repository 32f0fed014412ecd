"""Answers of the vendor's API gateway, put in place of the verdict.

Every one is HTTP 200 with the content type exactly ``application/json`` unless said otherwise: the Python SDK reads an Error
only then (domain/tencent-api.md 1.8).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from harness.catalog import Answer, Asked, Place, Rewrite
from harness.faults.rewriting import ResponseFault, always, instead

JSON = "application/json"
AT_THE_API = (Place.PROVIDER, Place.SERVER_CLIENT)

Make = Callable[[Mapping[str, int]], Rewrite]


def erring(code: str, message: str, *, content_type: str = JSON) -> Make:
    """Answer ``Response.Error`` with that code and message, and a fresh RequestId."""
    return answering({"Error": {"Code": code, "Message": message}}, content_type=content_type)


def answering(fields: Mapping[str, Any], *, beside: Mapping[str, Any] | None = None, content_type: str = JSON) -> Make:
    """Answer ``Response`` with these fields and a fresh RequestId; ``beside`` stands next to ``Response``."""

    def rewrite(answer: Answer, asked: Asked) -> Answer:
        body = envelope({**fields, "RequestId": str(uuid.uuid4())}, beside=beside)
        return instead(answer, body=body, content_type=content_type)

    return always(rewrite)


def rewording(reword: Callable[[dict[str, Any]], bytes]) -> Make:
    """Answer the body that ``reword`` makes of the real answer's ``Response``, so that a refusal never becomes a pass."""

    def rewrite(answer: Answer, asked: Asked) -> Answer:
        fields = _response(answer)
        return answer if fields is None else instead(answer, body=reword(fields), content_type=JSON)

    return always(rewrite)


def envelope(fields: Mapping[str, Any], *, beside: Mapping[str, Any] | None = None) -> bytes:
    """Write a body of the API: the fields in ``Response``."""
    return json.dumps({"Response": fields, **(beside or {})}, ensure_ascii=False).encode()


def at_the_api(name: str, title: str, make: Make) -> ResponseFault:
    """Make a fault of the verdict API, which only the business server meets."""
    return ResponseFault(name=name, title=title, make=make, felt_at=AT_THE_API)


def _response(answer: Answer) -> dict[str, Any] | None:
    try:
        decoded = json.loads(answer.body)
    except ValueError:
        return None
    told = decoded.get("Response") if isinstance(decoded, dict) else None
    return told if isinstance(told, dict) else None
