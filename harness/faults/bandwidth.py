"""The line is thin: 20 kB at 5 KB/s take 4 s and succeed (PITFALLS.md)."""

from __future__ import annotations

from harness.faults.parameters import Parameter
from harness.faults.toxic import DOWNSTREAM, TAKES_TIME, ToxicFault, add_both_ways

add_both_ways(
    ToxicFault(
        name="bandwidth",
        title="The line carries very little",
        kind="bandwidth",
        stream=DOWNSTREAM,
        # At rate 0 the server does not throttle at all.
        attributes={"rate": Parameter(name="rate_kbps", default=5, least=1, meaning="kilobytes per second")},
        felt_at=TAKES_TIME,
    ),
    upstream_title="The line carries very little of what the client sends",
)
