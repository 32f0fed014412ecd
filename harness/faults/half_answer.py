"""Half of the answer arrives, and then nothing more, without an end: "headers, then silence" (domain/sdk-behaviour.md).

A limit on the connection cannot do this: over TLS a record that is cut cannot be read at all, and a cold connection spends
the limit in its handshake. So the origin sends half of the body and holds the connection open.
"""

from __future__ import annotations

from dataclasses import replace

from harness.catalog import Answer, Asked
from harness.faults.rewriting import STALLS, ResponseFault, add, always


def stall(answer: Answer, asked: Asked) -> Answer:
    """Promise the whole body, send its first half, and keep the connection open."""
    return replace(answer, cut_at=len(answer.body) // 2, never=True)


add(
    ResponseFault(
        name="half-answer",
        title="Half of the answer arrives, and the rest never does",
        make=always(stall),
        felt_at=STALLS,
        hangs=True,
    )
)
