"""What runs stand on, one or many in a row: an ownership, a Toxiproxy server, one browser and a certificate authority."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from playwright.async_api import Browser, Playwright
from playwright.async_api import Error as PlaywrightError

from harness.browsers import Engine, Needs, engine_named
from harness.certificates import Authority
from harness.engine.turns import Turns
from harness.errors import MissingPartError
from harness.lab.ownership import Ownership, sweep_orphans
from harness.lab.toxiproxy_server import ToxiproxyServer
from harness.setup.browser import FoundBrowser, last_words
from harness.setup.driver import open_playwright
from harness.setup.toxiproxy import FoundToxiproxy, find_toxiproxy
from harness.toxiproxy.client import ToxiproxyClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts that were found on this machine, for display."""

    toxiproxy: FoundToxiproxy
    browser: FoundBrowser


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Open ground; use :func:`open_ground`. ``swept`` says what was left by dead runs and is gone now.

    ``turns`` are of all that runs here: who must be judged on a quiet machine has it alone among them all.
    """

    parts: Parts
    ownership: Ownership
    client: ToxiproxyClient
    authority: Authority
    browser: Browser
    engine: Engine
    swept: tuple[str, ...] = ()
    turns: Turns = field(default_factory=Turns)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_run_id(self) -> str:
        """Name one more run that stands here: the ground's own id for the first, the same with a number for the others."""
        number = next(self._numbers)
        return self.ownership.run_id if number == 1 else f"{self.ownership.run_id}-{number}"


@contextlib.asynccontextmanager
async def open_ground(
    *, toxiproxy: str | None = None, browser: str | None = None, engine: str = "chromium"
) -> AsyncIterator[Ground]:
    """Find the parts, start them, and take everything down again, whatever happens inside; ``engine`` names the browser's."""
    driven = engine_named(engine)
    parts = Parts(toxiproxy=await find_toxiproxy(toxiproxy), browser=await driven.find(browser))
    swept = tuple(f"run {dead.run_id}" for dead in await asyncio.to_thread(sweep_orphans))
    async with contextlib.AsyncExitStack() as stack:
        ownership = stack.enter_context(Ownership.begin())
        # At once: the driver alone takes its mark from this process's environment, which a second run may change.
        playwright = await stack.enter_async_context(open_playwright())
        client = await stack.enter_async_context(ToxiproxyClient(await _server(parts.toxiproxy, ownership, stack)))
        authority = Authority(ownership.folder / "ca")
        needs = Needs(authority=authority, folder=ownership.folder, env={**os.environ, **ownership.env()})
        started = await _browser(playwright, driven, parts.browser, needs, stack)
        yield Ground(
            parts=parts, ownership=ownership, client=client, authority=authority, browser=started, engine=driven, swept=swept
        )


async def _server(found: FoundToxiproxy, ownership: Ownership, stack: contextlib.AsyncExitStack) -> str:
    if found.url is not None:
        return found.url
    assert found.path is not None
    server = await ToxiproxyServer.start(found.path, ownership.env())
    stack.push_async_callback(server.stop)
    return server.url


async def _browser(
    playwright: Playwright, engine: Engine, found: FoundBrowser, needs: Needs, stack: contextlib.AsyncExitStack
) -> Browser:
    try:
        browser = await engine.launch(playwright, found, needs)
    except PlaywrightError as error:
        raise MissingPartError(
            f"the browser {found.path} ({found.version}) crashes at its start: {last_words(error.message)}; "
            "see `captchaos doctor`"
        ) from error
    stack.push_async_callback(browser.close)
    return browser
