"""Answers that arrive a few bytes at a time: no read ever times out, and only a total deadline holds (PITFALLS.md, "HTTP")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.catalog import Answer, Asked, Rewrite
from harness.faults.parameters import Parameter
from harness.faults.rewriting import STALLS, ResponseFault


def dripping(name: str, title: str, *, drip_ms: int, drip_bytes: int) -> ResponseFault:
    """Make a fault that pauses ``drip_ms`` before every ``drip_bytes`` of the body; both are its parameters' defaults."""
    return ResponseFault(
        name=name,
        title=title,
        make=_make,
        parameters=(
            Parameter(name="drip_ms", default=drip_ms, least=1, meaning="pause before each piece of the body"),
            Parameter(name="drip_bytes", default=drip_bytes, least=1, meaning="size of a piece"),
        ),
        felt_at=STALLS,
    )


def _make(chosen: Mapping[str, int]) -> Rewrite:
    def drip(answer: Answer, asked: Asked) -> Answer:
        return replace(answer, drip_ms=chosen["drip_ms"], drip_bytes=chosen["drip_bytes"])

    return drip
