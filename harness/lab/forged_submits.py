"""The flow's submit as a forger writes it: with headers of his own, without a ticket, or with none to have."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from harness.target.spec import FlowSpec

_TICKET_FIELDS = ("{ticket}", "{randstr}")


def with_headers(flow: FlowSpec, headers: Mapping[str, str]) -> FlowSpec:
    """The same flow, its submit with these headers, too."""
    if flow.submit is None:
        return flow
    return dataclasses.replace(flow, submit=dataclasses.replace(flow.submit, headers={**flow.submit.headers, **headers}))


def names_randstr(flow: FlowSpec) -> bool:
    """Whether the flow's submit hands a randstr in: a mini program has none."""
    said = () if flow.submit is None else flow.submit.fields.values()
    return any("{randstr}" in str(value) for value in said)


def without_ticket(flow: FlowSpec) -> FlowSpec:
    """The same flow, its submit without the fields that hold ticket and randstr."""
    if flow.submit is None:
        return flow
    return dataclasses.replace(flow, submit=flow.submit.keeping(lambda value: value not in _TICKET_FIELDS))
