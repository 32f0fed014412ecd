"""The end of the connection comes late.

It fails nothing, and on a kept-alive connection it is not even felt (PITFALLS.md): a control, to show that nothing breaks.
"""

from __future__ import annotations

from harness.faults.parameters import Parameter
from harness.faults.toxic import DOWNSTREAM, TAKES_TIME, ToxicFault, add_both_ways

add_both_ways(
    ToxicFault(
        name="slow-close",
        title="The connection is closed late",
        kind="slow_close",
        stream=DOWNSTREAM,
        attributes={"delay": Parameter(name="delay_ms", default=2000, meaning="time between the end and the close")},
        felt_at=TAKES_TIME,
    ),
    upstream_title="The client's end of the connection is passed on late",
)
