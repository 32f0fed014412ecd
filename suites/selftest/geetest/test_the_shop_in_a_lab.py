"""The shop on GeeTest v4, by the command as its owner runs it: what is broken is felt on its own link, and business goes on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.plan.build import make_plan
from harness.target.loader import load_target

ROOT = Path(__file__).parents[3]
TARGET = ROOT / "fixtures" / "shop" / "geetest.toml"
CAPTCHA_ID = "647f5ed2ed8acb4be36784e01556bb71"
LIMIT_S = 900.0
# One fault of the browser's and one of the server's, on the host that both of them use.
SAMPLE = ("--flow", "login", "--fault", "refused", "--mode", "60000", "--mode", "2002")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a run said: exit code, output, where its report is, and each scenario of ``results.json`` by its id."""

    code: int
    output: str
    report: Path
    scenarios: Mapping[str, Mapping[str, Any]]

    def ended_badly(self, scenario: str) -> list[str]:
        """Every connection of the honest visit that the router saw end otherwise than by an orderly close."""
        lines = (self.report / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        records = [json.loads(line).get("record", {}) for line in lines]
        [record] = [one for one in records if one.get("scenario", {}).get("id") == scenario]
        events = record["evidence"]["events"]
        return [event["detail"] for event in events if event["what"] == "router" and event["visit"] == "honest"]

    def text(self) -> str:
        """Everything that the report says to people."""
        files = [file for file in self.report.rglob("*") if file.suffix in (".html", ".md", ".xml", ".json")]
        return self.output + "\n".join(file.read_text(encoding="utf-8") for file in files)


def run(folder: Path, *words: str) -> Told:
    command = (sys.executable, "-m", "harness.cli.main", "run", str(TARGET), *words, "--jobs", "1", "--out", str(folder))
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    output = done.stdout + done.stderr
    assert (folder / "results.json").is_file(), output
    scenarios = json.loads((folder / "results.json").read_text(encoding="utf-8"))["scenarios"]
    return Told(code=done.returncode, output=output, report=folder, scenarios={one["id"]: one for one in scenarios})


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return run(tmp_path_factory.mktemp("sample") / "run", *SAMPLE)


def texts(told: Told, scenario: str) -> list[str]:
    return [ticket["text"] if isinstance(ticket, dict) else ticket for ticket in told.scenarios[scenario]["tickets"]]


def test_both_sides_of_the_shared_host_fail_apart_and_the_user_gets_in(sample: Told) -> None:
    assert sample.code == 0, sample.output
    browsers, servers = "login-60000-load-refused-cold", "login-2002-verdict-refused-cold"
    flapping = "login-recovery-flaps-verdict-refused"
    assert {name: one["verdict"] for name, one in sample.scenarios.items()} == dict.fromkeys(
        (browsers, servers, flapping, "login-control-classic"), "pass"
    )
    assert all(sample.scenarios[name]["fault_felt"] for name in (browsers, servers))
    # The page's own ticket is what the user brought; the server was asked about none of it.
    assert re.fullmatch(rf"terror_60000_{CAPTCHA_ID}_[0-9]{{10}}", texts(sample, browsers)[0])
    assert any(re.fullmatch(rf"terror_2002_{CAPTCHA_ID}_[0-9]{{10}}_[0-9a-f]{{40}}", text) for text in texts(sample, servers))
    # The server's one call was refused, and nobody else's: the browser asked the same host before and after.
    assert sample.ended_badly(servers) == ["gcaptcha4.geetest.com refused"]


def test_nothing_in_the_report_speaks_of_another_vendor(sample: Told) -> None:
    text = sample.text()
    assert "geetest" in text.lower()
    assert re.search("tencent|腾讯", text, re.IGNORECASE) is None


def test_the_report_counts_the_modes_that_this_vendor_documents(sample: Told) -> None:
    coverage = json.loads((sample.report / "results.json").read_text(encoding="utf-8"))["coverage"]
    # 1001, 60000, 60101, 60204 and 60205 in the page, 2001 to 2006 behind the server.
    assert (coverage["modes_documented"], coverage["modes_exercised"]) == (11, [2002, 60000])
    assert re.search(r"\b1004\b", (sample.report / "index.html").read_text(encoding="utf-8")) is None


def test_what_a_lab_cannot_tell_apart_is_planned_as_one() -> None:
    planned = {scenario.id: scenario for scenario in make_plan(load_target(TARGET)).scenarios}
    # Both scripts come from one host, side by side: a broken connection takes both along, in either order.
    assert planned["login-60204-static-refused-cold"].expect.codes == (60204, 60205)
    assert {s.fault.family.value for s in planned.values() if s.link == "gct" and s.fault} == {"response"}
    assert planned["login-60205-gct-status-404-cold"].expect.codes == (60205,)
    # A click at once meets the checkout's watchdog, and the login's is longer than the vendor's three times 10 s.
    assert planned["checkout-60000-load-hang-cold"].expect.codes == (1001,)
    assert planned["login-60000-load-hang-cold"].expect.codes == (60000,)


@pytest.mark.nightly
@pytest.mark.timeout(LIMIT_S + 60)
@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_the_whole_plan_passes(tmp_path: Path, flow: str) -> None:
    told = run(tmp_path / "run", "--flow", flow)
    assert told.code == 0, told.output
    assert {one["verdict"] for one in told.scenarios.values()} == {"pass"}
    assert re.search("tencent|腾讯", told.text(), re.IGNORECASE) is None
