"""``captchaos zoo``: run the shops with one known bug each, and say which was killed by what."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import harness
from harness.cli.interruption import end_on_sigterm, ended_by_itself
from harness.cli.progress import Progress
from harness.cli.run import positive
from harness.engine.ground import open_ground
from harness.errors import ExitCode, UsageError, closest
from harness.journal.model import Verdict
from harness.target.problems import display
from harness.zoo.animals import Animal, load_animals, load_pairs, zoo_folder
from harness.zoo.materialise import materialise
from harness.zoo.outcome import Fate, Outcome
from harness.zoo.run import Planned, plan_animal, run_animals
from harness.zoo.table import table

FILE_NAME = "zoo.json"
LABS_PER_CORE = 3


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = subparsers.add_parser(
        "zoo",
        help="run the shops with known bugs, and say which was killed by what",
        description="Run the reference shop with one known bug each, and print which animal was killed by which finding.",
        epilog=(
            "Exit codes: 0 all killed by the findings that their files name, 1 one survived or was killed by another finding, "
            "2 of one nothing can be said or the run was cut short, 3 a word or an animal's file is wrong, "
            "4 the laboratory broke."
        ),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="these animals, or the pairs that have them (default: all)")
    parser.add_argument("--jobs", type=positive, metavar="N", help=f"labs at once (default: {LABS_PER_CORE} per core)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the runs land (default: reports/zoo-<time>)")
    parser.add_argument("--whole", action="store_true", help="the whole plan of each animal's flows: takes hours")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the animals there, as targets for `captchaos run`")
    parser.add_argument("--pairs", action="store_true", help="the pairs of bugs instead: both must be found")
    parser.add_argument("--toxiproxy", metavar="PATH|URL", help="a toxiproxy-server, or one that runs already")
    parser.add_argument("--browser", metavar="PATH", help="a Chromium")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Run what is named, print the table, write zoo.json; the exit code is that of the worst fate."""
    animals = _chosen(args)
    out = _new_folder(args.out or Path("reports") / time.strftime("zoo-%Y%m%d-%H%M%S"))
    if args.keep:
        for animal in animals:
            print(f"kept: {display(materialise(animal, args.keep))}", file=sys.stderr)  # noqa: T201 - the command's own words
    end_on_sigterm()
    visit = _Visit(animals=animals, out=out, whole=args.whole, jobs=args.jobs or LABS_PER_CORE * (os.cpu_count() or 1))
    if not ended_by_itself(visit.go(args.toxiproxy, args.browser)):
        print("interrupted: this is what was done", file=sys.stderr)  # noqa: T201 - the command's own words
    outcomes = visit.in_order()
    file = out / FILE_NAME
    file.write_text(json.dumps(_as_json(visit, outcomes), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n".join([*table(outcomes), _summary(outcomes, len(animals)), f"report: {file}"]))  # noqa: T201 - the product
    return exit_code(outcomes, whole=len(outcomes) == len(animals))


@dataclass(slots=True, kw_only=True)
class _Visit:
    """One run over the zoo, and what it knows so far."""

    animals: tuple[Animal, ...]
    out: Path
    whole: bool
    jobs: int
    began_s: float = field(default_factory=time.monotonic)
    outcomes: list[Outcome] = field(default_factory=list)

    async def go(self, toxiproxy: str | None, browser: str | None) -> None:
        """Open the ground, plan every animal before any is run, and run them."""
        async with open_ground(toxiproxy=toxiproxy, browser=browser) as ground:
            folder = ground.ownership.folder / "zoo"
            planned = [plan_animal(animal, folder, whole=self.whole) for animal in self.animals]
            progress = Progress(sys.stderr, sum(len(one.scenarios) for one in planned))
            progress.message(f"{len(planned)} animals, {self.jobs} laboratories at once")
            try:
                await run_animals(
                    planned,
                    ground,
                    out=self.out,
                    jobs=self.jobs,
                    whole=self.whole,
                    listen=lambda one: _Keeper(progress, one),
                    done=lambda outcome: self._done(outcome, progress),
                )
            finally:
                progress.finish()

    def in_order(self) -> list[Outcome]:
        """What is known, in the order of the animals."""
        known = {outcome.animal.name: outcome for outcome in self.outcomes}
        return [known[animal.name] for animal in self.animals if animal.name in known]

    def _done(self, outcome: Outcome, progress: Progress) -> None:
        self.outcomes.append(outcome)
        by = ", ".join(outcome.heard) or "nothing"
        progress.message(f"{outcome.animal.name}: {outcome.fate.value} (found: {by})")


class _Keeper:
    """Tells the progress of one animal's scenarios. One that fails is what the animal is for, so none is named as trouble."""

    def __init__(self, progress: Progress, planned: Planned) -> None:
        self._progress = progress
        self._name = planned.animal.name

    def scenario_started(self, scenario_id: str) -> None:
        """Show it as running."""
        self._progress.scenario_started(f"{self._name} {scenario_id}")

    def scenario_done(self, scenario_id: str, _verdict: Verdict, real_ms: float) -> None:
        """Count it."""
        self._progress.scenario_done(f"{self._name} {scenario_id}", Verdict.PASS, real_ms)

    def message(self, text: str) -> None:
        """Say which animal it is about."""
        self._progress.message(f"{self._name}: {text}")


def exit_code(outcomes: Sequence[Outcome], *, whole: bool) -> ExitCode:
    """1 when one survived or was killed by another only, else 2 when one is unknown or was not run, else 0."""
    fates = {outcome.fate for outcome in outcomes}
    if fates & {Fate.SURVIVED, Fate.ANOTHER}:
        return ExitCode.SOME_FAIL
    return ExitCode.ALL_PASS if whole and outcomes and Fate.UNKNOWN not in fates else ExitCode.SOME_UNKNOWN


def _chosen(args: argparse.Namespace) -> tuple[Animal, ...]:
    folder = zoo_folder()
    if not args.pairs:
        return load_animals(folder, args.names)
    pairs = load_pairs(folder)
    known = {word for pair in pairs for word in (pair.name, *pair.bugs)}
    if unknown := [name for name in args.names if name not in known]:
        raise UsageError(f"no pair is called or has {unknown[0]!r}{closest(unknown[0], known)}")
    wanted = set(args.names or known)
    return tuple(pair for pair in pairs if wanted & {pair.name, *pair.bugs})


def _new_folder(out: Path) -> Path:
    if (out / FILE_NAME).is_file():
        raise UsageError(f"{display(out)} holds a run of the zoo already: choose another --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {display(out)}: the folder cannot be made ({error.strerror}): choose another") from error
    return out


def _as_json(visit: _Visit, outcomes: Sequence[Outcome]) -> dict[str, object]:
    return {
        "captchaos_version": harness.__version__,
        "seconds": round(time.monotonic() - visit.began_s, 1),
        "whole_plan": visit.whole,
        "complete": len(outcomes) == len(visit.animals),
        "animals": [outcome.as_json() for outcome in outcomes],
    }


def _summary(outcomes: Sequence[Outcome], asked: int) -> str:
    counts = [f"{sum(one.fate is fate for one in outcomes)} {fate.value}" for fate in Fate]
    gap = f"; {asked - len(outcomes)} of {asked} not run" if len(outcomes) < asked else ""
    return f"{', '.join(counts)}{gap}"
