"""``captchaos report merge``: the shards of a selection become one run, judged as if it had been one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import ExitCode, UsageError
from harness.journal.model import Record
from harness.journal.reader import read_journal
from harness.journal.writer import JournalWriter
from harness.judge.verdict import judge_run
from suites.selftest.report.samples import realistic, write_png
from suites.selftest.report.test_report_command import command


@pytest.fixture
def shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Write one shard of a sample run into a folder, and name it."""
    monkeypatch.chdir(tmp_path)
    journal, _ = realistic()

    def write(name: str, records: Sequence[Record], *, ended: bool = True, **head: object) -> str:
        with JournalWriter(tmp_path / name / "journal.jsonl") as writer:
            writer.run(replace(journal.run, **{"planned": _scenarios(records), "shard": name, **head}))  # type: ignore[arg-type]
            for record in records:
                writer.record(record)
            if ended:
                writer.end()
        (tmp_path / name / "data").mkdir()
        write_png(tmp_path / name / "data" / f"of-{name[0]}.png")
        return name

    return write


def _scenarios(records: Sequence[Record]) -> int:
    return len({record.scenario.id for record in records if record.scenario.kind != "control"})


def halves() -> tuple[list[Record], list[Record]]:
    """The records of a sample run in two parts, each with the controls, as two machines would have them."""
    records = realistic()[0].records
    ids = sorted({record.scenario.id for record in records if record.scenario.kind != "control"})
    first = set(ids[: len(ids) // 2])
    controls = [record for record in records if record.scenario.kind == "control"]
    of_first = [record for record in records if record.scenario.id in first]
    others = [record for record in records if record.scenario.kind != "control" and record.scenario.id not in first]
    return [*controls, *of_first], [*controls, *others]


def test_two_shards_are_the_whole_run(shard: Callable[..., str], tmp_path: Path) -> None:
    """The verdicts of the run that was never parted, slots that are told apart, and every screenshot."""
    one, other = halves()
    code = command("merge", shard("1/2", one), shard("2/2", other), "--out", "whole")
    merged = read_journal(tmp_path / "whole" / "journal.jsonl")
    unparted = judge_run(realistic()[0].records)
    told, due = ({id_: said.verdict for id_, said in these.items()} for these in (merged.judgements, unparted))
    assert told == due
    assert (merged.ended, merged.run.planned, merged.run.shard) == (True, _scenarios(realistic()[0].records), "")
    assert len({record.slot for record in merged.records}) == 2 * len({record.slot for record in realistic()[0].records})
    assert {file.name for file in (tmp_path / "whole" / "data").glob("of-*.png")} == {"of-1.png", "of-2.png"}
    # The sample's controls failed; of the whole run that would have been the end, too.
    assert code is ExitCode.SOME_FAIL


def test_a_shard_that_is_missing_is_named_and_the_whole_is_no_pass(
    shard: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = command("merge", shard("1/3", halves()[0]), shard("3/3", halves()[1]), "--out", "whole")
    assert "note: the shard 2/3 is missing" in capsys.readouterr().err
    assert code in (ExitCode.SOME_FAIL, ExitCode.SOME_UNKNOWN)
    assert not read_journal(tmp_path / "whole" / "journal.jsonl").ended
    # Nobody knows how many scenarios the missing one had.
    said = (tmp_path / "whole" / "summary.md").read_text(encoding="utf-8")
    assert "The run was cut short, or parts of it are missing." in said
    assert "0 planned scenarios" not in said


def test_a_run_that_was_cut_short_is_said(shard: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    command("merge", shard("1/2", halves()[0]), shard("2/2", halves()[1], ended=False), "--out", "whole")
    assert "note: the run 2/2 was cut short" in capsys.readouterr().err


def test_what_does_not_go_together_is_refused(shard: Callable[..., str]) -> None:
    """Two targets; and a scenario that two runs have: the later would hide what the earlier found."""
    one, other = halves()
    first = shard("1/2", one)
    with pytest.raises(UsageError, match="was made of the target shop and 2/2 of the target till"):
        command("merge", first, shard("2/2", other, target="till"), "--out", "whole")
    with pytest.raises(UsageError, match="was run both in 1/2 and in again: merge runs that have no scenario in common"):
        command("merge", first, shard("again", one, shard=""), "--out", "whole")


def test_a_folder_that_holds_a_run_is_not_written_over(shard: Callable[..., str]) -> None:
    first = shard("1/1", halves()[0])
    with pytest.raises(UsageError, match="holds a run already"):
        command("merge", first, "--out", first)
