"""Two bugs in one shop are both found: neither hides the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.zoo.animals import load_pairs, zoo_folder

ROOT = Path(__file__).parents[3]
LIMIT_S = 2400.0
# One of each side, on the same flow, and two providers in one shop.
EVERY_DAY = ("F5_B1", "M_B6")


def run_pairs(out: Path, *pairs: str) -> dict[str, dict[str, Any]]:
    """Run the command over these pairs and return what zoo.json says of each."""
    command = (sys.executable, "-m", "harness.cli.main", "zoo", "--pairs", *pairs, "--jobs", "6", "--out", str(out))
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    assert (out / "zoo.json").is_file(), done.stderr
    assert done.returncode == 0, done.stdout
    return {one["name"]: one for one in json.loads((out / "zoo.json").read_text(encoding="utf-8"))["animals"]}


@pytest.mark.nightly
@pytest.mark.timeout(LIMIT_S)
def test_both_bugs_of_a_pair_are_found(tmp_path: Path) -> None:
    told = run_pairs(tmp_path, *EVERY_DAY)
    assert {name: one["fate"] for name, one in told.items()} == dict.fromkeys(EVERY_DAY, "expected")
    # F5: the page's ticket is malformed (1001). B1: the server fails closed (2002).
    assert {one["found"][0].split("-")[1] for one in told["F5_B1"]["expected"]} == {"1001", "2002"}
    # B6 alone sends an SMS that nobody has earned.
    assert "no-side-effect" in told["M_B6"]["heard"]


@pytest.mark.nightly
@pytest.mark.timeout(LIMIT_S)
def test_both_bugs_of_every_pair_are_found(tmp_path: Path) -> None:
    told = run_pairs(tmp_path)
    assert {name: one["fate"] for name, one in told.items()} == {pair.name: "expected" for pair in load_pairs(zoo_folder())}
