"""The end of a session: one journal, one report, and the lines of the terminal that say where it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.journal.model import Judgement, Verdict
from harness.journal.reader import Journal, read_journal
from harness.journal.waivers import in_force
from harness.journal.writer import FILE_NAME
from harness.judge.verdict import judge_run
from harness.pytest_plugin.merge import merge
from harness.pytest_plugin.places import WORKERS, target_of
from harness.pytest_plugin.session import Run, changed_minds, counted
from harness.report.build import build_report
from harness.report.diagnosed import diagnosis_lines
from harness.report.github import add_summary, annotation_lines
from harness.report.processes import process_lines
from harness.report.text import duration, no_commands
from harness.report.waived import by_waiver_only, waiver_lines
from harness.target.loader import find_target
from harness.target.toml_lines import flow_lines

OUTPUT = "captchaos"


def close_one_process(session: pytest.Session, run: Run) -> list[str]:
    """Close the run of a session without workers, report, and return the lines of the summary."""
    run.close(abort=session.exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR))
    troubles = [str(run.error)] if run.error is not None else []
    return _end(session, run.out, run.handed, troubles) if run.started else []


def close_worker(session: pytest.Session, run: Run, output: dict[str, object]) -> None:
    """Close a worker's run; what the controller must know goes with the worker's goodbye."""
    # A stopped session's controller waits ten seconds for its workers, no longer.
    run.close(abort=bool(session.shouldfail or session.shouldstop) or session.exitstatus == pytest.ExitCode.INTERRUPTED)
    output[OUTPUT] = {
        "handed": {scenario_id: verdict.value for scenario_id, verdict in run.handed.items()},
        "planned": run.planned,
        "error": str(run.error) if run.error is not None else "",
    }


def close_controller(session: pytest.Session, out: Path, outputs: list[Mapping[str, object]]) -> list[str]:
    """Make one journal and one report of what the workers recorded; without any, nothing is done."""
    if not (out / WORKERS).is_dir():
        return []
    handed: dict[str, Verdict] = {}
    troubles: list[str] = []
    planned = 0
    for output in outputs:
        said = output["handed"]
        assert isinstance(said, dict)
        handed |= {scenario_id: Verdict(word) for scenario_id, word in said.items()}
        planned = max(planned, int(str(output["planned"])))
        troubles += [str(output["error"])] if output["error"] else []
    try:
        troubles += merge(out, planned=planned)
    except HarnessError as broken:
        troubles.append(str(broken))
    return _end(session, out, handed, list(dict.fromkeys(troubles)))


def _end(session: pytest.Session, out: Path, handed: Mapping[str, Verdict], troubles: list[str]) -> list[str]:
    lines = [f"the laboratory broke: {trouble}" for trouble in troubles]
    if (out / FILE_NAME).is_file():
        try:
            journal = read_journal(out / FILE_NAME)
            final = judge_run(journal.records, waivers=in_force(journal.run))
            taken_back = changed_minds(handed, final)
            page = build_report(journal, final, out)
            lines += [*taken_back, *map(no_commands, diagnosis_lines(journal.records, final))]
            lines += [*waiver_lines(journal.run, final), counted(journal.records, final), f"report: {page}"]
            lines += [passed] if (passed := by_waiver_only(final)) else []
            lines += [*process_lines(journal.records), *map(no_commands, journal.run.untold)]
            if left_out := _left_out(journal):
                lines.append(left_out)
                # Nothing that was tried is nothing that passed.
                troubles = [*troubles, left_out] if not _ran(journal) else troubles
            lines += _told_to_actions(session.config, journal, final, out)
            troubles = [*troubles, *taken_back]
        except HarnessError as broken:
            lines.append(str(broken))
            troubles = [*troubles, str(broken)]
    if troubles and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return lines


def _left_out(journal: Journal) -> str:
    run = journal.run
    left = run.planned - _ran(journal) if run.budget_s else 0
    return f"left out by the budget of {duration(run.budget_s * 1000)}: {left} of {run.planned} scenarios" if left > 0 else ""


def _ran(journal: Journal) -> int:
    return len({record.scenario.id for record in journal.records if record.scenario.kind != "control"})


def _told_to_actions(config: pytest.Config, journal: Journal, final: Mapping[str, Judgement], out: Path) -> list[str]:
    """Annotate the target file and add to the job's summary, in GitHub Actions; elsewhere nothing is said."""
    file = find_target(str(named) if (named := target_of(config)) else None)
    said = annotation_lines(journal, final, file=file, lines=flow_lines(file), here=config.rootpath)
    problem = add_summary(out / "summary.md")
    return [*said, problem] if problem else said
