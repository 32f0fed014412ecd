"""The head and a part of the body pass, then the connection ends.

8000 bytes are enough for a TLS handshake, and less than any of the vendors' scripts; Chromium then reports
CONTENT_LENGTH_MISMATCH and fires ``error``, cold and warm (PITFALLS.md). For small JSON answers take ``truncated``.
"""

from __future__ import annotations

from harness.faults.base import FAULTS
from harness.faults.parameters import Parameter
from harness.faults.toxic import DOWNSTREAM, ENDS_CONNECTION, ToxicFault

FAULTS.add(
    "cut-mid-body",
    ToxicFault(
        name="cut-mid-body",
        title="The answer breaks off in the middle of its body",
        kind="limit_data",
        stream=DOWNSTREAM,
        attributes={"bytes": Parameter(name="bytes", default=8000, meaning="bytes let through on each connection")},
        felt_at=ENDS_CONNECTION,
    ),
)
