"""``captchaos plan``: the scenarios of a target, without running them; and the selection words that ``run`` shares."""

from __future__ import annotations

import argparse
import json
import sys

from harness.browsers import ENGINES, engine_named
from harness.errors import ExitCode, UsageError
from harness.journal.model import Scenario
from harness.plan.build import Plan, make_plan
from harness.plan.select import Selection, select
from harness.plan.words import add_words, selection_of
from harness.target.loader import find_target, load_target
from harness.target.spec import Target


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = subparsers.add_parser(
        "plan",
        help="list the scenarios, without running them",
        description="List the scenarios of a target, with what each expects, without running them.",
    )
    add_selection(parser)
    parser.add_argument("--json", action="store_true", help="as JSON, one object per scenario")
    parser.set_defaults(run=run)


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the target and the words that choose scenarios."""
    parser.add_argument("target", nargs="?", metavar="TARGET", help="captchaos.toml or its folder (default: the shop)")
    parser.add_argument("--target", dest="named", metavar="TARGET", help="the same, as the other verbs have it")
    parser.add_argument(
        "--engine", type=_engine, default="chromium", metavar="NAME", help="chromium (the default), firefox or webkit"
    )
    add_words(parser)


def chosen(args: argparse.Namespace) -> tuple[Target, Plan, tuple[Scenario, ...]]:
    """Load the target, plan it, and select; raises ConfigurationError or UsageError."""
    if args.target and args.named:
        raise UsageError(f"the target is said twice: {args.target} and --target {args.named}")
    args.target = args.target or args.named
    target = load_target(find_target(args.target))
    plan = make_plan(target, engine=ENGINES[args.engine])
    return target, plan, _selected(plan, selection_of(args))


def _selected(plan: Plan, selection: Selection) -> tuple[Scenario, ...]:
    """Select; a word that only what is left out has gets the reason besides."""
    try:
        return select(plan.scenarios, selection)
    except UsageError as error:
        words = (*selection.faults, *((selection.word,) if selection.word else ()))
        told = [line.partition(":") for line in plan.untold]
        whys = [why for why, _, ids in told if any(word in ids for word in words)]
        raise UsageError("; ".join((*whys, str(error)))) from None


def _engine(text: str) -> str:
    """Read the name of an engine that can be driven."""
    try:
        return engine_named(text).name
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(args: argparse.Namespace) -> ExitCode:
    """Print the plan."""
    _target, plan, scenarios = chosen(args)
    show(scenarios, as_json=args.json)
    for line in plan.left_out:
        print(f"note: {line}", file=sys.stderr)  # noqa: T201 - beside the product, which may be JSON
    return ExitCode.ALL_PASS


def show(scenarios: tuple[Scenario, ...], *, as_json: bool) -> None:
    """Print scenarios as a table or as JSON."""
    if as_json:
        print(json.dumps([_row(s) for s in scenarios], indent=1, ensure_ascii=False))  # noqa: T201 - the verb's product
        return
    width = max(len(s.id) for s in scenarios)
    for scenario in scenarios:
        row = _row(scenario)
        print(f"{scenario.id:<{width}}  expects {row['expects']}, {scenario.expect.outcome}")  # noqa: T201 - the verb's product
    print(f"{len(scenarios)} scenarios")  # noqa: T201 - the verb's product


def _row(scenario: Scenario) -> dict[str, object]:
    codes = " or ".join(map(str, scenario.expect.codes)) or "no fallback ticket"
    return {
        "id": scenario.id,
        "kind": scenario.kind,
        "flow": scenario.flow,
        "link": scenario.link,
        "fault": scenario.fault.name if scenario.fault else "",
        "phase": scenario.phase.value,
        "warmth": scenario.warmth.value,
        "build": scenario.build,
        "mode": scenario.mode,
        "expects": codes,
        "outcome": scenario.expect.outcome,
    }
