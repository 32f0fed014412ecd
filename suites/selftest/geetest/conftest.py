"""One browser and one GeeTest for a module, a context for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from harness.certificates import Authority, CertificateBook
from harness.providers.base import PROVIDERS
from harness.providers.serving import ProviderServer
from harness.setup.browser import find_browser
from suites.selftest.geetest.stage import CAPTCHA_ID, Stage
from suites.selftest.tencent_client.stage import PageServer


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder: Path = tmp_path_factory.mktemp("authority")
    return Authority(folder)


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
    found = await find_browser()
    names = ("*.geetest.com", "*.geevisit.com", "*.gsensebot.com", "dn-staticdown.qbox.me")
    rules = ", ".join(f"MAP {name} 127.0.0.1:{vendor.port}" for name in names)
    switches = [f"--host-resolver-rules={rules}", f"--ignore-certificate-errors-spki-list={authority.spki}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found.path, args=switches)
        yield browser
        await browser.close()


@pytest.fixture
async def stage(vendor: ProviderServer, pages: PageServer, chromium: Browser) -> AsyncIterator[Stage]:
    vendor.reset(build="classic")
    context = await chromium.new_context(locale="en-US", service_workers="block")
    yield Stage(vendor=vendor, pages=pages, page=await context.new_page())
    await context.close()
