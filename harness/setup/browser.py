"""Find a Chromium: configured, Debian's headless shell, Playwright's own, any other; show its version, see that it starts.

The headless shell is preferred: it opens two to three times as many pages a second, in a third of the memory (PITFALLS.md).
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Error as PlaywrightError

from harness.errors import MissingPartError
from harness.setup.commands import run_command
from harness.setup.driver import open_playwright

CONFIGURED_VARIABLE = "CAPTCHAOS_BROWSER"
_DEBIAN_SHELL = Path("/usr/lib/chromium/chromium-headless-shell")
_SHELL_NAMES = ("chrome-headless-shell", "headless_shell", "chromium-headless-shell")
_OTHERS_ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome")
_OTHERS_MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_VERSION = re.compile(r"\d+\.\d+\.\d+\.\d+")
_LOCATION = re.compile(r"^\s*Install location:\s+(\S.*chromium_headless_shell-\S+)\s*$", re.MULTILINE)
_STDERR = re.compile(r"\[pid=\d+\]\[err\] (.+)")
_VERSION_S = 20.0
_DRIVER_S = 60.0
_LAUNCH_MS = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBrowser:
    """A browser on this machine: its executable, where it comes from in words, and its version.

    ``playwrights``: a Firefox or a WebKit where Playwright itself has put it; its own Firefox is configured otherwise than a
    stock one.
    """

    path: Path
    how: str
    version: str
    headless_shell: bool
    playwrights: bool = False


async def find_browser(configured: str | None = None) -> FoundBrowser:
    """Return the first Chromium there is, without installing; raises MissingPartError that says what was tried.

    A configured one (argument or ``CAPTCHAOS_BROWSER``) that cannot be used is an error, not passed over.
    """
    source = "argument" if configured else CONFIGURED_VARIABLE
    if configured := configured or os.environ.get(CONFIGURED_VARIABLE):
        return await _configured(Path(configured).expanduser().absolute(), source)
    refused: list[str] = []
    async for path, how in candidates():
        try:
            return await describe(path, how)
        except MissingPartError as error:
            refused.append(str(error))
    raise MissingPartError(
        f"no usable Chromium on this machine (looked for Debian's and Playwright's headless shell, Chromium, Chrome and Edge"
        f"{''.join(f'; {why}' for why in refused)}): run `captchaos setup`, or set {CONFIGURED_VARIABLE} to the path of one"
    )


async def candidates() -> AsyncIterator[tuple[Path, str]]:
    """Yield every Chromium there is, with a word on where it comes from, the preferred first."""
    on_path = shutil.which("chromium-headless-shell")
    shells = [(_DEBIAN_SHELL, "Debian's headless shell"), (Path(on_path or "-"), "chromium-headless-shell on PATH")]
    for path, how in shells:
        if _executable(path):
            yield path, how
    # Asking Playwright costs half a second, so only once the others are not there or do not do.
    for path in await _playwright_shells():
        yield path, "Playwright's own headless shell"
    for path, how in _others():
        if _executable(path):
            yield path, how


async def _playwright_shells() -> Sequence[Path]:
    command = (sys.executable, "-m", "playwright", "install", "--only-shell", "--dry-run", "chromium")
    told = await run_command(command, timeout_s=_DRIVER_S)
    found = _LOCATION.search(told.output)
    # Playwright writes the marker last: a download that broke off has none.
    if not told.ok or found is None or not Path(found[1], "INSTALLATION_COMPLETE").exists():
        return []
    inside = [path for name in _SHELL_NAMES for path in Path(found[1]).glob(f"*/{name}")]
    return [path for path in inside if _executable(path)]


async def describe(path: Path, how: str) -> FoundBrowser:
    """Ask the browser at ``path`` for its version; raises MissingPartError when it does not tell one."""
    told = await run_command((str(path), "--version"), timeout_s=_VERSION_S)
    version = _VERSION.search(told.output)
    if not told.ok or version is None:
        said = told.last_line or f"it ended with status {told.status} and said nothing"
        raise MissingPartError(f"{path} ({how}) does not tell its version ({said}): it is no Chromium, or a broken one")
    return FoundBrowser(path=path, how=how, version=version[0], headless_shell="headless" in path.name)


async def check_starts(found: FoundBrowser) -> None:
    """Launch the browser headless and open a page; a crash becomes one sentence with its last line on stderr."""
    try:
        async with open_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=found.path, timeout=_LAUNCH_MS)
            page = await browser.new_page()
            await page.goto("data:text/html,<title>captchaos</title>")
            await browser.close()
    except PlaywrightError as error:
        raise MissingPartError(
            f"{found.path} (version {found.version}, {found.how}) crashes at its start: {last_words(error.message)}; "
            f"install another build, or set {CONFIGURED_VARIABLE} to one"
        ) from error


async def _configured(path: Path, source: str) -> FoundBrowser:
    how = f"configured by {source}"
    if not path.is_file():
        raise MissingPartError(f"{path} ({how}) does not exist: correct the path, or unset it to have a browser found")
    if not _executable(path):
        raise MissingPartError(f"{path} ({how}) may not be executed: chmod +x it")
    return await describe(path, how)


def _others() -> Sequence[tuple[Path, str]]:
    on_path = [(Path(path), f"{name} on PATH") for name in _OTHERS_ON_PATH if (path := shutil.which(name))]
    return [*on_path, *((Path(path), Path(path).name) for path in _OTHERS_MACOS)]


def _executable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def last_words(message: str) -> str:
    """Return what the browser itself said last, of all that Playwright says about its launch."""
    said = [line for line in _STDERR.findall(message) if line.strip()]
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return (said or lines or ["it said nothing"])[-1 if said else 0][:300]
