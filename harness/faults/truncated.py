"""The body breaks off half way, short of its Content-Length, and the connection ends.

Every SDK has another name for that: domain/sdk-behaviour.md, "The connection".
It is cut where the answer is made, so it works for bodies that are smaller than a TLS handshake, cold and warm.
"""

from __future__ import annotations

from dataclasses import replace

from harness.catalog import Answer, Asked, Place
from harness.faults.rewriting import SEEN_BY_BOTH_ENDS, ResponseFault, add, always


def halve(answer: Answer, asked: Asked) -> Answer:
    """Promise the whole body and send its first half."""
    return replace(answer, cut_at=len(answer.body) // 2)


add(
    ResponseFault(
        name="truncated",
        title="The answer breaks off half way",
        make=always(halve),
        felt_at=(*SEEN_BY_BOTH_ENDS, Place.ROUTER),
    )
)
