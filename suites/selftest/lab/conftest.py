"""The lab's parts on real sockets: a loop for async tests, a Toxiproxy server, one browser of each kind."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from harness.browsers import Needs, engine_named
from harness.certificates import Authority
from harness.setup.browser import find_browser


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str, authority: Authority) -> AsyncIterator[Browser]:
    """One browser that trusts the lab's authority by its key, as the engine starts it."""
    found = await find_browser()
    switches = [f"--ignore-certificate-errors-spki-list={authority.spki}", "--disable-quic"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found.path, args=switches)
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
async def firefox(anyio_backend: str, authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """A Firefox as the engine starts it, which `make firefox` installs."""
    engine = engine_named("firefox")
    needs = Needs(authority=authority, folder=tmp_path_factory.mktemp("firefox"), env=dict(os.environ))
    async with async_playwright() as playwright:
        browser = await engine.launch(playwright, await engine.find(None), needs)
        yield browser
        await browser.close()
