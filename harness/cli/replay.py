"""``captchaos replay``: run one recorded scenario, or a case that a search has kept, again; ``--minimise`` makes it small."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from pathlib import Path

from harness.cli.interruption import end_on_sigterm, ended_by_itself
from harness.cli.report import find_run
from harness.cli.run import new_folder
from harness.engine.options import Options
from harness.errors import ExitCode, UsageError
from harness.explore import cases
from harness.explore import kinds as searches
from harness.explore.replaying import Again, Minimised, Recorded, minimise, recorded, repeat, what_stays
from harness.journal.model import Judgement, Verdict
from harness.journal.reader import read_journal
from harness.journal.waivers import in_force
from harness.journal.writer import FILE_NAME
from harness.judge.verdict import judge_run
from harness.report.build import build_report
from harness.report.text import one_line


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = subparsers.add_parser(
        "replay",
        help="run one recorded scenario, or a kept case, again; --minimise makes its faults fewer and shorter",
        description="Run one scenario of a recorded run again, exactly, and say whether the verdict is the same.",
        epilog=(
            "Exit codes: 0 the same verdict each time (a case: it fails no more; --minimise: it was made small), 1 another one "
            "each time (a case: it still fails), 2 sometimes the same, not judged, not repeatable, or interrupted, 3 a word or "
            "the target file is wrong, or lacks what the scenario needs, 4 the lab broke, or the journal is of another schema."
        ),
    )
    parser.add_argument("what", metavar="RUN|CASE", help="a run's folder or its id, or a *.case.json")
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help="the id of a scenario of that run")
    parser.add_argument("--times", type=_times, default=1, metavar="N", help="so often, each on a fresh target (default: 1)")
    parser.add_argument("--minimise", action="store_true", help="find the fewest, shortest faults that still fail")
    parser.add_argument("--target", metavar="TARGET", help="the target file or its folder, where it is not where it was")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where this run lands (default: reports/<time>-replay)")
    parser.add_argument("--toxiproxy", metavar="PATH|URL", help="a toxiproxy-server, or one that runs already")
    parser.add_argument("--browser", metavar="PATH", help="a Chromium")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Repeat it, and say what came of it."""
    if args.what.endswith(cases.ENDING):
        return _case(args)
    folder = find_run(args.what)
    if args.scenario is None:
        ids = [record.scenario.id for record in read_journal(folder / FILE_NAME).records if record.scenario.kind != "control"]
        named = f", such as {ids[0]}" if ids else ""
        raise UsageError(f"say which scenario of {folder} is to be run again{named}")
    known = recorded(folder, args.scenario, target=args.target)
    if args.minimise:
        what_stays(known)
    out = new_folder(args.out or Path("reports") / time.strftime("%Y%m%d-%H%M%S-replay"))
    options = Options(out=out, jobs=1, toxiproxy=args.toxiproxy, browser=args.browser)
    if known.drifted:
        _note("note: this captchaos, or the target file as it is now, plans it otherwise: what is run is what was recorded")
    _note(f"recorded: {_words(known.judgement)}")
    end_on_sigterm()
    return _minimise(known, options) if args.minimise else _repeat(known, options, args.times)


def _repeat(known: Recorded, options: Options, times: int) -> ExitCode:
    done: list[Again] = []

    def tell(number: int, again: Again) -> None:
        done.append(again)
        judged = again.judgement.verdict is not Verdict.UNKNOWN
        word = "the same" if again.same else "not the same" if judged else "not judged"
        _note(f"{number}/{times} {word}: {_words(again.judgement)} ({again.real_ms / 1000:.1f} s)")

    async def work() -> None:
        await repeat(known, options, times=times, tell=tell)

    whole = ended_by_itself(work())
    same = sum(again.same for again in done)
    if done:
        _say(f"the same verdict in {same} of {len(done)}: {known.scenario.id}, {known.judgement.verdict}")
        _say(f"report: {_report(options.out)}")
    if not whole or not done:
        _note("interrupted")
        return ExitCode.SOME_UNKNOWN
    if any(again.judgement.verdict is Verdict.UNKNOWN for again in done):
        return ExitCode.SOME_UNKNOWN
    return ExitCode.ALL_PASS if same == times else ExitCode.SOME_UNKNOWN if same else ExitCode.SOME_FAIL


def _minimise(known: Recorded, options: Options) -> ExitCode:
    ended: list[Minimised] = []

    def tell(schedule: str, fails: bool) -> None:
        _note(f"{'fails' if fails else 'does not fail'}: {one_line(schedule)}")

    async def work() -> None:
        ended.append(await minimise(known, options, tell=tell))

    if not ended_by_itself(work()) or not ended:
        _note("interrupted: what still fails stands above")
        return ExitCode.SOME_UNKNOWN
    small = ended[0]
    if small.scenario is None:
        _say(f"not repeatable: {small.finding} came in 0 of {small.trials} tries")
        return ExitCode.SOME_UNKNOWN
    after = small.scenario.strokes
    _say(f"{small.finding} still, after {small.trials} trials: {len(small.before)} faults before, {len(after)} now")
    _say(f"  before: {small.before}")
    _say(f"  now:    {after}")
    _report(options.out)
    _say(f"again: captchaos replay {shlex.quote(str(options.out))} {shlex.quote(small.scenario.id)}")
    return ExitCode.ALL_PASS


def _case(args: argparse.Namespace) -> ExitCode:
    if args.scenario is not None or args.minimise or args.target or args.out:
        raise UsageError("a case is small and complete: beside its file `captchaos replay` takes --times alone")
    case = cases.load(Path(args.what))
    end_on_sigterm()
    options = searches.Options(toxiproxy=args.toxiproxy, browser=args.browser, tell=_note)
    came = cases.rerun(case, times=args.times, options=options)
    _say(f"{one_line(case.finding.rule, 80)} ({one_line(case.finding.cause, 80)}) came in {came.seen} of {came.of}")
    for failure in dict.fromkeys(came.failures):
        _say(f"  expected {one_line(failure.expected)}; seen {one_line(failure.seen)}")
    for why in dict.fromkeys(came.because):
        _say(f"  not judged: {one_line(why)}")
    if not came.repeatable:
        return ExitCode.SOME_UNKNOWN
    return ExitCode.SOME_FAIL if came.seen else ExitCode.ALL_PASS


def _words(judgement: Judgement) -> str:
    """A verdict and what it rests on, in one line."""
    oracles = dict.fromkeys(finding.oracle for finding in judgement.findings)
    because = ", ".join(oracles) or one_line(judgement.unknown_because)
    return f"{judgement.verdict}{f' ({because})' if because else ''}"


def _report(out: Path) -> Path:
    journal = read_journal(out / FILE_NAME)
    return build_report(journal, judge_run(journal.records, waivers=in_force(journal.run)), out)


def _say(line: str) -> None:
    print(line)  # noqa: T201 - the command's product


def _note(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - the command's own words


def _times(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of times: use 1 to 1000")
    return int(text)
