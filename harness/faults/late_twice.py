"""The head is late and then the body is late, each within a time limit that both together exceed.

Python, Node and Java start their clock anew for the body; Go has one limit for all (domain/sdk-behaviour.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.catalog import Answer, Asked, Rewrite
from harness.faults.parameters import Parameter
from harness.faults.rewriting import STALLS, ResponseFault, add

HEAD = Parameter(name="head_ms", default=1500, meaning="wait before the head")
BODY = Parameter(name="body_ms", default=1500, meaning="wait between head and body")


def make(chosen: Mapping[str, int]) -> Rewrite:
    """Make the rewrite that waits twice."""

    def delay(answer: Answer, asked: Asked) -> Answer:
        return replace(answer, delay_ms=chosen[HEAD.name], body_delay_ms=chosen[BODY.name])

    return delay


add(
    ResponseFault(
        name="late-twice",
        title="The head of the answer is late, and its body is late again",
        make=make,
        parameters=(HEAD, BODY),
        felt_at=STALLS,
    )
)
