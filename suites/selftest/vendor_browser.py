"""A browser for which a vendor's names lead to its emulator."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable

from playwright.async_api import Browser, async_playwright

from harness.certificates import Authority
from harness.providers.serving import ProviderServer
from harness.setup.browser import find_browser


@contextlib.asynccontextmanager
async def browser_for(vendor: ProviderServer, authority: Authority, names: Iterable[str]) -> AsyncIterator[Browser]:
    """Start it; it believes the lab's authority by its key."""
    found = await find_browser()
    rules = ", ".join(f"MAP {name} 127.0.0.1:{vendor.port}" for name in names)
    switches = [f"--host-resolver-rules={rules}", f"--ignore-certificate-errors-spki-list={authority.spki}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found.path, args=switches)
        yield browser
        await browser.close()
