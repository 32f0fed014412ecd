"""``python -m bench`` measures the figures and prints them; ``python -m bench verdicts`` compares the verdicts of runs.

``python -m bench alarms`` compares them, too, and takes every fail for a false alarm: for a target that is right.
``python -m bench schedules`` searches for the zoo's bugs of two faults, guided and blind.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from bench.applying import application_times_ms
from bench.arithmetic import spread
from bench.callbacks import pressing_rates
from bench.cliff import one_cliff
from bench.discovering import discovering
from bench.fuzzing import searching_rates
from bench.parsing import parsing_rates
from bench.provider import provider_costs
from bench.report import Measured, print_report
from bench.runs import run_once
from bench.schedules import LABS, schedule_searches, searches_table
from bench.verdicts import compare
from bench.versus_plain import alike, run_plain
from harness.errors import ExitCode, HarnessError
from harness.journal.model import Scenario
from harness.plan.build import Plan, make_plan
from harness.plan.select import Selection, select
from harness.target.loader import find_target, load_target
from harness.target.spec import Target

PARTS = ("overhead", "plain", "apply", "provider", "cliff", "discover", "parser", "search", "callbacks")


def main() -> int:
    """Measure what the command line asks for; the exit code tells whether verdicts agreed, never whether a figure was met."""
    args = _arguments(sys.argv[1:])
    try:
        if args.what == "schedules":
            searched = asyncio.run(schedule_searches(
                args.animal, runs=args.runs, most=args.most, jobs=args.jobs or LABS, toxiproxy=args.toxiproxy,
                browser=args.browser,
            ))
            sys.stdout.write(f"{searches_table(searched, args.most)}\n")
            return ExitCode.ALL_PASS
        target = load_target(find_target(args.target))
        plan = make_plan(target)
        scenarios = spread(select(plan.scenarios, Selection(word=args.word)), args.sample)
        if args.what != "figures":
            agreed = asyncio.run(compare(
                target, plan, scenarios, runs=args.runs, busy=args.busy, may_fail=args.what == "verdicts", jobs=args.jobs,
                toxiproxy=args.toxiproxy, browser=args.browser,
            ))
            return ExitCode.ALL_PASS if agreed else ExitCode.SOME_FAIL
        print_report(asyncio.run(_measure(args, target, plan, scenarios)), sys.stdout)
    except HarnessError as error:
        sys.stderr.write(f"bench: {error}\n")
        return error.exit_code
    return ExitCode.ALL_PASS


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("figures", "verdicts", "alarms", "schedules"), default="figures")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure only this; may be given again (default: all)")
    parser.add_argument("--sample", type=_positive, metavar="N", help="N scenarios, evenly spread (default: all)")
    parser.add_argument("-k", dest="word", default="", metavar="PART", help="only scenarios whose id contains PART")
    parser.add_argument("--runs", type=_positive, default=10, metavar="N", help="all but figures: how many runs (default 10)")
    parser.add_argument("--most", type=_positive, default=40, metavar="N", help="schedules: at most so many a run (default 40)")
    parser.add_argument("--animal", action="append", default=[], metavar="NAME", help="schedules: this one (default: all)")
    parser.add_argument("--busy", type=_not_negative, default=0, metavar="N", help="the last N of them on a loaded machine")
    parser.add_argument("--jobs", type=_positive, metavar="N", help="labs at once (default: as `captchaos run`)")
    parser.add_argument("--target", metavar="TARGET", help="captchaos.toml or its folder (default: the shop)")
    parser.add_argument("--toxiproxy", metavar="PATH", help="a toxiproxy-server")
    parser.add_argument("--browser", metavar="PATH", help="a Chromium")
    return parser.parse_args(words)


async def _measure(args: argparse.Namespace, target: Target, plan: Plan, scenarios: Sequence[Scenario]) -> Measured:
    """Measure one after the other: nothing of ours runs beside what is measured."""
    parts = args.only or PARTS
    found = {"toxiproxy": args.toxiproxy, "browser": args.browser}
    measured = Measured(load=os.getloadavg()[0])
    if "apply" in parts:
        _say("applying faults")
        measured.applied_ms = await application_times_ms(toxiproxy=args.toxiproxy)
    if "provider" in parts:
        _say("a provider alone")
        measured.provider = await provider_costs(browser=args.browser)
    if "cliff" in parts:
        _say("the cliff of one link")
        measured.cliff = await one_cliff(**found)
    if "discover" in parts:
        _say("discovering every flow")
        measured.discovered = await discovering(args.target, **found)
    if "search" in parts:
        _say("a search over HTTP, and one ticket again and again")
        measured.searched = await asyncio.to_thread(searching_rates, target, **found)
    if "callbacks" in parts:
        _say("callbacks on pages that are used again, and with a reload for each")
        measured.pressed = await asyncio.to_thread(pressing_rates, target, **found)
    if "parser" in parts:
        _say("reading tickets")
        measured.parsing = parsing_rates()
    if "overhead" in parts:
        _say(f"{len(scenarios)} scenarios with their faults")
        measured.faulty = await run_once(target, plan, scenarios, jobs=args.jobs, **found)
        _say("the same steps without")
        measured.faultless = await run_once(target, plan, scenarios, jobs=args.jobs, faults=False, **found)
    if "plain" in parts:
        twelve = alike(plan.scenarios)
        _say(f"{len(twelve)} scenarios in the engine")
        measured.twelve = await run_once(target, plan, twelve, jobs=args.jobs, **found)
        _say("the same by hand, one after the other (some four minutes)")
        measured.plain = await run_plain(target, **found)
    return measured


def _say(words: str) -> None:
    sys.stderr.write(f"bench: {words}\n")
    sys.stderr.flush()


def _positive(text: str) -> int:
    return _at_least(1, text)


def _not_negative(text: str) -> int:
    return _at_least(0, text)


def _at_least(least: int, text: str) -> int:
    value = int(text)
    if value < least:
        raise argparse.ArgumentTypeError(f"{text} is not {least} or more")
    return value


if __name__ == "__main__":
    sys.exit(main())
