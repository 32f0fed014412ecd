"""One browser and one GeeTest for a module, a context for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from harness.certificates import Authority
from harness.providers.serving import ProviderServer
from suites.selftest.geetest.stage import CAPTCHA_ID, Stage
from suites.selftest.page_server import PageServer
from suites.selftest.vendor_browser import browser_for, served_vendor, visitor_of


@pytest.fixture(scope="module")
async def vendor(anyio_backend: str, authority: Authority) -> AsyncIterator[ProviderServer]:
    async with served_vendor("geetest_v4", authority, app_id=CAPTCHA_ID) as server:
        yield server


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str, vendor: ProviderServer, authority: Authority) -> AsyncIterator[Browser]:
    names = ("*.geetest.com", "*.geevisit.com", "*.gsensebot.com", "dn-staticdown.qbox.me")
    async with browser_for(vendor, authority, names) as browser:
        yield browser


@pytest.fixture
async def stage(vendor: ProviderServer, pages: PageServer, chromium: Browser) -> AsyncIterator[Stage]:
    async with visitor_of(vendor, chromium) as context:
        yield Stage(vendor=vendor, pages=pages, page=await context.new_page())
