"""Silence for a while, then the connection is closed without a byte (Chromium tries again, so it waits twice or thrice)."""

from __future__ import annotations

from harness.faults.parameters import Parameter
from harness.faults.toxic import DOWNSTREAM, ENDS_CONNECTION, ToxicFault, add_both_ways

add_both_ways(
    ToxicFault(
        name="timeout",
        title="No answer comes, and after a while the connection is closed",
        kind="timeout",
        stream=DOWNSTREAM,
        attributes={"timeout": Parameter(name="timeout_ms", default=1000, least=1, meaning="silence before the close")},
        felt_at=ENDS_CONNECTION,
    ),
    upstream_title="The request never gets through, and after a while the connection is closed",
)
