"""A slot of a lab on a Toxiproxy of its own, as a run opens one."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from harness.catalog import Link
from harness.certificates import Authority
from harness.lab.slot import Slot, open_slot
from harness.lab.toxiproxy_server import ToxiproxyServer
from harness.providers.base import PROVIDERS
from harness.target.spec import ProviderUse
from harness.toxiproxy.client import ToxiproxyClient


@contextlib.asynccontextmanager
async def open_toxiproxy(path: Path) -> AsyncIterator[ToxiproxyClient]:
    """Start a Toxiproxy server and connect to it."""
    async with await ToxiproxyServer.start(path) as server, ToxiproxyClient(server.url) as client:
        yield client


@contextlib.asynccontextmanager
async def slot_of(
    toxiproxy: ToxiproxyClient, authority: Authority, use: ProviderUse, links: Mapping[str, Link], *, name: str = ""
) -> AsyncIterator[Slot]:
    """Open a slot for the provider that the target calls ``name``, with nothing broken on its links."""
    slot = await open_slot(
        0, run_id="selftest", use=use, provider=PROVIDERS.get(use.use), authority=authority, toxiproxy=toxiproxy,
        links=links, owned=lambda _server, _name: None, name=name,
    )  # fmt: skip
    try:
        await slot.reset(build="classic")
        yield slot
    finally:
        await slot.close()
