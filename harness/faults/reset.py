"""The peer resets the connection.

Toxiproxy sends RST only on connections opened after the toxic was added; older ones end with FIN: cold and warm are two
experiments (PITFALLS.md, "Toxiproxy"). Chromium tries twice on a cold connection, up to three times on a warm one.
"""

from __future__ import annotations

from harness.faults.parameters import Parameter
from harness.faults.toxic import DOWNSTREAM, ENDS_CONNECTION, ToxicFault, add_both_ways

add_both_ways(
    ToxicFault(
        name="reset",
        title="The connection is reset",
        kind="reset_peer",
        stream=DOWNSTREAM,
        attributes={"timeout": Parameter(name="timeout_ms", default=0, meaning="wait before the reset")},
        felt_at=ENDS_CONNECTION,
    ),
    upstream_title="The connection is reset as soon as the client has sent something",
)
