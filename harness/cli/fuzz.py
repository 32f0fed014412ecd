"""``captchaos fuzz``: search for failures that nobody listed, make each small, and keep it as a case."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TextIO

from harness.cli.interruption import end_on_sigterm
from harness.cli.run import new_folder
from harness.errors import ExitCode, HarnessError
from harness.explore.finding import Discovery
from harness.explore.kinds import HEALTHS, KINDS, Options, Outcome, demand_hypothesis
from harness.explore.recording import write_report
from harness.explore.telling import beside, summary, table, told
from harness.journal.search import FILE_NAME
from harness.report.text import one_line
from harness.target.loader import find_target, load_target
from harness.target.spec import Target

SECONDS = 60.0
# Said without loading every kind, and with them what each needs.
_KINDS = "what is drawn: tickets (default), answers, callbacks, behaviour or schedules"
_ERASE = "\r\x1b[2K"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = subparsers.add_parser(
        "fuzz",
        help="search for failures that nobody listed; each is made small, and kept as a case that pytest re-runs",
        description="Search a target for failures that nobody listed, make each small, and keep it for pytest to re-run.",
        epilog="Exit codes: 0 nothing found, 1 a failure, 2 nothing that is proven, 3 and 4 as `run`.",
    )
    parser.add_argument("kind", nargs="?", default="tickets", metavar="KIND", help=_KINDS)
    parser.add_argument("--target", metavar="TARGET", help="captchaos.toml or its folder (default: the shop)")
    parser.add_argument("--examples", type=_positive, metavar="N", help="end after N examples")
    parser.add_argument("--seconds", type=_seconds, metavar="S", help=f"end after S seconds (default: {SECONDS:g})")
    parser.add_argument("--seed", type=int, metavar="N", help="draw the same again (default: a new one, which is printed)")
    parser.add_argument(
        "--in", dest="healths", action="append", choices=HEALTHS, help="only while the provider is healthy, or in outages"
    )
    parser.add_argument("--flow", action="append", default=[], metavar="NAME", help="only this flow; may be given again")
    parser.add_argument("--cases", type=Path, metavar="DIR", help="where failures are kept (default: beside the target file)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write a report there: search.html and search.json")
    parser.add_argument("--toxiproxy", metavar="PATH|URL", help="a toxiproxy-server, or one that runs already")
    parser.add_argument("--browser", metavar="PATH", help="a Chromium")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Search, say what was found, and of what the examples were."""
    demand_hypothesis()
    kind = KINDS.get(args.kind)
    target = load_target(find_target(args.target))
    seed = secrets.randbits(32) if args.seed is None else args.seed
    outcome, teller = Outcome(), _Teller(sys.stderr, time.monotonic())
    out = None if args.out is None else new_folder(args.out, holding=FILE_NAME)
    teller.outcome = outcome
    options = Options(
        seconds=SECONDS if args.seconds is None and args.examples is None else args.seconds,
        examples=args.examples,
        seed=seed,
        healths=tuple(args.healths or HEALTHS),
        flows=tuple(args.flow),
        cases=args.cases,
        toxiproxy=args.toxiproxy,
        browser=args.browser,
        tell=teller.tell,
        found=teller.found,
    )
    report = _Report(out=out, target=target, kind=kind.name, options=options, outcome=outcome)
    teller.line(f"{one_line(target.name)}: {kind.title} · --seed {seed} draws the same again")
    end_on_sigterm()
    before = signal.signal(signal.SIGINT, teller.interrupt)
    interrupted = False
    try:
        kind.explore(target, options, outcome)
    except KeyboardInterrupt:
        interrupted = True
    except HarnessError:
        # What broke the laboratory takes nothing away from what was found before.
        teller.finish()
        _print([*(line for one in outcome.discoveries for line in told(one)), *report.written(whole=False)])
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    teller.finish()
    _print([*(line for one in outcome.discoveries for line in told(one)), *table(outcome), *beside(outcome)])
    _print(report.written(whole=not interrupted))
    _print([f"interrupted: {summary(outcome)}" if interrupted else summary(outcome)])
    return exit_code(outcome, whole=not interrupted)


def exit_code(outcome: Outcome, *, whole: bool) -> ExitCode:
    """A failure that comes every time decides; nothing tried, or not all of it, is never all right."""
    if any(found.repeatable for found in outcome.discoveries):
        return ExitCode.SOME_FAIL
    if outcome.discoveries or not whole or not outcome.examples or any(outcome.coverage.unproven()):
        return ExitCode.SOME_UNKNOWN
    return ExitCode.ALL_PASS


@dataclass(slots=True, kw_only=True)
class _Report:
    """Where a search is written down, if anywhere."""

    out: Path | None
    target: Target
    kind: str
    options: Options
    outcome: Outcome
    began_unix_s: float = field(default_factory=time.time)

    def written(self, *, whole: bool) -> list[str]:
        """Write it, and say where it is."""
        if self.out is None:
            return []
        page = write_report(
            self.out, self.target, self.kind, self.options, self.outcome, began_unix_s=self.began_unix_s, whole=whole
        )
        return [f"report: {page}"]


class _Teller:
    """Tells a stream what is under way: a line that changes on a terminal, and each failure as it is found."""

    def __init__(self, stream: TextIO, began_s: float) -> None:
        self._stream = stream
        self._began_s = began_s
        self._live = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.outcome = Outcome()
        self._interrupted = False

    def interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """Hear Ctrl-C; where it comes in a callback that swallows it, the next turn ends the search."""
        self._interrupted = True
        raise KeyboardInterrupt

    def tell(self, words: str) -> None:
        """Show what is under way, where a line can change."""
        if self._interrupted:
            raise KeyboardInterrupt
        if self._live:
            spent_s = time.monotonic() - self._began_s
            self._write(f"{_ERASE}{spent_s:.0f} s · {self.outcome.examples} examples · {one_line(words, 60)}")

    def found(self, found: Discovery) -> None:
        """Say at once what was found."""
        word = "found" if found.repeatable else "not repeatable:"
        spent_s = time.monotonic() - self._began_s
        what = f"{found.failure.rule} at {found.flow} ({found.health}), by {found.failure.cause}"
        self.line(f"{word} after {spent_s:.0f} s: {one_line(what)}")

    def line(self, words: str) -> None:
        """Say a line that stays."""
        self._write(f"{_ERASE if self._live else ''}{words}\n")

    def finish(self) -> None:
        """Take the changing line away."""
        if self._live:
            self._write(_ERASE)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _print(lines: list[str]) -> None:
    if lines:
        print("\n".join(lines))  # noqa: T201 - the command's product


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of examples: use 1 or more")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds: use more than 0")
    return seconds
