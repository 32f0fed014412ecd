"""Take a flow's other way in, while the fault stands that the honest user has met."""

from __future__ import annotations

import time

from harness.journal.model import OTHER_WAY, OtherWay
from harness.lab.recorder import Recorder
from harness.lab.slot import TARGET_HOST, Slot
from harness.target import signals
from harness.target.spec import FlowSpec

# The visits have the accounts 1 to 4.
ACCOUNT = 5
_MAX_DETAIL = 200


async def take_other_way(slot: Slot, recorder: Recorder, flow: FlowSpec, accounts: str) -> OtherWay:
    """Send the request of the flow's other way in, past every fault, through the gate that counts what arrives.

    ``accounts`` makes user names from ``{n}``.
    """
    assert flow.otherwise is not None
    assert flow.otherwise.submit is not None
    asked = f"{flow.otherwise.submit.method} {flow.otherwise.submit.path}"
    values = {"account": accounts.replace("{n}", str(ACCOUNT)), "unix_s": str(int(time.time()))}
    with recorder.aside(OTHER_WAY):
        moment = recorder.moment()
        result, through = await signals.other_way(f"http://{TARGET_HOST}:{slot.origin.port}", flow, values)
        recorder.mark("other-way-tried", detail=f"{asked} {result.error if result.status is None else result.status}")
    return OtherWay(
        asked=asked,
        moment=moment,
        status=result.status,
        real_ms=round(result.real_ms, 1),
        through=through,
        detail=(result.error or result.text)[:_MAX_DETAIL],
    )
