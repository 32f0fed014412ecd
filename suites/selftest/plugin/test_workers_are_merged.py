"""What the workers of a session leave becomes one run, and nothing of theirs stays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from harness.journal.reader import read_journal
from harness.pytest_plugin.merge import merge

SAMPLE = Path(__file__).parents[3] / "reports" / "sample" / "journal.jsonl"


def test_a_worker_that_was_given_no_scenario_is_no_broken_laboratory(tmp_path: Path) -> None:
    """Fewer scenarios than workers: it has listed its tests, and run none."""
    busy, idle = tmp_path / "workers" / "gw0", tmp_path / "workers" / "gw1"
    for worker in (busy, idle):
        worker.mkdir(parents=True)
        (worker / "scenarios.json").write_text(json.dumps({"x::y": "login"}), encoding="utf-8")
    shutil.copy(SAMPLE, busy / "journal.jsonl")

    assert merge(tmp_path, planned=1) == []
    assert not (tmp_path / "workers").exists()
    merged, whole = read_journal(tmp_path / "journal.jsonl"), read_journal(SAMPLE)
    assert sorted(one.scenario.id for one in merged.records) == sorted(one.scenario.id for one in whole.records)
