"""What a run says to GitHub Actions; what targets and pages have said is not obeyed there."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.report.build import build_report
from harness.report.github import add_summary, annotation_lines
from harness.report.text import no_commands
from suites.selftest.report.samples import hostile, realistic

LINES = {"login": 38, "checkout": 52}


@pytest.fixture
def in_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")


def test_outside_of_actions_nothing_is_said_and_nothing_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert annotation_lines(*realistic(), file=tmp_path / "captchaos.toml", lines=LINES, here=tmp_path) == []
    assert no_commands("::error::x") == "::error::x"
    assert add_summary(tmp_path / "nowhere.md") == ""


@pytest.mark.usefixtures("in_actions")
def test_each_kind_of_finding_is_an_error_at_its_flow_and_each_unknown_a_warning(tmp_path: Path) -> None:
    journal, judgements = realistic()
    said = annotation_lines(journal, judgements, file=tmp_path / "app" / "captchaos.toml", lines=LINES, here=tmp_path)
    failed = {record.scenario.flow for record in journal.records if judgements[record.scenario.id].findings}
    errors = [line for line in said if line.startswith("::error ")]
    assert {int(line.partition(",line=")[2].partition(",")[0]) for line in errors} == {LINES[flow] for flow in failed}
    assert all(line.startswith("::error file=app/captchaos.toml,line=") and "Mend%3A" not in line for line in errors)
    assert all("seen" in line and "Mend: " in line for line in errors)
    assert [line for line in said if line.startswith("::warning ")]


@pytest.mark.usefixtures("in_actions")
def test_a_target_file_outside_of_the_checkout_is_not_named(tmp_path: Path) -> None:
    said = annotation_lines(*realistic(), file=tmp_path / "captchaos.toml", lines=LINES, here=tmp_path / "checkout")
    assert said
    assert not any("file=" in line for line in said)


@pytest.mark.usefixtures("in_actions")
@pytest.mark.parametrize(
    "text", ["::error::got you", "first\n  ::add-mask::secret", "x ##[command]rm", "a%0A::error::b\r\n::set-output name=x::y"]
)
def test_what_a_target_says_commands_nothing(text: str, tmp_path: Path) -> None:
    """By the runner's own rules: a line that begins with ``::`` once white space is gone, and ``##[`` wherever it stands."""
    lines = no_commands(text).splitlines()
    assert not any(line.strip().startswith("::") or "##[" in line for line in lines)
    said = annotation_lines(*hostile(text=text), file=tmp_path / "captchaos.toml", lines={}, here=tmp_path)
    assert said
    for line in said:
        assert line.startswith(("::error file=captchaos.toml,line=1,title=", "::warning file=captchaos.toml,line=1,title="))
        title, message = line.split("title=", 1)[1].split("::", 1)
        assert not set(title) & set(":,\r\n")
        assert not set(message) & set("\r\n")
        assert "%0A::" not in message or "%250A::" in message


def test_the_jobs_summary_gets_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is added to what other steps have written; where that is impossible, a sentence says so."""
    job = tmp_path / "job.md"
    job.write_text("of another step\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(job))
    build_report(*realistic(), tmp_path / "run")
    assert add_summary(tmp_path / "run" / "summary.md") == ""
    assert job.read_text() == "of another step\n" + (tmp_path / "run" / "summary.md").read_text() + "\n"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "folder.md"))
    assert "cannot be written: No such file or directory" in add_summary(tmp_path / "run" / "summary.md")
