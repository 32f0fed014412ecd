"""Data arrives in small slices: nothing fails, but every reader that expects one read per message meets its bug."""

from __future__ import annotations

from harness.faults.parameters import Parameter
from harness.faults.toxic import DOWNSTREAM, TAKES_TIME, ToxicFault, add_both_ways

add_both_ways(
    ToxicFault(
        name="slicer",
        title="The answer arrives in small slices",
        kind="slicer",
        stream=DOWNSTREAM,
        attributes={
            "average_size": Parameter(name="slice_bytes", default=64, least=1, meaning="size of a slice"),
            "size_variation": 0,
            "delay": Parameter(name="delay_us", default=1000, meaning="microseconds between two slices"),
        },
        felt_at=TAKES_TIME,
    ),
    upstream_title="The request arrives in small slices",
)
