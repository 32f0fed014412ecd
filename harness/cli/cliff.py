"""``captchaos cliff``: how slow, thin or lossy a link may get before a flow degrades, and before it breaks."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cli.interruption import end_on_sigterm, ended_by_itself
from harness.errors import ExitCode, HarnessError, UsageError
from harness.explore.cliff.kinds import KINDS, Task, tasks
from harness.explore.cliff.run import Options, Progress, UnhealthyError, search_cliffs
from harness.journal.cliff import FILE_NAME, CliffRun, latest, read_cliffs, write_cliffs
from harness.journal.model import Verdict
from harness.plan.build import Plan, make_plan
from harness.report.cliff_page import write_page
from harness.report.cliff_words import rows, sentence, table, unlike
from harness.report.text import one_line
from harness.target.loader import find_target, load_target
from harness.target.spec import Target

REPORTS = Path("reports")
MOST_SAID = 800


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = subparsers.add_parser(
        "cliff",
        help="find how slow, thin or lossy a link may get before a flow falls back, and before it breaks",
        description="Find how slow, thin or lossy each link may get before a flow falls back, and before nothing is completed.",
        epilog=(
            "Exit codes: 0 every search has an answer, 1 a control fails, 2 an answer or a control is unknown, or it was cut "
            "short, 3 the command line or a file is wrong, 4 the laboratory broke."
        ),
    )
    parser.add_argument("target", nargs="?", metavar="TARGET", help="captchaos.toml or its folder (default: the shop)")
    for word, what in (("flow", "flow"), ("link", "network edge"), ("kind", f"kind: {', '.join(KINDS)}")):
        parser.add_argument(f"--{word}", action="append", default=[], metavar=word.upper(), help=f"only this {what}")
    parser.add_argument("--against", type=Path, metavar="FILE", help=f"the {FILE_NAME} to compare with (default: the last one)")
    parser.add_argument("--repeats", type=_count, default=3, metavar="N", help="looks at either side of an edge (default: 3)")
    parser.add_argument("--patience", type=_count, default=60, metavar="S", help="longer is not completed (default: 60 s)")
    parser.add_argument("--jobs", type=_count, default=1, metavar="N", help="searches at once (default: 1)")
    parser.add_argument("--real-time", action="store_true", help="never advance a page's clock")
    parser.add_argument("--dry-run", action="store_true", help="only list what would be searched")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the result lands (default: reports/<time>)")
    parser.add_argument("--toxiproxy", metavar="PATH|URL", help="a toxiproxy-server, or one that runs already")
    parser.add_argument("--browser", metavar="PATH", help="a Chromium")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Search what is selected, and say what was found."""
    target = load_target(find_target(args.target))
    plan = make_plan(target)
    chosen = tasks(target, plan, flows=args.flow, links=args.link, kinds=args.kind)
    if args.dry_run:
        _print([*(task.name for task in chosen), f"{len(chosen)} searches"])
        return ExitCode.ALL_PASS
    last = _last(args.against, target, args.patience)
    out = _folder(args.out or REPORTS / time.strftime("%Y%m%d-%H%M%S"))
    _say(f"{len(chosen)} searches on {target.name}, {min(args.jobs, len(chosen))} at once")
    end_on_sigterm()
    return _search(target, plan, chosen, _options(args), _Desk(out=out, last=last))


@dataclass(slots=True, kw_only=True)
class _Desk:
    """Where what is found is written down as it comes, so that nothing is lost when the search is cut short."""

    out: Path
    last: tuple[Path, CliffRun] | None
    found: CliffRun | None = None

    def take(self, found: CliffRun) -> None:
        known = {cliff.key for cliff in self.found.cliffs} if self.found else set()
        for cliff in found.cliffs:
            if cliff.key not in known:
                _say(f"{sentence(cliff)} · {len(cliff.looks)} looks, {cliff.took_s:.0f} s")
        self.found = found
        write_cliffs(found, self.out / FILE_NAME)


def _search(target: Target, plan: Plan, chosen: Sequence[Task], options: Options, desk: _Desk) -> ExitCode:
    try:
        whole = ended_by_itself(search_cliffs(target, plan, chosen, options, Progress(said=_say, found=desk.take)))
    except UnhealthyError as unhealthy:
        _report(desk)
        _say(one_line(str(unhealthy), MOST_SAID))
        return ExitCode.SOME_FAIL if unhealthy.verdict is Verdict.FAIL else ExitCode.SOME_UNKNOWN
    except HarnessError:
        _report(desk)
        raise
    if not whole:
        _say("interrupted: this is what was found before" if desk.found else "interrupted before any search had ended")
    _report(desk)
    told = desk.found is not None and all(cliff.told for cliff in desk.found.cliffs)
    return ExitCode.ALL_PASS if whole and told else ExitCode.SOME_UNKNOWN


def _report(desk: _Desk) -> None:
    if desk.found is None:
        if not any(desk.out.iterdir()):
            desk.out.rmdir()
        return
    before = desk.last[1] if desk.last else None
    found = rows(desk.found, before)
    against = [_compared(desk.found, *desk.last)] if desk.last else []
    _print([*table(found), *against, f"report: {write_page(desk.found, before, desk.out)}"])


def _compared(found: CliffRun, file: Path, before: CliffRun) -> str:
    why = unlike(found, before)
    return f"not compared: {file} {why}" if why else f"compared with {file}"


def _options(args: argparse.Namespace) -> Options:
    return Options(
        repeats=args.repeats,
        patience_s=args.patience,
        jobs=args.jobs,
        real_time=args.real_time,
        toxiproxy=args.toxiproxy,
        browser=args.browser,
    )


def _last(against: Path | None, target: Target, patience_s: int) -> tuple[Path, CliffRun] | None:
    if against is None:
        return latest(REPORTS.glob(f"*/{FILE_NAME}"), target.name, patience_s)
    file = against / FILE_NAME if against.is_dir() else against
    return file, read_cliffs(file)


def _folder(out: Path) -> Path:
    if (out / FILE_NAME).exists():
        raise UsageError(f"{out} holds a {FILE_NAME} already: choose another --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: the folder cannot be made ({error.strerror}): choose another") from error
    return out


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def _print(lines: Sequence[str]) -> None:
    print("\n".join(lines))  # noqa: T201 - the verb's product


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
