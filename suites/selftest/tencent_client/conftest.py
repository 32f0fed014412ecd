"""One browser and one vendor for a module, a context for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from harness.certificates import Authority, CertificateBook
from harness.providers.base import PROVIDERS
from harness.providers.serving import ProviderServer
from suites.selftest.tencent_client.stage import APP_ID, PageServer, Stage
from suites.selftest.tencent_client.vendor_notes import DEAD_HOSTS, WHITE_LABEL
from suites.selftest.vendor_browser import browser_for


@pytest.fixture(scope="module")
async def vendor(anyio_backend: str, authority: Authority) -> AsyncIterator[ProviderServer]:
    emulator = PROVIDERS.get("tencent_web").emulator(app_id=APP_ID, prefix="terror")
    server = ProviderServer(emulator, CertificateBook(authority))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="module")
async def shop_pages(anyio_backend: str) -> AsyncIterator[PageServer]:
    server = PageServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str, vendor: ProviderServer, authority: Authority) -> AsyncIterator[Browser]:
    names = ("*.captcha.qcloud.com", "*.captcha.gtimg.com", *DEAD_HOSTS, WHITE_LABEL)
    async with browser_for(vendor, authority, names) as browser:
        yield browser


@pytest.fixture
async def stage(vendor: ProviderServer, shop_pages: PageServer, chromium: Browser) -> AsyncIterator[Stage]:
    vendor.reset(build="classic")
    context = await chromium.new_context(locale="en-US", service_workers="block")
    yield Stage(vendor=vendor, pages=shop_pages, context=context, page=await context.new_page())
    await context.close()
