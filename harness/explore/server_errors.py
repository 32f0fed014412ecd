"""Which of a target's answers are its own errors: of requests that act, and not of what fails in health just so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.lab.collect import is_submit
from harness.lab.origin import OriginRequest
from harness.target.spec import FlowSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerError:
    """An answer from 500 on; ``path`` is without its query."""

    method: str
    path: str
    status: int


def server_errors(requests: Iterable[OriginRequest], flow: FlowSpec) -> tuple[ServerError, ...]:
    """The errors that a flow's submit and whatever else is no GET were answered with, each once."""
    bad = (
        ServerError(method=one.method, path=urlsplit(one.path).path, status=one.status)
        for one in requests
        if one.status is not None and one.status >= 500 and (one.method != "GET" or is_submit(one, flow))
    )
    return tuple(dict.fromkeys(bad))
