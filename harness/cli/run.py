"""``captchaos run``: the main job. Plan, run, judge, report."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.cli.interruption import end_on_sigterm, ended_by_itself
from harness.cli.plan import add_selection, chosen, show
from harness.cli.progress import Progress
from harness.engine.budget import Budget
from harness.engine.engine import open_engine
from harness.engine.options import Options
from harness.errors import ExitCode, HarnessError, UsageError
from harness.journal.model import Finding, Judgement, Scenario, Verdict
from harness.journal.reader import Journal, read_journal
from harness.journal.waivers import in_force
from harness.journal.writer import FILE_NAME
from harness.judge.verdict import judge_run
from harness.plan.build import Plan
from harness.plan.sampling import most_telling_first
from harness.plan.shards import Shard, seconds
from harness.report.build import build_report
from harness.report.diagnosed import diagnosis_lines
from harness.report.github import add_summary, annotation_lines
from harness.report.processes import process_lines
from harness.report.text import duration, one_line
from harness.report.waived import by_waiver_only, in_words, waiver_lines
from harness.target.spec import Target
from harness.target.toml_lines import flow_lines
from harness.target.unused import not_judged

MAX_LINES = 40
MOST_SORTS = 12


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = subparsers.add_parser(
        "run",
        help="run the scenarios of a target and write the report (the main job)",
        description="Run the scenarios of a target and write the report. Words may be repeated; different ones must all hold.",
        epilog=(
            "Exit codes: 0 all pass or are waived, 1 a fail, 2 none failed but some are unknown or the run was cut short, "
            "3 the command line or the target file is wrong, 4 the laboratory broke."
        ),
    )
    add_selection(parser)
    parser.add_argument("--jobs", type=positive, metavar="N", help="labs at once (default: as many as are worth it)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="kept with the run and its report")
    parser.add_argument("--shard", type=_shard, metavar="N/OF", help="only this part of the selection, such as 2/5")
    parser.add_argument(
        "--budget", type=_seconds, metavar="TIME", help="end within this time, such as 5m: what tells most comes first"
    )
    parser.add_argument("--real-time", action="store_true", help="never advance a page's clock")
    parser.add_argument("--dry-run", action="store_true", help="only list what would run")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the run lands (default: reports/<time>)")
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the report")
    parser.add_argument("--toxiproxy", metavar="PATH|URL", help="a toxiproxy-server, or one that runs already")
    parser.add_argument("--browser", metavar="PATH", help="a Chromium, or what --engine names: a Firefox, Playwright's WebKit")
    parser.add_argument("-q", "--quiet", action="store_true", help="say only what is not a pass")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Run what is selected; the exit code is that of the worst verdict (DESIGN.md, "The command")."""
    target, plan, scenarios = chosen(args)
    scenarios = _part(scenarios, args)
    for line in (*not_judged(target), *plan.left_out):
        print(f"note: {line}", file=sys.stderr)  # noqa: T201 - the command's own words
    if args.dry_run:
        show(scenarios, as_json=False)
        return ExitCode.ALL_PASS
    out = new_folder(args.out or Path("reports") / time.strftime("%Y%m%d-%H%M%S"))
    options = Options(
        out=out,
        jobs=args.jobs,
        seed=args.seed,
        real_time=args.real_time,
        toxiproxy=args.toxiproxy,
        browser=args.browser,
        browser_engine=args.engine,
        target_words=args.target or "",
        budget=Budget(args.budget),
        shard=str(args.shard or ""),
    )
    progress = Progress(sys.stderr, len(scenarios), quiet=args.quiet)
    end_on_sigterm()
    try:
        interrupted = not ended_by_itself(_run(target, plan, scenarios, options, progress))
    except HarnessError as error:
        raise type(error)(f"{error}{_kept(out, args.lang)}") from error
    finally:
        progress.finish()
    if interrupted and not _begun(out):
        _drop_empty(out)
        sys.stderr.write("interrupted before anything was recorded: there is nothing to report\n")
        return ExitCode.SOME_UNKNOWN
    journal, judgements, page = report_of(out, args.lang)
    if interrupted:
        print("interrupted: this is the report of what was done", file=sys.stderr)  # noqa: T201 - the command's own words
    said = [*summary(journal, judgements, page), *left_out(scenarios, journal)]
    said += annotation_lines(journal, judgements, file=target.file, lines=flow_lines(target.file), here=Path.cwd())
    print("\n".join(said))  # noqa: T201 - the command's product
    if problem := add_summary(out / "summary.md"):
        print(f"note: {problem}", file=sys.stderr)  # noqa: T201 - the command's own words
    return exit_code(judgements, whole=not interrupted and not missing(journal))


def _part(scenarios: tuple[Scenario, ...], args: argparse.Namespace) -> tuple[Scenario, ...]:
    """What of the selection is to be run, in which order, where it is not all of it."""
    if args.shard is None and args.budget is None:
        return scenarios
    in_order = most_telling_first(scenarios)
    part: tuple[Scenario, ...] = in_order if args.shard is None else args.shard.part(in_order)
    if not part:
        raise UsageError(f"the shard {args.shard} is empty: only {len(scenarios)} scenarios are selected")
    return part


def new_folder(out: Path, *, holding: str = FILE_NAME) -> Path:
    """Make a run's folder, which will be ``holding`` a file; raises UsageError where that is there, or none can be made."""
    # A journal that is a device holds no run: that it keeps nothing is said when it is written to.
    if (out / holding).is_file():
        raise UsageError(f"{out} holds a run already: choose another --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: the folder cannot be made ({error.strerror}): choose another") from error
    return out


