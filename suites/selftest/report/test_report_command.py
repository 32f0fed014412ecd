"""``captchaos report``: a run's report made again, and found."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from harness.cli import report
from harness.errors import ExitCode, JournalError, UsageError
from harness.journal.writer import JournalWriter
from suites.selftest.report.samples import realistic


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with one recorded run under ``reports/``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    journal, judgements = realistic()
    with JournalWriter(tmp_path / "reports" / "20261121-014512-7f3a" / "journal.jsonl") as writer:
        writer.run(journal.run)
        for record in journal.records:
            writer.record(record)
        for scenario_id, judgement in judgements.items():
            writer.judgement(scenario_id, judgement)
        writer.end()
    return tmp_path / "reports"


def command(*words: str) -> ExitCode:
    parser = argparse.ArgumentParser()
    report.add_parser(parser.add_subparsers())
    args = parser.parse_args(["report", *words])
    code: ExitCode = args.run(args)
    return code


@pytest.mark.parametrize("named", ["20261121-014512-7f3a", "reports/20261121-014512-7f3a", "reports/20261121-014512-7f3a/"])
def test_a_run_is_found_by_id_and_by_path(runs: Path, capsys: pytest.CaptureFixture[str], named: str) -> None:
    assert command("build", named, "--lang", "zh") is ExitCode.ALL_PASS
    told = Path(capsys.readouterr().out.strip())
    assert told.resolve() == (runs / "20261121-014512-7f3a" / "index.html").resolve()
    assert json.loads(told.with_name("results.json").read_text())["counts"]["fail"] == 2
    assert command("open", named) is ExitCode.ALL_PASS
    assert capsys.readouterr().out.strip() == str(told)


def test_a_run_that_is_not_there_gets_the_closest_match(runs: Path) -> None:
    with pytest.raises(UsageError, match="did you mean '20261121-014512-7f3a'"):
        command("build", "20261121-014512-7f3b")


def test_a_run_without_a_report_says_how_to_make_one(runs: Path) -> None:
    with pytest.raises(UsageError, match="captchaos report build"):
        command("open", "20261121-014512-7f3a")


def test_a_broken_journal_is_said_with_its_line(runs: Path) -> None:
    path = runs / "20261121-014512-7f3a" / "journal.jsonl"
    path.write_text(path.read_text().replace('"kind":"control"', '"kind":"contrl"', 1))
    with pytest.raises(JournalError, match=r"journal\.jsonl:2: Record\.scenario\.kind should be one of"):
        command("build", str(path.parent))


def test_what_a_killed_run_left_unjudged_is_judged_from_its_evidence(runs: Path) -> None:
    path = runs / "20261121-014512-7f3a" / "journal.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith('{"type":"end"')][:-1]
    path.write_text("".join(kept))
    command("build", str(path.parent))
    data = json.loads((path.parent / "results.json").read_text())
    assert data["run"]["ended"] is False
    assert not [one for one in data["scenarios"] if "before this scenario was judged" in one["unknown_because"]]
