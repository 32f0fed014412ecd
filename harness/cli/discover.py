"""``captchaos discover``: which edges the healthy flows of a target use, and which of them no scenario breaks."""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from harness.cli.interruption import end_on_sigterm
from harness.errors import ExitCode, UsageError
from harness.explore.additions import additions, beyond_the_file, hosts_to_add, write_additions
from harness.explore.discover import Discovery, discover, flows_to_drive
from harness.explore.edges import Found, Whose
from harness.plan.build import make_plan
from harness.report.text import one_line
from harness.target.loader import find_target, load_target
from harness.target.problems import display
from harness.target.spec import Target
from harness.target.surface import Change, Surface, compare, read_surface, surface_file, write_surface

_WIDEST = 46
_RECORD = (
    "keep what was found beside the target file, with what hosts answer that [third_party] calls \"record\"; needs TARGET"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What a discovery led to: what was said of the recorded surface, and what was written."""

    change: Change | None = None
    wrote: tuple[str, ...] = ()


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = subparsers.add_parser(
        "discover",
        help="learn every host that the healthy flows ask for, and which of them no scenario breaks",
        description="Drive the flows of a target in health, and list each host asked, whose it is, and what breaks it.",
        epilog=(
            "Exit codes: 0 done, 1 (with --check) the surface has grown, 2 a flow cannot be driven in health, so that more may "
            "be asked than was seen, 3 the command line or the target file is wrong, 4 the laboratory broke."
        ),
    )
    parser.add_argument("target", nargs="?", metavar="TARGET", help="captchaos.toml or its folder (default: the shop)")
    parser.add_argument("--flow", action="append", default=[], metavar="NAME", help="only this flow; may be given again")
    parser.add_argument("--write", action="store_true", help="put hosts that nothing maps into the target file; needs TARGET")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--record", action="store_true", help=_RECORD)
    kept.add_argument("--check", action="store_true", help="compare with the recorded surface, and fail where it has grown")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.add_argument("--toxiproxy", metavar="PATH|URL", help="a toxiproxy-server, or one that runs already")
    parser.add_argument("--browser", metavar="PATH", help="a Chromium")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Discover, and do with it what the command line asks for."""
    _demand_a_target_to_write_beside(args)
    target = load_target(find_target(args.target))
    flows = flows_to_drive(target, args.flow)
    if args.record and args.flow:
        raise UsageError("--record keeps the whole surface: leave --flow out")
    recorded = _recorded(target, args.target) if args.check else None
    plan = make_plan(target, surface_anew=args.record)
    end_on_sigterm()
    discovery = asyncio.run(
        discover(target, plan, flows, toxiproxy=args.toxiproxy, browser=args.browser, recording=args.record)
    )
    done = _Done(
        change=compare(recorded.of_flows(_seen(discovery)), discovery.surface) if recorded is not None else None,
        wrote=tuple(_write(args, target, discovery)),
    )
    lines = [_as_json(discovery, done)] if args.json else _in_words(target, discovery, done, written=args.write)
    print("\n".join(lines))  # noqa: T201 - the verb's product
    for trouble in discovery.troubles:
        sys.stderr.write(f"captchaos: {one_line(trouble, 600)}; more may be asked for than was seen\n")
    return _exit_code(discovery, done)


def _demand_a_target_to_write_beside(args: argparse.Namespace) -> None:
    asked = "--write" if args.write else "--record" if args.record else ""
    if asked and args.target is None:
        raise UsageError(f"{asked} changes the target's own folder, and the bundled shop is part of captchaos: name a TARGET")
    if args.check and args.target is None:
        raise UsageError("--check compares with what is recorded beside a target file, and the shop has none: name a TARGET")


def _recorded(target: Target, words: str) -> Surface:
    file = surface_file(target.file)
    recorded = read_surface(file)
    if recorded is None:
        first = f"captchaos discover {shlex.quote(words)} --record"
        raise UsageError(f"{display(file)} is not there: record the surface first, with `{first}`")
    return recorded


def _seen(discovery: Discovery) -> list[str]:
    """The flows of which something can be said; what a flow that broke off no longer asked for is not lost."""
    return [one.flow for one in discovery.driven if not one.trouble]


def _write(args: argparse.Namespace, target: Target, discovery: Discovery) -> Iterator[str]:
    hosts = hosts_to_add(discovery.found)
    if args.write and hosts:
        write_additions(target.file, hosts)
        yield f"{display(target.file)} now names {', '.join(one.edge.host for one in hosts)} under [third_party]"
    if args.record and discovery.troubles:
        yield f"{display(surface_file(target.file))} is as it was: a surface that is not whole is not recorded"
    elif args.record:
        write_surface(discovery.surface, surface_file(target.file))
        yield f"{len(discovery.found)} edges recorded in {display(surface_file(target.file))}"


def _exit_code(discovery: Discovery, done: _Done) -> ExitCode:
    if done.change is not None and done.change.grown:
        return ExitCode.SOME_FAIL
    return ExitCode.SOME_UNKNOWN if discovery.troubles else ExitCode.ALL_PASS


def _in_words(target: Target, discovery: Discovery, done: _Done, *, written: bool) -> Iterator[str]:
    flows = ", ".join(one.flow for one in discovery.driven)
    yield f"{target.name}, in health: {flows}"
    for flow in discovery.not_driven:
        yield f"not driven, for no `browser` says how: {flow}"
    for whose in Whose:
        yield from _table(whose, [one for one in discovery.found if one.whose is whose])
    lone = [one for one in discovery.found if one.uncovered]
    yield f"{len(discovery.found)} edges, {len(lone)} of which no scenario breaks"
    yield from _to_add(target, discovery, written=written)
    if done.change is not None:
        yield from _compared(target, done.change)
    yield from done.wrote


def _table(whose: Whose, found: list[Found]) -> Iterator[str]:
    if not found:
        return
    yield f"{whose.value}"
    names = [_name(one) for one in found]
    width = min(_WIDEST, max(map(len, names)))
    for name, one in zip(names, found, strict=True):
        yield f"  {name:<{width}}  {_word(one)}"


def _name(one: Found) -> str:
    edge = one.edge
    link = f" {edge.link}" if edge.link and edge.link != edge.host else ""
    return one_line(f"{edge.side} → {edge.host}{link}")


def _word(one: Found) -> str:
    tried = f"covered by {one.scenarios} scenario{'s' * (one.scenarios != 1)}" if one.scenarios else "not covered"
    if one.refused:
        tried = "nothing maps it: refused, and not covered"
    parts = [", ".join(one.edge.kinds), tried]
    if one.edge.blocks and one.whose is not Whose.FIRST_PARTY:
        single = "" if one.scenarios else ", a single point of failure"
        parts.append(f"BLOCKS RENDERING{single} ({one_line(', '.join(one.blocking), 60)})")
    return f"{'; '.join(parts)} [{', '.join(one.edge.flows)}]"


def _to_add(target: Target, discovery: Discovery, *, written: bool) -> Iterator[str]:
    hosts = hosts_to_add(discovery.found)
    if hosts and not written:
        yield f"to add to {display(target.file)} (--write does):"
        yield additions(hosts).rstrip("\n")
    for one in beyond_the_file(discovery.found):
        why = "the server's own call" if one.edge.side == "server" else "only https at port 443 is served"
        yield f"cannot be said in the target file: {_name(one)} ({why})"


def _compared(target: Target, change: Change) -> Iterator[str]:
    yield from map(one_line, (*change.grown, *change.lost))
    if not change.grown:
        more = f", {len(change.lost)} lost" if change.lost else ""
        yield f"nothing new beside {display(surface_file(target.file))}{more}"


def _as_json(discovery: Discovery, done: _Done) -> str:
    told: dict[str, object] = {
        "target": discovery.target,
        "flows": [{"flow": one.flow, "healthy": not one.trouble, "trouble": one.trouble} for one in discovery.driven],
        "not_driven": discovery.not_driven,
        "edges": list(map(_row, discovery.found)),
        "additions": additions(hosts_to_add(discovery.found)),
    }
    if done.change is not None:
        told |= {"grown": done.change.grown, "lost": done.change.lost}
    return json.dumps(told, indent=1, ensure_ascii=False)


def _row(one: Found) -> dict[str, object]:
    edge = one.edge
    return {
        "from": edge.side.value,
        "host": edge.host,
        "link": edge.link,
        "whose": one.whose.value,
        "kinds": edge.kinds,
        "flows": edge.flows,
        "uses": one.uses,
        "scenarios": one.scenarios,
        "faults": one.faults,
        "covered": not one.uncovered,
        "blocks_rendering": edge.blocks,
        "refused": one.refused,
        "example": one.example,
    }

