"""Silence at the origin: before the head ("no answer"), or after it ("headers, then silence"; domain/sdk-behaviour.md).

The request is acted on, which tells these from ``hang``; and no Toxiproxy is needed.
"""

from __future__ import annotations

from dataclasses import replace

from harness.catalog import Answer, Asked
from harness.faults.rewriting import STALLS, ResponseFault, add, always


def say_nothing(answer: Answer, asked: Asked) -> Answer:
    """Keep the connection open without a byte."""
    return replace(answer, never=True)


def stop_after_the_head(answer: Answer, asked: Asked) -> Answer:
    """Promise the whole body, send none of it, and keep the connection open."""
    return replace(answer, cut_at=0, never=True)


add(
    ResponseFault(
        name="no-answer",
        title="The request is acted on and never answered",
        make=always(say_nothing),
        felt_at=STALLS,
        hangs=True,
    )
)
add(
    ResponseFault(
        name="head-only",
        title="The head of the answer arrives, and its body never does",
        make=always(stop_after_the_head),
        felt_at=STALLS,
        hangs=True,
    )
)
