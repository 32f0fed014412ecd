"""A slot in which no target starts costs nobody a verdict as long as there is another one."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import TargetError
from harness.journal.model import Verdict
from harness.journal.reader import read_journal
from harness.journal.writer import FILE_NAME
from harness.lab.stage import Stage

SCENARIOS = ("login-1004-frame-refused-cold", "login-1004-frame-reset-warm")


@pytest.mark.nightly  # by day with made-up labs: selftest/workers
def test_what_a_broken_slot_gave_back_passes_in_the_other(run_scenarios: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up = Stage.set_up

    async def no_target_in_slot_1(target: Any, slot: Any, *more: Any) -> Stage:
        if slot.number == 1:
            raise TargetError("the target did not start")
        return await set_up(target, slot, *more)

    monkeypatch.setattr(Stage, "set_up", no_target_in_slot_1)
    ran = run_scenarios(*SCENARIOS, jobs=2)
    assert {name: ran.judgements[name].verdict for name in SCENARIOS} == dict.fromkeys(SCENARIOS, Verdict.PASS)
    assert {ran.record(name).slot for name in SCENARIOS} == {0}
    assert ran.judgements["login-control-classic"].verdict is Verdict.UNKNOWN
    assert read_journal(ran.out / FILE_NAME).ended
