"""One browser and one GeeTest for a module, a context for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from harness.certificates import Authority, CertificateBook
from harness.providers.base import PROVIDERS
from harness.providers.serving import ProviderServer
from suites.selftest.geetest.stage import CAPTCHA_ID, Stage
from suites.selftest.tencent_client.stage import PageServer
from suites.selftest.vendor_browser import browser_for


@pytest.fixture(scope="module")
async def vendor(anyio_backend: str, authority: Authority) -> AsyncIterator[ProviderServer]:
    emulator = PROVIDERS.get("geetest_v4").emulator(app_id=CAPTCHA_ID, prefix="terror", options={})
    server = ProviderServer(emulator, CertificateBook(authority))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="module")
async def pages(anyio_backend: str) -> AsyncIterator[PageServer]:
    server = PageServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str, vendor: ProviderServer, authority: Authority) -> AsyncIterator[Browser]:
    names = ("*.geetest.com", "*.geevisit.com", "*.gsensebot.com", "dn-staticdown.qbox.me")
    async with browser_for(vendor, authority, names) as browser:
        yield browser


@pytest.fixture
async def stage(vendor: ProviderServer, pages: PageServer, chromium: Browser) -> AsyncIterator[Stage]:
    vendor.reset(build="classic")
    context = await chromium.new_context(locale="en-US", service_workers="block")
    yield Stage(vendor=vendor, pages=pages, page=await context.new_page())
    await context.close()