async def _run(target: Target, plan: Plan, scenarios: tuple[Scenario, ...], options: Options, progress: Progress) -> None:
    asyncio.get_running_loop().set_exception_handler(_unhandled)
    async with open_engine(target, plan, options, progress) as engine:
        engine.begin(scenarios)
        progress.message(f"{len(scenarios)} scenarios on {target.name}, {engine.jobs} at once · {engine.parts}")
        await engine.finish()


def _unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Leave out what Playwright says when Ctrl-C, which reaches the whole process group, ended its driver first."""
    if "reading from the driver" not in str(context.get("exception")):
        loop.default_exception_handler(context)


def _begun(out: Path) -> bool:
    return (out / FILE_NAME).is_file() and (out / FILE_NAME).stat().st_size > 0


def _drop_empty(out: Path) -> None:
    for folder in (out / "data", out):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _kept(out: Path, lang: str) -> str:
    """Report what was done before the run broke, and say where; nothing where there is nothing or it cannot be written."""
    if not _begun(out):
        _drop_empty(out)
        return ""
    try:
        _, _, page = report_of(out, lang)
    except HarnessError as error:
        return f"\n{error}"
    return f"\nreport of what was done before: {page}"


def report_of(out: Path, lang: str) -> tuple[Journal, dict[str, Judgement], Path]:
    """Judge what a run's journal holds, and make its report."""
    journal = read_journal(out / FILE_NAME)
    judgements = judge_run(journal.records, waivers=in_force(journal.run))
    return journal, judgements, build_report(journal, judgements, out, lang=lang)


def missing(journal: Journal) -> int:
    """How many planned scenarios were not run, though nobody wanted them left out."""
    recorded = _recorded(journal)
    wanted_so = journal.run.budget_s and journal.ended and recorded
    return 0 if wanted_so else max(0, journal.run.planned - len(recorded))


def _recorded(journal: Journal) -> set[str]:
    return {record.scenario.id for record in journal.records if record.scenario.kind != "control"}


def left_out(scenarios: tuple[Scenario, ...], journal: Journal) -> list[str]:
    """Say what a budget has left out, and first of all what nothing was tried of."""
    if not journal.run.budget_s or not journal.ended:
        return []
    recorded = _recorded(journal)
    tried = Counter(_sort_of(scenario) for scenario in scenarios if scenario.id in recorded)
    rest = [scenario for scenario in scenarios if scenario.id not in recorded]
    if not rest:
        return [f"the budget of {duration(journal.run.budget_s * 1000)} was enough for all of it"]
    untried = sorted({_sort_of(scenario) for scenario in rest} - set(tried))
    more = f" and {len(untried) - MOST_SORTS} more" if len(untried) > MOST_SORTS else ""
    of = f"; not one was tried of {', '.join(untried[:MOST_SORTS])}{more}" if untried else "; of each sort one was tried"
    return [f"left out by the budget of {duration(journal.run.budget_s * 1000)}: {len(rest)} of {len(scenarios)} scenarios{of}"]


def _sort_of(scenario: Scenario) -> str:
    return f"{scenario.flow} {scenario.mode or scenario.kind}"


def summary(journal: Journal, judgements: Mapping[str, Judgement], page: Path) -> list[str]:
    """Say in a few lines what came out: counts, each kind of finding once with a scenario that has it, and the report."""
    controls = {record.scenario.id for record in journal.records if record.scenario.kind == "control"}
    lines = []
    findings: dict[str, list[tuple[str, Finding]]] = {}
    for scenario_id, judgement in judgements.items():
        for finding in judgement.findings if judgement.verdict is Verdict.FAIL else ():
            findings.setdefault(finding.oracle, []).append((scenario_id, finding))
    for oracle, hits in findings.items():
        scenario_id, finding = hits[0]
        lines.append(f"{oracle} ({finding.severity.value}), {len(hits)} ×, as in {scenario_id}:")
        lines.append(f"  expected {one_line(finding.expected)}; seen {one_line(finding.seen)}")
    for scenario_id, judgement in judgements.items():
        if judgement.verdict is Verdict.UNKNOWN:
            lines.append(f"unknown {scenario_id}: {one_line(judgement.unknown_because)}")
    counted = Counter(judgement.verdict for scenario_id, judgement in judgements.items() if scenario_id not in controls)
    words = in_words(counted)
    sick = [scenario_id for scenario_id in controls if judgements[scenario_id].verdict is not Verdict.PASS]
    health = f"controls not healthy: {', '.join(sorted(sick))}" if sick else "all controls healthy"
    absent = missing(journal)
    gap = [f"{absent} of {journal.run.planned} planned scenarios not run"] if absent else []
    waived = waiver_lines(journal.run, judgements)
    passed = by_waiver_only(judgements)
    last = [f"exit code 0, {passed}"] if passed and not absent else []
    why = diagnosis_lines(journal.records, judgements)
    shared = process_lines(journal.records)
    return [*lines[:MAX_LINES], *why, *waived, *shared, *gap, f"{words}; {health}", f"report: {page}", *last]


def exit_code(judgements: dict[str, Judgement], *, whole: bool) -> ExitCode:
    """The worst verdict decides, and waived counts as passed; a run cut short is never all-pass."""
    verdicts = {judgement.verdict for judgement in judgements.values()}
    if Verdict.FAIL in verdicts:
        return ExitCode.SOME_FAIL
    if Verdict.UNKNOWN in verdicts or not whole or not judgements:
        return ExitCode.SOME_UNKNOWN
    return ExitCode.ALL_PASS


def positive(text: str) -> int:
    """Read a number of laboratories from the command line."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of labs: use 1 or more")
    return int(text)


def _shard(text: str) -> Shard:
    try:
        return Shard.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _seconds(text: str) -> float:
    try:
        return seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
