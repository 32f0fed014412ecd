"""What a whole run stands on: its ownership, a Toxiproxy server, one browser, the authority, and its slots."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright
from playwright.async_api import Error as PlaywrightError

from harness.certificates import Authority
from harness.errors import MissingPartError
from harness.faults.base import FAULTS
from harness.lab.bench import Bench
from harness.lab.ownership import Ownership, sweep_orphans
from harness.lab.sightings import Meters
from harness.lab.slot import Slot, open_slot
from harness.lab.toxiproxy_server import ToxiproxyServer
from harness.plan.build import Plan
from harness.providers.base import PROVIDERS
from harness.setup.browser import FoundBrowser, find_browser, last_words
from harness.setup.toxiproxy import FoundToxiproxy, find_toxiproxy
from harness.target.flowfile import flow_function
from harness.target.spec import Target
from harness.toxiproxy.client import ToxiproxyClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts that were found on this machine, for display."""

    toxiproxy: FoundToxiproxy
    browser: FoundBrowser


@dataclass(slots=True, kw_only=True)
class Workshop:
    """An open workshop; use :func:`open_workshop`. ``swept`` says what was left by dead runs and is gone now."""

    run_id: str
    target: Target
    plan: Plan
    parts: Parts
    bench: Bench
    authority: Authority
    client: ToxiproxyClient
    ownership: Ownership
    swept: tuple[str, ...] = ()
    slots: list[Slot] = field(default_factory=list)

    async def open_slot(self, number: int) -> Slot:
        """Open one more slot."""
        slot = await open_slot(
            number,
            run_id=self.run_id,
            target=self.target,
            provider=self.bench.provider,
            authority=self.authority,
            toxiproxy=self.client,
            links=self.plan.links,
            owned=self.ownership.own_proxy,
        )
        self.slots.append(slot)
        return slot


@contextlib.asynccontextmanager
async def open_workshop(
    target: Target, plan: Plan, *, run_folder: Path, toxiproxy: str | None = None, browser: str | None = None
) -> AsyncIterator[Workshop]:
    """Find the parts, start them, and take everything down again, whatever happens inside."""
    parts = Parts(toxiproxy=await find_toxiproxy(toxiproxy), browser=await find_browser(browser))
    swept = tuple(f"run {dead.run_id}" for dead in await asyncio.to_thread(sweep_orphans))
    (run_folder / "data").mkdir(parents=True, exist_ok=True)
    async with contextlib.AsyncExitStack() as stack:
        ownership = stack.enter_context(Ownership.begin())
        client = await stack.enter_async_context(ToxiproxyClient(await _server(parts.toxiproxy, ownership, stack)))
        authority = Authority(ownership.folder / "ca")
        chromium = await _browser(parts.browser, authority, ownership, stack)
        drives = {flow.name: flow_function(target, flow) for flow in target.flows.values() if flow.browser}
        bench = Bench(
            target=target,
            provider=PROVIDERS.get(target.provider.use),
            browser=chromium,
            links=plan.links,
            faults=FAULTS.all(),
            meters=meters_of(client),
            run_folder=run_folder,
            work_folder=ownership.folder,
            marks=ownership.env(),
            drives=drives,
        )
        shop = Workshop(
            run_id=ownership.run_id,
            target=target,
            plan=plan,
            parts=parts,
            bench=bench,
            authority=authority,
            client=client,
            ownership=ownership,
            swept=swept,
        )
        stack.push_async_callback(_close_slots, shop.slots, ownership)
        yield shop


def meters_of(client: ToxiproxyClient) -> Callable[[Slot], Awaitable[Meters]]:
    """Make the reader of one slot's byte counters."""

    async def read(slot: Slot) -> Meters:
        host_of = {proxy.name: host for host, proxy in slot.proxies.items()}
        counted = await client.metrics()
        return Meters(bytes={(host_of[name], way): moved for (name, way), moved in counted.items() if name in host_of})

    return read


async def _server(found: FoundToxiproxy, ownership: Ownership, stack: contextlib.AsyncExitStack) -> str:
    if found.url is not None:
        return found.url
    assert found.path is not None
    server = await ToxiproxyServer.start(found.path, ownership.env())
    stack.push_async_callback(server.stop)
    return server.url


async def _browser(
    found: FoundBrowser, authority: Authority, ownership: Ownership, stack: contextlib.AsyncExitStack
) -> Browser:
    playwright = await stack.enter_async_context(async_playwright())
    arguments: dict[str, Any] = {
        "executable_path": str(found.path),
        "env": {**os.environ, **ownership.env()},
        "args": [f"--ignore-certificate-errors-spki-list={authority.spki}", "--disable-quic"],
    }
    try:
        browser = await playwright.chromium.launch(**arguments)
    except PlaywrightError as error:
        raise MissingPartError(
            f"the browser {found.path} ({found.version}) crashes at its start: {last_words(error.message)}; "
            "see `captchaos doctor`"
        ) from error
    stack.push_async_callback(browser.close)
    return browser


async def _close_slots(slots: list[Slot], ownership: Ownership) -> None:
    for slot in slots:
        await slot.close()
        for proxy in slot.proxies.values():
            ownership.disown_proxy(slot.toxiproxy_url, proxy.name)
