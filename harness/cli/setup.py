"""``captchaos setup``: find or install what a run needs, and say what was found."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from harness.cli.style import Style
from harness.errors import ExitCode, MissingPartError
from harness.lab.ownership import sweep_orphans
from harness.setup.browser import check_starts, find_browser
from harness.setup.browser_install import ensure_browser, has_chinese_fonts, install_fonts
from harness.setup.toxiproxy import FoundToxiproxy, find_toxiproxy


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``setup`` to the command."""
    parser = subparsers.add_parser("setup", help="find or install the Toxiproxy server and the browser", description=__doc__)
    parser.add_argument("--toxiproxy", metavar="PATH|URL", help="use this toxiproxy-server, or the one running at this URL")
    parser.add_argument("--browser", metavar="PATH", help="use this Chromium")
    parser.add_argument("--no-install", action="store_true", help="only look, install nothing")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Find or install each part; 0 when all are there, 4 when one is missing."""
    return asyncio.run(_run(args, Style.of(sys.stdout)))


async def _run(args: argparse.Namespace, style: Style) -> ExitCode:
    for swept in sweep_orphans():
        style.line("note", f"run {swept.run_id} had died and left things behind: {'; '.join(swept.troubles) or 'removed'}")
    install = not args.no_install
    parts: tuple[Callable[[], Awaitable[str]], ...] = (
        lambda: _toxiproxy(args.toxiproxy, install, style),
        lambda: _browser(args.browser, install, style),
    )
    missing = 0
    for part in parts:
        try:
            style.line("ok", await part())
        except MissingPartError as error:
            missing += 1
            style.line("bad", str(error))
    await _fonts(install, style)
    return ExitCode.LABORATORY if missing else ExitCode.ALL_PASS


async def _toxiproxy(configured: str | None, install: bool, style: Style) -> str:
    if install and configured is None:
        style.line("", "looking for Toxiproxy (building it with go takes up to a minute) …")
    found = await find_toxiproxy(configured, install=install)
    for why in found.refused:
        style.line("", f"not used: {why}")
    return describe_toxiproxy(found)


def describe_toxiproxy(found: FoundToxiproxy) -> str:
    """Say in one sentence which server was found, where, and what it lacks."""
    where = f"{found.how}: {found.path}" if found.path else found.how
    lacks = f"; it lacks {'; '.join(found.lacks)}" if found.lacks else ""
    return f"Toxiproxy {found.version}, {where}{lacks}"


async def _browser(configured: str | None, install: bool, style: Style) -> str:
    if install:
        found = await ensure_browser(configured, say=lambda text: style.line("", text))
    else:
        found = await find_browser(configured)
        await check_starts(found)
    slow = "" if found.headless_shell else " (full Chromium: a headless shell is two to three times as fast)"
    return f"Chromium {found.version}, {found.how}: {found.path}{slow}"


async def _fonts(install: bool, style: Style) -> None:
    if await has_chinese_fonts():
        return
    style.line("note", "no font has Chinese characters, so screenshots show boxes in their place: install fonts-noto-cjk")
    if install:
        try:
            await install_fonts(say=lambda text: style.line("", text))
        except MissingPartError as error:
            style.line("note", str(error))
