"""Install a browser and fonts that hold Chinese: Debian's packages where that is allowed, else Playwright's own shell."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.errors import MissingPartError
from harness.setup.browser import (
    CONFIGURED_VARIABLE,
    FoundBrowser,
    candidates,
    check_starts,
    describe,
    find_browser,
)
from harness.setup.commands import run_command

SHELL_PACKAGE = "chromium-headless-shell"
FONT_PACKAGE = "fonts-noto-cjk"
_APT_S = 900.0
_DOWNLOAD_S = 900.0
_ASK_S = 30.0

Say = Callable[[str], None]


async def ensure_browser(configured: str | None = None, *, say: Say) -> FoundBrowser:
    """Return a headless shell that starts, installing one where none is; fall back to any Chromium there is.

    ``say`` is told in one sentence about each step that takes long or fails. Raises MissingPartError with all that was tried.
    """
    refused: list[str] = []
    if configured or os.environ.get(CONFIGURED_VARIABLE):
        return await _starting(await find_browser(configured))
    found = await _first_starting(refused)
    if found is not None and found.headless_shell:
        return found
    for step in (_install_debian_shell, _install_playwright_shell):
        try:
            await step(say)
        except MissingPartError as error:
            refused.append(str(error))
            say(str(error))
            continue
        if (installed := await _first_starting(refused)) is not None and installed.headless_shell:
            return installed
    if found is not None:
        return found
    raise MissingPartError(f"no browser could be installed; tried {' · '.join(dict.fromkeys(refused))}")


async def has_chinese_fonts() -> bool:
    """Say whether a font with Chinese characters is there; macOS and Windows bring their own."""
    if not sys.platform.startswith("linux"):
        return True
    listed = await run_command(("fc-list", ":lang=zh", "family"), timeout_s=_ASK_S)
    return listed.ok and bool(listed.output.strip())


async def install_fonts(*, say: Say) -> None:
    """Install fonts with Chinese characters by apt; raises MissingPartError when that cannot be done here."""
    await _apt_install(FONT_PACKAGE, say)


def debian_family() -> str:
    """Return ``debian``, ``ubuntu`` or an empty string for any other system (``/etc/os-release``)."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    name = next((line.removeprefix("ID=").strip('"') for line in lines if line.startswith("ID=")), "")
    return name if name in ("debian", "ubuntu") else ""


async def _first_starting(refused: list[str]) -> FoundBrowser | None:
    async for path, how in candidates():
        try:
            return await _starting(await describe(path, how))
        except MissingPartError as error:
            refused.append(str(error))
    return None


async def _starting(found: FoundBrowser) -> FoundBrowser:
    await check_starts(found)
    return found


async def _install_debian_shell(say: Say) -> None:
    if debian_family() != "debian":
        raise MissingPartError(f"the package {SHELL_PACKAGE} is Debian's alone")
    await _apt_install(SHELL_PACKAGE, say)


async def _install_playwright_shell(say: Say) -> None:
    say("downloading Playwright's own headless shell …")
    root = await _root_command()
    # Playwright's shell needs system libraries, which only root can install; without root those that are there must do.
    depends = ("--with-deps",) if debian_family() and root is not None else ()
    command = (sys.executable, "-m", "playwright", "install", *depends, "--only-shell", "chromium")
    outcome = await run_command(command, timeout_s=_DOWNLOAD_S)
    if not outcome.ok:
        why = next((line.strip() for line in outcome.output.splitlines() if "Error:" in line), outcome.last_line)
        raise MissingPartError(f"`playwright install --only-shell chromium` failed ({why}): is there a network?")


async def _apt_install(package: str, say: Say) -> None:
    root = await _root_command()
    if shutil.which("apt-get") is None or root is None:
        raise MissingPartError(f"{package} cannot be installed here without root: ask for `apt-get install {package}`")
    install = (*root, "apt-get", "install", "-y", "-q", package)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    known = await run_command(("apt-cache", "show", package), timeout_s=_ASK_S)
    if not known.ok:
        say("fetching the package lists …")
        await run_command((*root, "apt-get", "update", "-q"), timeout_s=_APT_S, env=quiet)
    say(f"installing the package {package} …")
    outcome = await run_command(install, timeout_s=_APT_S, env=quiet)
    if not outcome.ok and known.ok:
        # Lists of last month name files that the archive no longer holds.
        await run_command((*root, "apt-get", "update", "-q"), timeout_s=_APT_S, env=quiet)
        outcome = await run_command(install, timeout_s=_APT_S, env=quiet)
    if not outcome.ok:
        raise MissingPartError(f"`apt-get install {package}` failed ({outcome.last_line})")


async def _root_command() -> Sequence[str] | None:
    """Return what goes before a command to run it as root: nothing, ``sudo -n``, or ``None`` when it cannot be had."""
    if os.geteuid() == 0:
        return ()
    allowed = await run_command(("sudo", "-n", "true"), timeout_s=_ASK_S)
    return ("sudo", "-n") if allowed.ok else None
