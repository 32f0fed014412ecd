"""The request arrives and is acted on, and its answer is lost.

It is applied while the origin holds the request: then not one byte of the answer passes, while the effect stands. On a
kept-alive connection Chromium re-sends by itself, POST included (PITFALLS.md), so the origin may see the request twice.
Applied before the request it would end a TLS handshake instead, and nothing would have been acted on.
"""

from __future__ import annotations

from harness.faults.base import FAULTS
from harness.faults.toxic import DOWNSTREAM, ENDS_CONNECTION, ToxicFault

FAULTS.add(
    "answer-lost",
    ToxicFault(
        name="answer-lost",
        title="The request is acted on, and its answer is lost",
        kind="limit_data",
        stream=DOWNSTREAM,
        attributes={"bytes": 0},
        felt_at=ENDS_CONNECTION,
    ),
)
