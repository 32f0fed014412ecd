"""Find a WebKit that Playwright can drive, which only its own builds are: configured, or where `playwright install` puts it."""

from __future__ import annotations

import os
from pathlib import Path

from harness.errors import MissingPartError
from harness.setup.browser import FoundBrowser
from harness.setup.driver import open_playwright

CONFIGURED_VARIABLE = "CAPTCHAOS_WEBKIT"
_MARKER = "INSTALLATION_COMPLETE"
_FOLDER = "webkit"


async def find_webkit(configured: str | None = None) -> FoundBrowser:
    """Return Playwright's WebKit, without installing; raises MissingPartError that says where it was looked for."""
    source = "argument" if configured else CONFIGURED_VARIABLE
    if configured := configured or os.environ.get(CONFIGURED_VARIABLE):
        path = Path(configured).expanduser().absolute()
        if not _executable(path):
            raise MissingPartError(f"{path} (configured by {source}) is no program: correct the path, or unset it")
        return _found(path, f"configured by {source}", playwrights=False)
    async with open_playwright() as playwright:
        place = playwright.webkit.executable_path
    if not place:
        raise MissingPartError("Playwright has no WebKit for this system: use chromium or firefox")
    path = Path(place)
    if not _executable(path):
        raise MissingPartError(
            f"no WebKit that Playwright can drive on this machine (looked for {path}): run `playwright install webkit`, "
            f"or set {CONFIGURED_VARIABLE} to the pw_run.sh of one; a system's own WebKit is none"
        )
    # Playwright writes the marker last: a download that broke off has none.
    if not (path.parent / _MARKER).exists():
        raise MissingPartError(f"{path.parent} is a WebKit that was not installed to the end: run `playwright install webkit`")
    return _found(path, "where Playwright puts it", playwrights=True)


def _found(path: Path, how: str, *, playwrights: bool) -> FoundBrowser:
    # What it answers to --version is not the same on every system, and may be a window: Playwright's folder names the build.
    build = next((one.name for one in path.parents if one.name.startswith(f"{_FOLDER}-")), "")
    version = f"WebKit build {build.removeprefix(f'{_FOLDER}-')}" if build else "WebKit of an unknown build"
    return FoundBrowser(path=path, how=how, version=version, headless_shell=False, playwrights=playwrights)


def _executable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
