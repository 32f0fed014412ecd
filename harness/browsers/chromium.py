"""Chromium, by its own protocol. It trusts the lab's authority by its public key, so that bad certificates stay errors."""

from __future__ import annotations

from typing import ClassVar

from playwright.async_api import Browser, Playwright

from harness.browsers.base import ENGINES, Engine, Needs
from harness.setup.browser import FoundBrowser, find_browser


class Chromium(Engine):
    """Chromium, or its headless shell."""

    name: ClassVar[str] = "chromium"

    async def find(self, configured: str | None) -> FoundBrowser:
        """Find one as `captchaos setup` does."""
        return await find_browser(configured)

    async def launch(self, playwright: Playwright, found: FoundBrowser, needs: Needs) -> Browser:
        """Start it with the lab's authority among those it trusts."""
        return await playwright.chromium.launch(
            executable_path=str(found.path),
            env=dict(needs.env),
            args=[f"--ignore-certificate-errors-spki-list={needs.authority.spki}", "--disable-quic"],
        )


ENGINES[Chromium.name] = Chromium()
