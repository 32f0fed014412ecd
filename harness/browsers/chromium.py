"""Chromium, by its own protocol. It trusts the lab's authority by its public key, so that bad certificates stay errors."""

from __future__ import annotations

import re
from typing import ClassVar

from playwright.async_api import Browser, Playwright

from harness.browsers.base import ENGINES, Engine, Needs
from harness.browsers.words import Words
from harness.setup.browser import FoundBrowser, find_browser

# A frame and a fetch that a policy forbids are told of on the console alone.
_WORDS = Words(
    stopped={
        "csp-blocked": re.compile(r"^csp |violates the following Content Security Policy"),
        "extension-blocked": re.compile(r"^net::ERR_BLOCKED_BY_CLIENT"),
        "offline": re.compile(r"^net::ERR_INTERNET_DISCONNECTED"),
    },
    # Older and newer ones.
    forbids=re.compile(
        r"'(?P<what>[^']+)'[^']*violates the following Content Security Policy directive: [\"'](?P<rule>[^\"]+)[\"']"
    ),
)


class Chromium(Engine):
    """Chromium, or its headless shell."""

    name: ClassVar[str] = "chromium"
    words: ClassVar[Words] = _WORDS

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
