"""The connection ends after so many bytes, TLS handshake included, counted on each connection anew.

Over TLS, 0 and 1000 bytes end a cold connection inside its handshake; 1000 end a warm one inside the answer (PITFALLS.md).
"""

from __future__ import annotations

from harness.faults.parameters import Parameter
from harness.faults.toxic import DOWNSTREAM, ENDS_CONNECTION, ToxicFault, add_both_ways

add_both_ways(
    ToxicFault(
        name="limit-data",
        title="The connection ends after a few bytes",
        kind="limit_data",
        stream=DOWNSTREAM,
        attributes={"bytes": Parameter(name="bytes", default=1000, meaning="bytes let through on each connection")},
        felt_at=ENDS_CONNECTION,
    ),
    upstream_title="The connection ends after a few bytes of the request",
)
