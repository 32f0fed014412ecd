"""The request arrives, is acted on, and the connection ends without a byte of an answer: by FIN, or by RST.

Unlike ``answer-lost`` this is done at the origin, so it needs no Toxiproxy and no barrier. The ticket is used up all the
same: an SDK that re-sends by itself (Java's, on a warm connection: domain/sdk-behaviour.md, "The connection") then reads 9.
"""

from __future__ import annotations

from dataclasses import replace

from harness.catalog import Answer, Asked
from harness.faults.rewriting import STALLS, ResponseFault, add, always


def close(answer: Answer, asked: Asked) -> Answer:
    """End the connection by FIN, before the head."""
    return replace(answer, unanswered=True)


def reset(answer: Answer, asked: Asked) -> Answer:
    """End the connection by RST, before the head."""
    return replace(answer, unanswered=True, reset=True)


add(
    ResponseFault(
        name="closed-unanswered",
        title="The request is acted on, and the connection closes without an answer",
        make=always(close),
        felt_at=STALLS,
    )
)
add(
    ResponseFault(
        name="reset-unanswered",
        title="The request is acted on, and the connection is reset without an answer",
        make=always(reset),
        felt_at=STALLS,
    )
)
