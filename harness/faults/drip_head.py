"""The head comes a byte at a time: a limit per read never fires, one for the whole head does (domain/sdk-behaviour.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.catalog import Answer, Asked, Rewrite
from harness.faults.parameters import Parameter
from harness.faults.rewriting import STALLS, ResponseFault, add

PAUSE = Parameter(name="drip_ms", default=200, least=1, meaning="pause before each byte of the head")


def make(chosen: Mapping[str, int]) -> Rewrite:
    """Make the rewrite that slows the head down."""

    def drip(answer: Answer, asked: Asked) -> Answer:
        return replace(answer, head_drip_ms=chosen[PAUSE.name])

    return drip


add(
    ResponseFault(
        name="drip-head",
        title="The head of the answer comes a byte at a time",
        make=make,
        parameters=(PAUSE,),
        felt_at=STALLS,
    )
)
