"""The verdict API on a loopback port over plain HTTP, as an official SDK with an endpoint setting reaches it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from suites.selftest.tencent_api.vendor_site import Site, Vendor


@pytest.fixture(scope="session")
def site() -> Iterator[tuple[Site, int]]:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    application = Site()
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="off", http="h11", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield application, listening.getsockname()[1]
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def vendor(site: tuple[Site, int], monkeypatch: pytest.MonkeyPatch) -> Vendor:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        # The vendor's SDK would send even loopback requests through a proxy that the environment names.
        monkeypatch.delenv(name, raising=False)
    application, port = site
    application.vendor = Vendor(port=port)
    return application.vendor
