"""Answers under another HTTP status, each with every kind of body: the SDKs tell these apart (domain/sdk-behaviour.md).

Go's goes by an Error in the body, whatever the status; the others by the status, whatever the body. The pages of 500 and 503
are any provider's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from harness.catalog import Answer, Asked, Rewrite
from harness.faults.rewriting import add, always, instead
from harness.providers.tencent_web.faults.gateway import JSON, at_the_api, erring
from harness.providers.tencent_web.faults.internal_error import MESSAGE

_error = erring("InternalError", MESSAGE)({})


def _erring(status: int) -> Rewrite:
    return lambda answer, asked: replace(_error(answer, asked), status=status)


def _keeping(status: int) -> Rewrite:
    return lambda answer, asked: replace(answer, status=status)


def _empty(status: int, *more: tuple[str, str]) -> Rewrite:
    def rewrite(answer: Answer, asked: Asked) -> Answer:
        bare = instead(answer, body=b"", content_type=JSON, status=status)
        return replace(bare, headers=(*bare.headers, *more))

    return rewrite


def _page(status: int) -> Rewrite:
    said = f"{status} {HTTPStatus(status).phrase}"
    body = f"<html><head><title>{said}</title></head><body><h1>{said}</h1></body></html>".encode()
    return lambda answer, asked: instead(answer, body=body, content_type="text/html", status=status)


BODIES: tuple[tuple[str, str, Callable[[int], Rewrite]], ...] = (
    ("error", "an Error in its body", _erring),
    ("verdict", "the verdict in its body", _keeping),
    ("html", "a page", _page),
    ("empty", "no body", _empty),
)
PAGES_OF_ANY_PROVIDER = {(500, "html"), (503, "html")}

for _status in (201, 401, 429, 500, 502, 503):
    for _kind, _with, _make in BODIES:
        if (_status, _kind) not in PAGES_OF_ANY_PROVIDER:
            _title = f"The verdict API answers HTTP {_status} with {_with}"
            add(at_the_api(f"status-{_status}-{_kind}", _title, always(_make(_status))))

add(at_the_api("status-204", "The verdict API answers HTTP 204, which has no body", always(_empty(204))))
# These two ask for another try: Java's SDK re-sends by itself, and says nothing.
add(at_the_api("status-408", "The verdict API answers HTTP 408, request timeout", always(_empty(408))))
add(
    at_the_api(
        "retry-at-once",
        "The verdict API answers HTTP 503 and asks to try again at once",
        always(_empty(503, ("retry-after", "0"))),
    )
)
