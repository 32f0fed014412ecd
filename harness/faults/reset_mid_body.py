"""The body breaks off half way, and the connection is reset (domain/sdk-behaviour.md, "The connection").

A Toxiproxy in between passes the reset on as an ordinary end: behind one, this is ``truncated``.
"""

from __future__ import annotations

from dataclasses import replace

from harness.catalog import Answer, Asked, Place
from harness.faults.rewriting import SEEN_BY_BOTH_ENDS, ResponseFault, add, always


def tear(answer: Answer, asked: Asked) -> Answer:
    """Promise the whole body, send its first half, and reset the connection."""
    return replace(answer, cut_at=len(answer.body) // 2, reset=True)


add(
    ResponseFault(
        name="reset-mid-body",
        title="The answer breaks off half way by a reset",
        make=always(tear),
        felt_at=(*SEEN_BY_BOTH_ENDS, Place.ROUTER),
    )
)
