"""Start what Playwright drives browsers by: a Node of its own, which small machines lack a library for."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Playwright, async_playwright

from harness.errors import MissingPartError
from harness.setup.commands import run_command

_DRIVER_S = 60.0


@contextlib.asynccontextmanager
async def open_playwright() -> AsyncIterator[Playwright]:
    """Playwright, for as long as it is needed; raises MissingPartError with its driver's last words if that does not start."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            playwright = await stack.enter_async_context(async_playwright())
        except PlaywrightError:
            raise
        except Exception as error:  # Playwright has no class of its own for a driver that is gone before it has said a word
            raise MissingPartError(f"Playwright's driver does not start: {await _last_words() or error}") from error
        yield playwright


async def _last_words() -> str:
    """What the driver says when it is asked for its version, and what to do about it; "" when it answers."""
    told = await run_command((sys.executable, "-m", "playwright", "--version"), timeout_s=_DRIVER_S)
    if told.ok:
        return ""
    said = told.last_line or f"it ended with status {told.status} and said nothing"
    if "shared libraries" in said:
        mend = "install that library (libatomic.so.1 is Debian's and Ubuntu's package libatomic1, which slim images leave out)"
    else:
        mend = "install Playwright anew: pip install --force-reinstall playwright"
    return f"{said}; {mend}"
