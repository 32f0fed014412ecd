"""A provider in a process of its own, as ``bench.provider`` measures it: serves until its standard input ends."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from harness.certificates import Authority, CertificateBook
from harness.providers.base import PROVIDERS
from harness.providers.serving import ProviderServer

PROVIDER = "tencent_web"
APP_ID = "199999164"
# The vendor's documented 1,000 a second would cap the figure on a fast machine.
OPTIONS = {"requests_per_s": 1_000_000}


def server_of(authority: Authority) -> ProviderServer:
    """Make the server that is measured."""
    emulator = PROVIDERS.get(PROVIDER).emulator(app_id=APP_ID, prefix="terror", options=OPTIONS)
    return ProviderServer(emulator, CertificateBook(authority))


async def serve() -> None:
    """Say on one line where it serves and with which credentials, and go on until standard input ends."""
    with tempfile.TemporaryDirectory(prefix="captchaos-bench-") as folder:
        server = server_of(Authority(Path(folder)))
        await server.start()
        said = {"port": server.plain_port, "credentials": server.emulator.credentials.values()}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        await server.stop()


if __name__ == "__main__":
    asyncio.run(serve())
