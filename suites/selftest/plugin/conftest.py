"""Sessions of pytest inside pytest: each in a process of its own, in a folder that knows nothing of this repository."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.setup.places import CACHE_VARIABLE, cache_dir

# Pytester gives its sessions a home of their own; what is installed is in ours.
_CACHE = cache_dir()

SUITE = """
import pytest

pytestmark = pytest.mark.scenarios(
    flow=("login", "checkout"), kind="fault", link="verdict", fault=("refused", "internal-error"), warmth="cold"
)

def test_business_completes(outcome):
    assert not outcome.findings_of("business-completes")

def test_degrades(outcome):
    assert not outcome.findings_of("verdict-is-a-verdict")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """A session that ended: its result, and where its run landed."""

    result: pytest.RunResult
    out: Path

    @property
    def text(self) -> str:
        """Everything it printed."""
        return self.result.stdout.str() + self.result.stderr.str()

    def head(self) -> dict[str, Any]:
        """What the journal says of the run."""
        said: dict[str, Any] = json.loads((self.out / "journal.jsonl").read_text().partition("\n")[0])["run"]
        return said

    def executions(self) -> dict[str, int]:
        """How often each scenario was really run, as the journal has it; controls left out."""
        counts: dict[str, int] = {}
        for line in (self.out / "journal.jsonl").read_text().splitlines():
            record = json.loads(line).get("record")
            if record is not None and record["scenario"]["kind"] != "control":
                counts[record["scenario"]["id"]] = counts.get(record["scenario"]["id"], 0) + 1
        return counts

    def real_s(self, scenario_id: str) -> float:
        """How long the scenario took in real time, as the journal has it."""
        for line in (self.out / "journal.jsonl").read_text().splitlines():
            record = json.loads(line).get("record")
            if record is not None and record["scenario"]["id"] == scenario_id:
                return float(record["evidence"]["real_ms"]) / 1000
        raise AssertionError(f"{scenario_id} was never run")


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Inner]:
    """Run pytest on a small suite; ``out`` is made anew for each session."""
    monkeypatch.setenv(CACHE_VARIABLE, str(_CACHE))
    pytester.makepyfile(test_claims=SUITE)
    number = 0

    def run(*args: str) -> Inner:
        nonlocal number
        number += 1
        out = pytester.path / f"run{number}"
        words = [sys.executable, "-m", "pytest", "-p", "no:randomly", f"--captchaos-out={out}", *args]
        return Inner(result=pytester.run(*words, timeout=600), out=out)

    return run
