"""A browser that cannot be made to trust the lab, as WebKit cannot: a real Chromium that is told of no authority."""

from __future__ import annotations

from typing import ClassVar

from playwright.async_api import Browser, Playwright

from harness.browsers import Needs
from harness.browsers.chromium import Chromium
from harness.setup.browser import FoundBrowser


class Untrusting(Chromium):
    """A Chromium without the lab's key."""

    name: ClassVar[str] = "untrusting"
    trusts_the_lab: ClassVar[bool] = False

    async def launch(self, playwright: Playwright, found: FoundBrowser, needs: Needs) -> Browser:
        """Start it as anybody would."""
        return await playwright.chromium.launch(
            executable_path=str(found.path), env=dict(needs.env), args=["--disable-quic"]
        )
