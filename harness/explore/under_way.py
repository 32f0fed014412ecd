"""What of an example is still under way between page, client and target, and what a page keeps open as long as it stands."""

from __future__ import annotations

import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from harness.lab.collect import is_submit, names_submit
from harness.lab.origin import OriginRequest
from harness.lab.owed import OTHERS_LIMIT_S, brings_code
from harness.lab.traffic import Flight
from harness.target.spec import FlowSpec

_STREAM = b"text/event-stream"


def under_way(requests: Iterable[OriginRequest], flights: Iterable[Flight], flow: FlowSpec) -> bool:
    """Whether an answer is still to come at the target or in the page.

    A stream of events never ends, and what is neither the flow's submit nor its code is meant to stay open (long polling)
    once it has for :data:`OTHERS_LIMIT_S`.
    """
    unanswered = (one for one in requests if one.answered is None and one.cut_off is None)
    return any(not _stays_open(one, flow) for one in unanswered) or any(not _flies_on(one, flow) for one in flights)


def _stays_open(request: OriginRequest, flow: FlowSpec) -> bool:
    if any(name == b"content-type" and value.lower().startswith(_STREAM) for name, value in request.answer_head):
        return True
    acts = is_submit(request, flow) or brings_code(request, flow)
    return not acts and time.monotonic() - request.arrived > OTHERS_LIMIT_S


def _flies_on(flight: Flight, flow: FlowSpec) -> bool:
    if flight.streams:
        return True
    acts = names_submit(flight.method, urlsplit(flight.url).path, flow)
    return not acts and time.monotonic() - flight.began > OTHERS_LIMIT_S
