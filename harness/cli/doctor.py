"""``captchaos doctor``: check everything a run needs, a line each, with the mend; with ``--target`` an application, too."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.metadata
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cli.interruption import end_on_sigterm
from harness.cli.setup import describe_toxiproxy
from harness.cli.style import Style
from harness.errors import ExitCode, HarnessError, MissingPartError, UsageError
from harness.explore.checkup import check_up, flows_to_check
from harness.lab.ownership import dead_runs
from harness.plan.build import Plan, make_plan
from harness.report.text import visible
from harness.setup.browser import check_starts, find_browser
from harness.setup.browser_install import has_chinese_fonts
from harness.setup.firefox import find_firefox
from harness.setup.places import cache_dir
from harness.setup.toxiproxy import find_toxiproxy
from harness.setup.webkit import find_webkit
from harness.target.loader import find_target, load_target
from harness.target.problems import display
from harness.target.spec import Target

_OLDEST_PYTHON = (3, 11)
_PORTS = 32
_LONGEST = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line: ``mark`` is ok, bad (a run cannot be trusted or started) or note (it can, with less)."""

    mark: str
    text: str


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``doctor`` to the command."""
    parser = subparsers.add_parser(
        "doctor",
        help="check everything a run needs",
        description=__doc__,
        epilog="Exit codes: 0 all is well, 1 a step of the target's is bad, 3 its file is wrong, 4 a part of a run is missing.",
    )
    parser.add_argument("--target", metavar="TARGET", help="check this captchaos.toml (or its folder) step by step, too")
    parser.add_argument("--flow", action="append", default=[], metavar="NAME", help="with --target: only this flow (repeat)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Print a line per check; 0 when none is bad, 1 when a target's is, else 4."""
    if args.flow and args.target is None:
        raise UsageError("--flow names a flow of a target: say --target as well")
    style = Style.of(sys.stdout)
    if args.target is None:
        return asyncio.run(_run(style))
    target = load_target(find_target(args.target))
    flows, plan = flows_to_check(target, args.flow), make_plan(target)
    end_on_sigterm()
    return asyncio.run(_run(style)) or asyncio.run(_run_target(style, target, plan, flows))


async def _run_target(style: Style, target: Target, plan: Plan, flows: Sequence[str]) -> ExitCode:
    counts = f"{len(plan.scenarios)} scenarios over {len(target.flows)} flows ({', '.join(target.flows)})"
    style.line("ok", f"{display(target.file)} reads: {target.name}, {counts}")
    folder, bad = Path(tempfile.mkdtemp(prefix="captchaos-doctor-")), 0
    try:
        async with contextlib.aclosing(check_up(target, plan, flows, folder=folder)) as steps:
            async for step in steps:
                bad += step.mark == "bad"
                about = f"{step.about}, " if step.about else ""
                style.line(step.mark, visible(f"{about}{step.text}", _LONGEST))
                for mend in step.mends:
                    style.line("", f"→ {visible(mend, _LONGEST)}")
    finally:
        if not bad or not any((folder / "data").glob("*")):
            shutil.rmtree(folder, ignore_errors=True)
    return ExitCode.SOME_FAIL if bad else ExitCode.ALL_PASS


async def _run(style: Style) -> ExitCode:
    bad = 0
    for examine in CHECKS:
        try:
            check = await examine()
        except HarnessError as error:
            check = Check(mark="bad", text=str(error))
        bad += check.mark == "bad"
        style.line(check.mark, check.text)
    return ExitCode.LABORATORY if bad else ExitCode.ALL_PASS


async def python_version() -> Check:
    """Check the interpreter."""
    shown = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return Check(mark="bad", text=f"Python {shown} is too old: use 3.11 or newer")
    return Check(mark="ok", text=f"Python {shown}")


async def packages() -> Check:
    """Check that what captchaos itself requires is installed."""
    try:
        required = importlib.metadata.requires("captchaos") or []
    except importlib.metadata.PackageNotFoundError:
        return Check(mark="bad", text="the package captchaos is not installed for this Python: pip install -e .")
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in required if "extra ==" not in line]
    missing = [name for name in names if not _installed(name)]
    if missing:
        return Check(mark="bad", text=f"packages are missing: pip install {' '.join(missing)}")
    return Check(mark="ok", text=f"{len(names)} required packages")


def _installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


async def toxiproxy() -> Check:
    """Check that a Toxiproxy server is there, without installing one, and what it can do."""
    found = await find_toxiproxy(install=False)
    return Check(mark="note" if found.lacks else "ok", text=describe_toxiproxy(found))


async def browser() -> Check:
    """Check that a browser is there and starts."""
    found = await find_browser()
    await check_starts(found)
    return Check(mark="ok", text=f"Chromium {found.version} starts, {found.how}: {found.path}")


async def firefox() -> Check:
    """Look for a Firefox, without which only ``--engine firefox`` has to do."""
    try:
        found = await find_firefox()
    except MissingPartError as error:
        return Check(mark="note", text=f"only `captchaos run --engine firefox` needs it: {error}")
    return Check(mark="ok", text=f"{found.version}, for `--engine firefox`, {found.how}: {found.path}")


async def webkit() -> Check:
    """Look for a WebKit, without which only ``--engine webkit`` has to do."""
    try:
        found = await find_webkit()
    except MissingPartError as error:
        return Check(mark="note", text=f"only `captchaos run --engine webkit` needs it: {error}")
    return Check(mark="ok", text=f"{found.version}, for `--engine webkit`, {found.how}: {found.path}")


async def fonts() -> Check:
    """Check for fonts with Chinese characters, which only screenshots need."""
    if await has_chinese_fonts():
        return Check(mark="ok", text="fonts with Chinese characters")
    return Check(mark="note", text="no font has Chinese characters, screenshots will show boxes: install fonts-noto-cjk")


async def loopback_ports() -> Check:
    """Check that ports on the loopback interface can be had."""
    held: list[socket.socket] = []
    try:
        for _ in range(_PORTS):
            held.append(listener := socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP))
            listener.bind(("127.0.0.1", 0))
            listener.listen()
    except OSError as error:
        had = f"only {len(held)} of {_PORTS} loopback ports could be had ({error.strerror})"
        return Check(mark="bad", text=f"{had}: raise the limit of open files (ulimit -n) or free some ports")
    finally:
        for listener in held:
            listener.close()
    return Check(mark="ok", text="loopback ports on 127.0.0.1")


async def cache_writable() -> Check:
    """Check that the cache can be written."""
    cache = cache_dir()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache) as file:
            file.write(b"captchaos")
    except OSError as error:
        return Check(mark="bad", text=f"the cache {cache} cannot be written ({error.strerror}): set CAPTCHAOS_CACHE")
    return Check(mark="ok", text=f"cache {cache}")


async def orphans() -> Check:
    """Look for what dead runs left behind."""
    dead = [state.stem for state in dead_runs()]
    if dead:
        return Check(
            mark="note", text=f"dead runs left things behind ({', '.join(dead)}): `captchaos setup` or a run removes it"
        )
    return Check(mark="ok", text="no dead run left anything behind")


CHECKS: tuple[Callable[[], Awaitable[Check]], ...] = (
    python_version,
    packages,
    toxiproxy,
    browser,
    firefox,
    webkit,
    fonts,
    loopback_ports,
    cache_writable,
    orphans,
)
