"""``captchaos report build|merge|open``: make a report again from its journal, or one of several runs, or look at it."""

from __future__ import annotations

import argparse
import os
import sys
import webbrowser
from collections.abc import Mapping
from pathlib import Path

from harness.errors import ExitCode, UsageError, closest
from harness.journal.model import Judgement
from harness.journal.reader import Journal, read_journal
from harness.journal.waivers import in_force
from harness.journal.writer import FILE_NAME
from harness.report.build import build_report
from harness.report.github import add_summary
from harness.report.text import one_line
from harness.report.words import LANGUAGES

RUNS = Path("reports")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``report`` and its verbs to the command."""
    parser = subparsers.add_parser("report", help="make a run's report again from its journal, or open it")
    verbs = parser.add_subparsers(dest="report_verb", required=True, metavar="VERB")
    build = verbs.add_parser("build", help="make results.json, junit.xml, summary.md and index.html from a run's journal")
    build.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the report (default: en)")
    look = verbs.add_parser("open", help="print where a run's report is, and show it where there is a display")
    several = verbs.add_parser("merge", help="make one run of several, such as the shards of a selection, and its report")
    several.add_argument("run_dirs", metavar="RUN_DIR", nargs="+", help="a run's folder, or its id")
    several.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the whole lands: a folder without a run")
    several.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the report (default: en)")
    for verb in (build, look):
        verb.add_argument("run_dir", metavar="RUN_DIR", help="a run's folder, or its id")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Do what ``report`` was asked for; raises :class:`UsageError` with the closest match for an unknown run."""
    if args.report_verb == "merge":
        return _merge(args)
    folder = find_run(args.run_dir)
    if args.report_verb == "build":
        journal = read_journal(folder / FILE_NAME)
        index = build_report(journal, _judgements(journal), folder, lang=args.lang)
    else:
        index = folder / "index.html"
        if not index.is_file():
            raise UsageError(f"the run {folder} has no report yet: `captchaos report build {folder}` makes it")
        _show(index)
    sys.stdout.write(f"{index}\n")
    return ExitCode.ALL_PASS


def _merge(args: argparse.Namespace) -> ExitCode:
    """Merge, report, and end as the whole run would have ended."""
    from harness.cli import run as whole_run  # what a run says at its end; it needs the engine, which a report does not
    from harness.cli.merging import merge_runs

    folders = tuple(dict.fromkeys(find_run(named) for named in args.run_dirs))
    missing = merge_runs(folders, whole_run.new_folder(args.out))
    journal, judgements, page = whole_run.report_of(args.out, args.lang)
    problem = add_summary(args.out / "summary.md")
    for sentence in (*missing, *([problem] if problem else [])):
        sys.stderr.write(f"note: {one_line(sentence, 400)}\n")
    sys.stdout.write("\n".join(whole_run.summary(journal, judgements, page)) + "\n")
    return whole_run.exit_code(judgements, whole=not missing and not whole_run.missing(journal))


def find_run(named: str, *, runs: Path = RUNS) -> Path:
    """The folder of a run, given as path or as an id under ``runs``."""
    for folder in (Path(named), runs / named):
        if (folder / FILE_NAME).is_file():
            return folder
    known = [entry.parent.name for entry in runs.glob(f"*/{FILE_NAME}")]
    raise UsageError(f"no run with a {FILE_NAME} is at {named!r} or at {str(runs / named)!r}{closest(Path(named).name, known)}")


def _judgements(journal: Journal) -> Mapping[str, Judgement]:
    """The recorded judgements; what a killed run left unjudged is judged now, from the same evidence."""
    if all(record.scenario.id in journal.judgements for record in journal.records):
        return journal.judgements
    from harness.judge import judge_run  # reports know the journal alone; only this command may ask the judge

    return {**judge_run(journal.records, waivers=in_force(journal.run)), **journal.judgements}


def _show(index: Path) -> None:
    if sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(index.resolve().as_uri())
