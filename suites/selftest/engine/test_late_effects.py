"""A shop that shows its orders late is as right as any other: neither its controls nor its visits have lost one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.journal.model import Verdict
from suites.selftest.engine.conftest import RunScenarios
from suites.selftest.probes.conftest import FIXTURES
from suites.selftest.probes.test_late_effects import LATE

SCENARIO = "checkout-1001-entry-refused-cold"


@pytest.mark.nightly
def test_a_visit_whose_order_is_shown_later_than_its_answer_has_lost_none(run_scenarios: RunScenarios, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(FIXTURES / "shop", folder)
    (folder / "app.py").write_text(LATE, encoding="utf-8")
    ran = run_scenarios(SCENARIO, target=str(folder), jobs=1)
    assert ran.judgements[SCENARIO].verdict is Verdict.PASS, ran.judgements[SCENARIO]
