"""A vendor in this process, and a browser for which the vendor's names lead to it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable

from playwright.async_api import Browser, BrowserContext, async_playwright

from harness.certificates import Authority, CertificateBook
from harness.providers.base import PROVIDERS
from harness.providers.serving import ProviderServer
from harness.setup.browser import find_browser


@contextlib.asynccontextmanager
async def served_vendor(name: str, authority: Authority, *, app_id: str, **options: object) -> AsyncIterator[ProviderServer]:
    """Serve a provider's emulator under certificates of the authority."""
    emulator = PROVIDERS.get(name).emulator(app_id=app_id, prefix="terror", options=options)
    server = ProviderServer(emulator, CertificateBook(authority))
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


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


@contextlib.asynccontextmanager
async def visitor_of(vendor: ProviderServer, browser: Browser) -> AsyncIterator[BrowserContext]:
    """A visitor whom the browser has never seen, at a vendor that has seen nobody yet."""
    vendor.reset(build="classic")
    context = await browser.new_context(locale="en-US", service_workers="block")
    yield context
    await context.close()
