"""Parameters that travel as text: the query of a GET, the form of a POST."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from harness.providers.base import Request

# No action knows thirty. Without a limit, a form of 1 MiB with nothing but names would hold everybody up for a second.
MAX_PARAMETERS = 200


def parameters_of(request: Request) -> Mapping[str, str]:
    """Return them decoded, the last of each name; none at all where there are too many to be meant."""
    if request.method == "GET":
        return request.query if len(request.query) <= MAX_PARAMETERS else {}
    text = request.body.decode("utf-8", "replace")
    if text.count("&") >= MAX_PARAMETERS:
        return {}
    return dict(parse_qsl(text, keep_blank_values=True))
