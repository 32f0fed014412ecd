"""The healthy way: every hop of the load chain, a real drag, a ticket that the verdict API knows."""

from __future__ import annotations

import pytest

from suites.selftest.tencent_client import vendor_notes
from suites.selftest.tencent_client.stage import APP_ID, Stage

pytestmark = pytest.mark.anyio
CHAIN = ["entry", "frame", "config", "template", "iframe", "library", "slider", "verify"]


async def test_a_drag_into_the_gap_yields_a_ticket_in_exactly_the_documented_fields(stage: Stage) -> None:
    await stage.open()
    await stage.click()
    await stage.visible()
    await stage.solve()
    result = await stage.result()
    assert set(result) == vendor_notes.SUCCESS_FIELDS
    assert (result["ret"], result["CaptchaAppId"], result["bizState"]) == (0, APP_ID, "basket-7")
    assert [arrival.link for arrival in stage.vendor.log if arrival.link] == CHAIN
    assert stage.errors == []
