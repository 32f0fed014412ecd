"""What a run says: few plain lines where nobody looks, and the report where it says it is."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from suites.selftest.acceptance.command import SCENARIO, House, slim_shop


@pytest.fixture(scope="module")
def whole(shared_house: House) -> subprocess.CompletedProcess[str]:
    """One scenario that passes, run to its end, output and errors into pipes."""
    target = slim_shop(shared_house.root / "target")
    return shared_house.run("run", target, "-k", SCENARIO, "--jobs", "1", "--out", shared_house.out)


def test_a_run_that_passes_says_three_plain_things_and_exits_0(
    whole: subprocess.CompletedProcess[str], shared_house: House
) -> None:
    assert whole.returncode == 0, whole.stderr
    first, *rest = whole.stderr.splitlines()
    assert re.fullmatch(r"1 scenarios? on shop, 1 at once · Toxiproxy \S+ \(configured by CAPTCHAOS_TOXIPROXY\), [\d.]+", first)
    assert rest == ["100 % · 1/1 done"]
    counts, where = whole.stdout.splitlines()
    assert re.fullmatch(r"1 pass, 0 fail, 0 unknown; .*controls.*", counts)
    assert where == f"report: {shared_house.out / 'index.html'}"
    assert shared_house.left_behind() == []


def test_every_file_of_the_report_is_there(whole: subprocess.CompletedProcess[str], shared_house: House) -> None:
    assert whole.returncode == 0
    files = {path.name for path in shared_house.out.iterdir()}
    assert files == {"journal.jsonl", "results.json", "junit.xml", "summary.md", "index.html", "data"}
    (scenario,) = (
        one
        for one in json.loads((shared_house.out / "results.json").read_text(encoding="utf-8"))["scenarios"]
        if one["id"] == SCENARIO
    )
    assert (scenario["verdict"], scenario["error_code"], scenario["fault_felt"]) == ("pass", 1004, True)
