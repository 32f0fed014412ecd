"""What is waived is shown and counted wherever verdicts are, with reason and day; and so is a waiver that is stale."""

from __future__ import annotations

import json
import signal
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.catalog import Waiver
from harness.cli import main
from harness.cli import run as verb
from harness.engine.options import Options
from harness.journal.model import Record
from harness.journal.writer import FILE_NAME, JournalWriter
from harness.judge.waiving import reach_of
from harness.report.results import results_schema
from suites.selftest.judge.records import client_fault, control, with_evidence, with_scenario, with_visit
from suites.selftest.report.samples import run_info

WAIVER = Waiver(finding="page-usable", reason="moves with the <b>redesign</b>", until="2999-12-31")
STALE = Waiver(finding="recovers", reason="was mended last week", until="2999-12-31")
EXPIRED = Waiver(finding="bounded-wait", reason="forgotten", until="2020-01-01")
PASS = with_scenario(client_fault(), id="login-frame-hang")
SLOW_PAGE = with_visit(client_fault(), loaded_ms=20_000)
RECORDS = (control(), SLOW_PAGE, PASS)


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def ran(monkeypatch: pytest.MonkeyPatch, out: Path, *left: Record, waivers: tuple[Waiver, ...], planned: int = 2) -> int:
    """Run the command with an engine that leaves these records, in a run with these waivers; its exit code."""

    async def leave(_target: Any, _plan: Any, _scenarios: Any, options: Options, _progress: Any) -> None:
        with JournalWriter(options.out / FILE_NAME) as journal:
            reach = reach_of(waivers, [record.scenario for record in left if record.scenario.kind != "control"])
            journal.run(replace(run_info(planned), waivers=waivers, waivers_reach=reach))
            for record in left:
                journal.record(record)
            journal.end()

    monkeypatch.setattr(verb, "_run", leave)
    return main.main(["run", "-k", "login-1004", "--out", str(out)])


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A run in which one scenario of two is waived, one waiver is stale, and one has expired."""
    folder = tmp_path / "run"
    assert ran(monkeypatch, folder, *RECORDS, waivers=(WAIVER, STALE, EXPIRED)) == 0
    (folder / "told.txt").write_text(capsys.readouterr().out)
    return folder


def test_the_terminal_says_it_line_by_line_and_in_its_last_line(out: Path) -> None:
    lines = (out / "told.txt").read_text().splitlines()
    assert "waived page-usable in login-frame-refused until 2999-12-31: moves with the <b>redesign</b>" in lines
    assert "1 pass, 0 fail, 0 unknown, 1 waived; all controls healthy" in lines
    assert any(line.startswith("the waiver of recovers until 2999-12-31 is stale: ") for line in lines)
    assert "the waiver of bounded-wait until 2020-01-01 has expired: its findings count again" in lines
    assert lines[-1] == "exit code 0, passed by waiver only: without [[waivers]] 1 scenario would fail"


def test_what_is_worse_than_waived_fails_and_every_report_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dead, named = with_visit(PASS, loaded_ms=None, clicked=None), replace(WAIVER, text="usable <within>")
    assert ran(monkeypatch, tmp_path / "run", control(), SLOW_PAGE, dead, waivers=(WAIVER, named)) == 1
    said = "the waiver of page-usable until 2999-12-31 covers nothing that is worse, as what was found in login-frame-hang is"
    told = capsys.readouterr().out
    assert f"{said}: see its key severity" in told
    assert "waived page-usable in login-frame-refused until" in told
    data = json.loads((tmp_path / "run" / "results.json").read_text())
    jsonschema.validate(data, results_schema())
    used = data["waivers"][0]
    assert (used["state"], used["waives"], used["worse"]) == ("worse", ["login-frame-refused"], ["login-frame-hang"])
    for name in ("index.html", "summary.md"):
        text = (tmp_path / "run" / name).read_text()
        assert "what was found is worse than it covers, and counts" in text
        assert "usable <within>" not in text.replace("`usable <within>`", "")


def test_results_count_it_and_keep_to_their_schema(out: Path) -> None:
    data = json.loads((out / "results.json").read_text())
    jsonschema.validate(data, results_schema())
    assert data["verdict"] == "waived"
    assert data["counts"] == {"pass": 1, "fail": 0, "unknown": 0, "waived": 1, "not_run": 0}
    (one,) = [one for one in data["scenarios"] if one["verdict"] == "waived"]
    assert (one["id"], one["findings"]) == ("login-frame-refused", [])
    assert [(found["oracle"], found["until"], found["reason"]) for found in one["waived"]] == [
        ("page-usable", "2999-12-31", "moves with the <b>redesign</b>")
    ]
    assert [(waiver["finding"], waiver["state"], waiver["waives"]) for waiver in data["waivers"]] == [
        ("page-usable", "used", ["login-frame-refused"]),
        ("recovers", "stale", []),
        ("bounded-wait", "expired", []),
    ]


def test_junit_skips_it_with_reason_and_day_as_pytest_does_an_xfail(out: Path) -> None:
    root = ET.parse(out / "junit.xml").getroot()  # noqa: S314 - our own file
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == ("3", "0", "0", "1")
    (skipped,) = root.findall(".//skipped")
    assert skipped.get("message") == "waived until 2999-12-31: moves with the <b>redesign</b>"
    assert "page-usable (major)" in (skipped.text or "")


def test_the_summary_says_it(out: Path) -> None:
    text = (out / "summary.md").read_text()
    assert "captchaos: No scenario fails, and 1 of 2 only because its findings are waived" in text
    assert "| passed | failed | unknown | waived | not run |\n|---:|---:|---:|---:|---:|\n| 1 | 0 | 0 | 1 | 0 |" in text
    assert "- `page-usable` · until 2999-12-31: moves with the \\<b\\>redesign\\</b\\> (waives findings of 1 scenario)" in text
    assert "- `recovers` · until 2999-12-31: was mended last week (stale: " in text


def test_the_pages_show_it_with_reason_and_day_and_as_letters(out: Path) -> None:
    index = (out / "index.html").read_text()
    page = (out / "data" / "scenarios" / "login-frame-refused.html").read_text()
    for text in (index, page):
        assert "2999-12-31" in text
        assert "moves with the &lt;b&gt;redesign&lt;/b&gt;" in text
        assert "<b>redesign" not in text
    assert "No scenario fails, and 1 of 2 only because its findings are waived" in index
    assert 'data-verdict="waived"' in index
    assert "stale: " in index
    assert "expired: its findings count again" in index
    assert "Nothing but what is waived." in index
    assert "Waived findings" in page


def test_a_report_made_again_says_the_same(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (out / "results.json").read_text()
    assert main.main(["report", "build", str(out)]) == 0
    capsys.readouterr()
    assert (out / "results.json").read_text() == before


def test_the_exit_code_is_that_of_the_worst_that_is_not_waived(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    doubled, unfelt = with_visit(PASS, effects=2), with_evidence(PASS, sightings=())
    for number, (other, code) in enumerate(((doubled, 1), (unfelt, 2))):
        assert ran(monkeypatch, tmp_path / str(number), control(), SLOW_PAGE, other, waivers=(WAIVER,)) == code
        assert "passed by waiver only" not in capsys.readouterr().out
    assert ran(monkeypatch, tmp_path / "cut", control(), SLOW_PAGE, waivers=(WAIVER,), planned=2) == 2
    assert "passed by waiver only" not in capsys.readouterr().out
    assert ran(monkeypatch, tmp_path / "late", *RECORDS, waivers=(replace(WAIVER, until="2020-01-01"),)) == 1
