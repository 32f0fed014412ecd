"""``captchaos run``: the main job. Plan, run, judge, report."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path

from harness.cli.plan import add_selection, chosen, show
from harness.cli.progress import Progress
from harness.engine.engine import Options, open_engine
from harness.errors import ExitCode, LaboratoryError
from harness.journal.model import Judgement, Scenario, Verdict
from harness.journal.reader import read_journal
from harness.journal.writer import FILE_NAME
from harness.judge.verdict import judge_run
from harness.plan.build import Plan
from harness.report.build import build_report
from harness.target.spec import Target


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("run", help="run the scenarios of a target and write the report (the main job)")
    add_selection(parser)
    parser.add_argument("--jobs", type=_positive, metavar="N", help="labs at once (default: four per core)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="kept with the run and its report")
    parser.add_argument("--real-time", action="store_true", help="never advance a page's clock")
    parser.add_argument("--dry-run", action="store_true", help="only list what would run")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the run lands (default: reports/<time>)")
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the report")
    parser.add_argument("--toxiproxy", metavar="PATH|URL", help="a toxiproxy-server, or one that runs already")
    parser.add_argument("--browser", metavar="PATH", help="a Chromium")
    parser.add_argument("-q", "--quiet", action="store_true", help="say only what is not a pass")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Run what is selected; the exit code is that of the worst verdict (DESIGN.md, "The command")."""
    target, plan, scenarios = chosen(args)
    if args.dry_run:
        show(scenarios, as_json=False)
        return ExitCode.ALL_PASS
    out: Path = args.out or Path("reports") / time.strftime("%Y%m%d-%H%M%S")
    if (out / FILE_NAME).exists():
        raise LaboratoryError(f"{out} holds a run already: choose another --out")
    options = Options(
        out=out,
        jobs=args.jobs,
        seed=args.seed,
        real_time=args.real_time,
        toxiproxy=args.toxiproxy,
        browser=args.browser,
        target_words=args.target or "",
    )
    progress = Progress(sys.stderr, len(scenarios), quiet=args.quiet)
    interrupted = False
    try:
        asyncio.run(_run(target, plan, scenarios, options, progress))
    except KeyboardInterrupt:
        interrupted = True
    finally:
        progress.finish()
    judgements, page = _report(out, args.lang)
    _summary(judgements, page, interrupted=interrupted)
    return exit_code(judgements, whole=not interrupted)


async def _run(target: Target, plan: Plan, scenarios: tuple[Scenario, ...], options: Options, progress: Progress) -> None:
    async with open_engine(target, plan, options, progress) as engine:
        progress.message(f"{len(scenarios)} scenarios on {target.name}, {engine.jobs} at once · {engine.parts}")
        engine.begin(scenarios)
        await engine.finish()


def _report(out: Path, lang: str) -> tuple[dict[str, Judgement], Path]:
    journal = read_journal(out / FILE_NAME)
    judgements = judge_run(journal.records)
    return judgements, build_report(journal, judgements, out, lang=lang)


def _summary(judgements: dict[str, Judgement], page: Path, *, interrupted: bool) -> None:
    counted = {verdict: sum(j.verdict is verdict for j in judgements.values()) for verdict in Verdict}
    words = ", ".join(f"{count} {verdict.value}" for verdict, count in counted.items())
    if interrupted:
        print("interrupted: this is the report of what was done", file=sys.stderr)  # noqa: T201 - the command's own words
    print(f"{words}\nreport: {page}")  # noqa: T201 - the command's product


def exit_code(judgements: dict[str, Judgement], *, whole: bool) -> ExitCode:
    """The worst verdict decides; a run cut short is never all-pass."""
    verdicts = {judgement.verdict for judgement in judgements.values()}
    if Verdict.FAIL in verdicts:
        return ExitCode.SOME_FAIL
    if Verdict.UNKNOWN in verdicts or not whole or not judgements:
        return ExitCode.SOME_UNKNOWN
    return ExitCode.ALL_PASS


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of labs: use 1 or more")
    return number
