"""Nothing comes back, and nothing says so: bytes are dropped and the connection stays open.

Both directions hang for ever, cold and warm (PITFALLS.md, the table of a ``<script>`` over TLS). Healing closes the
connections that hung, so what waited on them fails at that moment.
"""

from __future__ import annotations

from harness.faults.toxic import DOWNSTREAM, ENDS_CONNECTION, ToxicFault, add_both_ways

add_both_ways(
    ToxicFault(
        name="hang",
        title="Nothing from the other side ever arrives, and nothing says so",
        kind="timeout",
        stream=DOWNSTREAM,
        attributes={"timeout": 0},
        felt_at=ENDS_CONNECTION,
        hangs=True,
    ),
    upstream_title="The request never gets through, and nothing says so",
)
