"""What ``captchaos run`` tells the shell when all went well, something failed, is unknown, or was not recorded at all."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.cli import run as verb
from harness.engine.options import Options
from harness.errors import LaboratoryError
from harness.journal.model import Record
from harness.journal.writer import FILE_NAME, JournalWriter
from suites.selftest.judge import records
from suites.selftest.report.samples import run_info

CONTROL, PASS = records.control(), records.client_fault()
TWICE = replace(PASS, attempt=2, repeat_reason="clock was advanced")
FAIL = records.with_visit(PASS, business_ms=None, outcome="nothing", effects=0)
UNKNOWN = records.with_evidence(PASS, lab_error="the browser broke")
SICK_CONTROL = replace(records.with_evidence(CONTROL, lab_error="the target did not start"), slot=1)


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def told(
    monkeypatch: pytest.MonkeyPatch, out: Path, planned: int, *left: Record, ends_with: BaseException | None = None
) -> int:
    """Run the command with an engine that leaves these records of so many planned scenarios; its exit code."""

    async def leave(_target: Any, _plan: Any, _scenarios: Any, options: Options, _progress: Any) -> None:
        with JournalWriter(options.out / FILE_NAME) as journal:
            journal.run(run_info(planned))
            for record in left:
                journal.record(record)
            if ends_with is not None:
                raise ends_with
            journal.end()

    monkeypatch.setattr(verb, "_run", leave)
    return main.main(["run", "-k", "login-1004", "--out", str(out)])


@pytest.mark.parametrize(
    ("planned", "left", "code"),
    [
        (1, (CONTROL, PASS), 0),
        (1, (CONTROL, FAIL), 1),
        (1, (CONTROL, UNKNOWN), 2),
        (1, (CONTROL, SICK_CONTROL, PASS), 2),
    ],
    ids=["all pass", "a fail", "an unknown", "a slot was taken out"],
)
def test_the_worst_verdict_is_told(
    planned: int, left: tuple[Record, ...], code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert told(monkeypatch, tmp_path / "run", planned, *left) == code


@pytest.mark.parametrize(
    "left", [(CONTROL, PASS), (CONTROL, CONTROL, PASS), (CONTROL, PASS, TWICE)], ids=["one", "and controls", "one twice"]
)
def test_a_run_that_recorded_fewer_scenarios_than_planned_is_no_pass_and_says_so(
    left: tuple[Record, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(monkeypatch, tmp_path / "run", 2, *left) == 2
    assert "1 of 2 planned scenarios not run\n" in capsys.readouterr().out


def test_a_fail_among_few_records_is_still_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert told(monkeypatch, tmp_path / "run", 5, CONTROL, FAIL) == 1


def test_a_whole_run_says_nothing_of_missing_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(monkeypatch, tmp_path / "run", 1, CONTROL, PASS)
    assert "planned scenarios" not in capsys.readouterr().out


def test_an_interrupted_run_is_no_pass_though_all_was_recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert told(monkeypatch, tmp_path / "run", 1, CONTROL, PASS, ends_with=KeyboardInterrupt()) == 2


def test_a_laboratory_that_broke_is_told_before_any_verdict_and_its_report_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broke = LaboratoryError("no slot is left")
    assert told(monkeypatch, tmp_path / "run", 1, CONTROL, FAIL, ends_with=broke) == 4
    assert f"captchaos: no slot is left\nreport of what was done before: {tmp_path / 'run'}" in capsys.readouterr().err
    assert (tmp_path / "run" / "index.html").is_file()
