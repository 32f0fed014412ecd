"""Find a Firefox: configured, Playwright's own, a stock one; and certutil, without which a stock one trusts no laboratory."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from harness.errors import MissingPartError
from harness.setup.browser import FoundBrowser
from harness.setup.commands import run_command

CONFIGURED_VARIABLE = "CAPTCHAOS_FIREFOX"
_NAMES = ("firefox-esr", "firefox")
_MACOS = Path("/Applications/Firefox.app/Contents/MacOS/firefox")
_VERSION = re.compile(r"Firefox (\d+[\w.]+)")
_LOCATION = re.compile(r"^\s*Install location:\s+(\S.*firefox-\S+)\s*$", re.MULTILINE)
_MARKER = "INSTALLATION_COMPLETE"
_VERSION_S = 30.0
_DRIVER_S = 60.0


async def find_firefox(configured: str | None = None) -> FoundBrowser:
    """Return the first Firefox there is, without installing; raises MissingPartError that says what to do."""
    source = "argument" if configured else CONFIGURED_VARIABLE
    if configured := configured or os.environ.get(CONFIGURED_VARIABLE):
        path = Path(configured).expanduser().absolute()
        if not path.is_file() or not os.access(path, os.X_OK):
            raise MissingPartError(f"{path} (configured by {source}) is no program: correct the path, or unset it")
        return await _described(path, f"configured by {source}")
    for path in await _playwrights():
        return await _described(path, "Playwright's own Firefox")
    for name in _NAMES:
        if on_path := shutil.which(name):
            return await _described(Path(on_path), f"{name} on PATH")
    if _MACOS.is_file():
        return await _described(_MACOS, "Firefox")
    raise MissingPartError(
        "no Firefox on this machine: run `playwright install firefox`, or `apt-get install firefox-esr libnss3-tools`, "
        f"or set {CONFIGURED_VARIABLE} to the path of one"
    )


def certutil() -> Path:
    """Return NSS's certutil; raises MissingPartError that says which package brings it."""
    if found := shutil.which("certutil"):
        return Path(found)
    raise MissingPartError(
        "certutil is missing, by which a stock Firefox is made to trust the laboratory's certificates: "
        "`apt-get install libnss3-tools`, or `playwright install firefox`, which needs none"
    )


async def _playwrights() -> list[Path]:
    command = (sys.executable, "-m", "playwright", "install", "--dry-run", "firefox")
    told = await run_command(command, timeout_s=_DRIVER_S)
    found = _LOCATION.search(told.output)
    # Playwright writes the marker last: a download that broke off has none.
    if not told.ok or found is None or not Path(found[1], _MARKER).exists():
        return []
    return [path for path in Path(found[1]).glob("**/firefox") if path.is_file() and os.access(path, os.X_OK)]


async def _described(path: Path, how: str) -> FoundBrowser:
    told = await run_command((str(path), "--version"), timeout_s=_VERSION_S)
    version = _VERSION.search(told.output)
    if not told.ok or version is None:
        said = told.last_line or f"it ended with status {told.status} and said nothing"
        raise MissingPartError(f"{path} ({how}) does not tell its version ({said}): it is no Firefox, or a broken one")
    playwrights = any((parent / _MARKER).exists() for parent in path.parents)
    if not playwrights:
        certutil()
    return FoundBrowser(
        path=path, how=how, version=f"Firefox {version[1]}", headless_shell=False, playwrights=playwrights
    )
