"""The same timers by the machine's own clock: too long for every run."""

from __future__ import annotations

import asyncio
import time

import pytest

from suites.selftest.tencent_mini import plugin_notes as notes
from suites.selftest.tencent_mini.conftest import OpenStage
from suites.selftest.tencent_mini.stage import WorldClock


@pytest.mark.nightly
def test_a_configuration_that_hangs_leaves_1006_after_45_6_real_seconds(open_stage: OpenStage) -> None:
    async def play() -> None:
        async with open_stage(clock=WorldClock()) as stage, stage.broken("config", "hang"):
            began = time.monotonic()
            stage.program.tap()
            event = await asyncio.wait_for(stage.program.first("verify"), 120)
            waited_ms = (time.monotonic() - began) * 1000
            assert str(event.detail["ticket"]).startswith(f"{notes.PREFIX}_{notes.CONFIG}_")
            documented_ms = notes.TRIES * notes.REQUEST_MS + notes.EMIT_MS
            assert documented_ms <= waited_ms < documented_ms + 3_000

    asyncio.run(play())
