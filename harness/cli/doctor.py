"""``captchaos doctor``: check everything a run needs, a line each, with the mend."""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import re
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harness.cli.setup import describe_toxiproxy
from harness.cli.style import Style
from harness.errors import ExitCode, HarnessError
from harness.lab.ownership import dead_runs
from harness.setup.browser import check_starts, find_browser
from harness.setup.browser_install import has_chinese_fonts
from harness.setup.places import cache_dir
from harness.setup.toxiproxy import find_toxiproxy

_OLDEST_PYTHON = (3, 11)
_PORTS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line: ``mark`` is ok, bad (a run cannot be trusted or started) or note (it can, with less)."""

    mark: str
    text: str


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``doctor`` to the command."""
    parser = subparsers.add_parser("doctor", help="check everything a run needs", description=__doc__)
    parser.set_defaults(run=run)


def run(_args: argparse.Namespace) -> ExitCode:
    """Print a line per check; 0 when none is bad, else 4."""
    return asyncio.run(_run(Style.of(sys.stdout)))


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
    fonts,
    loopback_ports,
    cache_writable,
    orphans,
)
