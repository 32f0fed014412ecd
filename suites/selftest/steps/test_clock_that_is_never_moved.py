"""A page that bears no Date in the past, and on which nothing waits because of its clock: its clock is never moved."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engine.engine import open_engine
from harness.engine.ground import open_ground
from harness.engine.options import Options
from harness.judge.reading import COMPLETED
from harness.plan.build import make_plan
from harness.target.loader import load_target
from suites.selftest.doctor.little_target import little
from suites.selftest.engine.conftest import Silence

# 45 s: the little page takes a clock that is more than 20 s off for wrong, and then asks for no captcha at all.
SCENARIO = "go-1003-frame-hang-cold"
# The wait of 45 s, and what a busy machine adds.
PATIENT_MS = 60_000


@pytest.mark.anyio
@pytest.mark.nightly
@pytest.mark.timeout(600)
async def test_its_record_says_so_and_its_user_comes_through_when_it_is_repeated_in_real_time(tmp_path: Path) -> None:
    target = load_target(little(tmp_path, wrong="clock", business=PATIENT_MS))
    plan = make_plan(target)
    chosen = [one for one in plan.scenarios if one.id == SCENARIO]
    options = Options(out=tmp_path / "out", jobs=1)
    async with open_ground() as ground, open_engine(target, plan, options, Silence(), ground) as engine:
        engine.begin(chosen)
        await engine.finish()
        first, second = (record for record in engine.outcome.records if record.scenario.id == SCENARIO)
    assert (first.evidence.clock, first.evidence.advanced_ms) == ("installed", 0)
    assert first.evidence.visits[0].outcome == "nothing"
    assert (second.evidence.clock, second.repeat_reason) == ("real", "page began with Date in the past")
    assert second.evidence.visits[0].outcome in COMPLETED
