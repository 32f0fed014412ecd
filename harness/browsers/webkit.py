"""WebKit: Playwright's own build, by its inspector's protocol.

It trusts whom the system trusts, so that to make it trust the lab would be to change the machine. Its contexts take every
certificate instead, and no page of its can feel a bad one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from playwright.async_api import Browser, Playwright
from playwright.async_api import Error as PlaywrightError

from harness.browsers.base import ENGINES, Engine, Needs
from harness.errors import MissingPartError
from harness.faults.base import Fault
from harness.setup.browser import FoundBrowser, last_words
from harness.setup.webkit import find_webkit

_BLOCKED = "extension-blocked"
_MOST = 6
_FRAME = re.compile(r"[║╔╗╚╝═]")
_NO_LIBRARIES = "missing dependencies"
_LIBRARIES = re.compile(r"(?:apt-get install|Missing libraries:)\s+(.+?)(?:\s*<3 Playwright Team|\Z)", re.DOTALL)


class WebKit(Engine):
    """Playwright's WebKit."""

    name: ClassVar[str] = "webkit"
    trusts_the_lab: ClassVar[bool] = False

    def lacks(self, fault: Fault) -> str:
        """Say so of bad certificates, and of what is blocked in the browser."""
        if fault.name == _BLOCKED:
            return "a request that Playwright blocks in it is reported to stay blocked once the block is lifted"
        return super().lacks(fault)

    async def find(self, configured: str | None) -> FoundBrowser:
        """Find the one that Playwright has installed."""
        return await find_webkit(configured)

    async def launch(self, playwright: Playwright, found: FoundBrowser, needs: Needs) -> Browser:
        """Start it; raises MissingPartError with one sentence where it does not start."""
        # By its own path Playwright first looks whether the system has the libraries that it needs.
        path = None if found.playwrights else str(found.path)
        try:
            return await playwright.webkit.launch(executable_path=path, env=dict(needs.env))
        except PlaywrightError as error:
            raise MissingPartError(f"{found.path} ({found.version}, {found.how}) {_why(error.message)}") from error


def _why(message: str) -> str:
    if _NO_LIBRARIES in message:
        return without_libraries(message)
    mend = "run `playwright install-deps webkit` for the libraries that it needs, or install it anew"
    return f"does not start: {last_words(message)}; {mend}"


def without_libraries(message: str) -> str:
    """Say in one sentence what Playwright says in a frame of many lines: which packages or libraries there must be."""
    listed = _LIBRARIES.search(_FRAME.sub("", message))
    names = listed[1].replace("\\", " ").split() if listed else []
    return f"does not start, for this system lacks {_some(names)}: run `playwright install-deps webkit`, as root"


def _some(names: Sequence[str]) -> str:
    if not names:
        return "libraries that it needs"
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{', '.join(names[:_MOST])}{more}"


ENGINES[WebKit.name] = WebKit()
