"""The lab's parts on real sockets: a loop for async tests, a Toxiproxy server, one browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from harness.certificates import Authority
from harness.setup.browser import find_browser
from harness.setup.toxiproxy import find_toxiproxy


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def toxiproxy_path() -> Path:
    """Where a usable server is; not skipped when there is none, for then nothing here is known to work."""
    found = asyncio.run(find_toxiproxy(install=False))
    assert found.path is not None, "these tests start servers of their own: configure a path, not a URL"
    return found.path


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str, authority: Authority) -> AsyncIterator[Browser]:
    """One browser that trusts the lab's authority by its key, as the engine starts it."""
    found = await find_browser()
    switches = [f"--ignore-certificate-errors-spki-list={authority.spki}", "--disable-quic"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found.path, args=switches)
        yield browser
        await browser.close()
