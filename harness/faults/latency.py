"""Everything comes late by the same time; on a cold TLS connection each round trip pays (PITFALLS.md: 700 ms becomes 2.2 s)."""

from __future__ import annotations

from harness.faults.parameters import Parameter
from harness.faults.toxic import DOWNSTREAM, TAKES_TIME, ToxicFault, add_both_ways

add_both_ways(
    ToxicFault(
        name="latency",
        title="Everything the other side sends comes late",
        kind="latency",
        stream=DOWNSTREAM,
        attributes={"latency": Parameter(name="latency_ms", default=1000, meaning="delay of every piece of data"), "jitter": 0},
        felt_at=TAKES_TIME,
    ),
    upstream_title="Everything the client sends comes late",
)
