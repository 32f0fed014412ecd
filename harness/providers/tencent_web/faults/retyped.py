"""The right body under another content type: verdicts are read all the same, an Error is not by everybody.

Python's SDK looks for an Error only under ``application/json`` or ``text/plain`` to the letter, and Node's takes
``text/event-stream`` for a stream without a verdict (domain/sdk-behaviour.md, "Verdicts and errors").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from harness.catalog import Answer, Asked, Rewrite
from harness.faults.rewriting import add, always
from harness.providers.tencent_web.faults.gateway import at_the_api, erring
from harness.providers.tencent_web.faults.internal_error import MESSAGE


def typed(answer: Answer, content_type: str) -> Answer:
    """Give the answer another content type, or none."""
    others = tuple(pair for pair in answer.headers if pair[0].lower() != "content-type")
    return replace(answer, headers=(*others, ("content-type", content_type)) if content_type else others)


def _verdict(content_type: str) -> Callable[[Mapping[str, int]], Rewrite]:
    return always(lambda answer, asked: typed(answer, content_type))


def _error(content_type: str) -> Callable[[Mapping[str, int]], Rewrite]:
    internal_error = erring("InternalError", MESSAGE)({})

    def rewrite(answer: Answer, asked: Asked) -> Answer:
        return typed(internal_error(answer, asked), content_type)

    return always(rewrite)


add(at_the_api("verdict-charset", "The verdict has a charset in its content type", _verdict("application/json; charset=utf-8")))
add(at_the_api("verdict-untyped", "The verdict has no content type", _verdict("")))
add(at_the_api("verdict-as-html", "The verdict says that it is HTML", _verdict("text/html")))
add(at_the_api("verdict-as-events", "The verdict says that it is an event stream", _verdict("text/event-stream")))
add(at_the_api("error-untyped", "The verdict API's error has no content type", _error("")))
add(at_the_api("error-as-html", "The verdict API's error says that it is HTML", _error("text/html")))
