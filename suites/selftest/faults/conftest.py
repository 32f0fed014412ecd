"""Real parts for the tests of faults: a Toxiproxy server, a TLS origin, and a client that tells RST from FIN."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harness.lab.toxiproxy_server import ToxiproxyServer
from harness.toxiproxy import ToxiproxyClient
from suites.selftest.faults.fault_parts import Bench, OpenBench, Origin, self_signed


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("origin") / "origin.pem")


@pytest.fixture
def bench(toxiproxy_path: Path, pem: Path) -> OpenBench:
    """Open an origin, a server and one proxy between them; everything is gone when the block ends."""

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[Bench]:
        async with (
            Origin(pem) as origin,
            await ToxiproxyServer.start(toxiproxy_path) as server,
            ToxiproxyClient(server.url) as client,
        ):
            proxy = await client.create_proxy("link", f"127.0.0.1:{origin.port}")
            parts = Bench(origin=origin, client=client, proxy=proxy)
            try:
                yield parts
            finally:
                for visitor in parts.visitors:
                    visitor.leave()

    return opened
