"""One browser and one vendor for a module, a context for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from harness.certificates import Authority
from harness.providers.serving import ProviderServer
from suites.selftest.page_server import PageServer
from suites.selftest.tencent_client.stage import APP_ID, Stage
from suites.selftest.tencent_client.vendor_notes import DEAD_HOSTS, WHITE_LABEL
from suites.selftest.vendor_browser import browser_for, served_vendor, visitor_of


@pytest.fixture(scope="module")
async def vendor(anyio_backend: str, authority: Authority) -> AsyncIterator[ProviderServer]:
    async with served_vendor("tencent_web", authority, app_id=APP_ID) as server:
        yield server


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str, vendor: ProviderServer, authority: Authority) -> AsyncIterator[Browser]:
    names = ("*.captcha.qcloud.com", "*.captcha.gtimg.com", *DEAD_HOSTS, WHITE_LABEL)
    async with browser_for(vendor, authority, names) as browser:
        yield browser


@pytest.fixture
async def stage(vendor: ProviderServer, pages: PageServer, chromium: Browser) -> AsyncIterator[Stage]:
    async with visitor_of(vendor, chromium) as context:
        yield Stage(vendor=vendor, pages=pages, context=context, page=await context.new_page())
