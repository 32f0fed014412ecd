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


def erring(code: str, message: str, *, content_type: str = JSON) -> Callable[[Mapping[str, int]], Rewrite]:
    """Answer ``Response.Error`` with that code and message, and a fresh RequestId."""
    return answering({"Error": {"Code": code, "Message": message}}, content_type=content_type)


def answering(
    fields: Mapping[str, Any], *, beside: Mapping[str, Any] | None = None, content_type: str = JSON
) -> Callable[[Mapping[str, int]], Rewrite]:
    """Answer ``Response`` with these fields and a fresh RequestId; ``beside`` stands next to ``Response``."""

    def rewrite(answer: Answer, asked: Asked) -> Answer:
        body = {"Response": {**fields, "RequestId": str(uuid.uuid4())}, **(beside or {})}
        return instead(answer, body=json.dumps(body, ensure_ascii=False).encode(), content_type=content_type)

    return always(rewrite)


def at_the_api(name: str, title: str, make: Callable[[Mapping[str, int]], Rewrite]) -> ResponseFault:
    """Make a fault of the verdict API, which only the business server meets."""
    return ResponseFault(name=name, title=title, make=make, felt_at=AT_THE_API)
