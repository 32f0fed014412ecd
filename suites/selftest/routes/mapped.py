"""A laboratory's router with one host for each way in which a connection ends, and what a runtime makes of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.certificates import Authority
from harness.lab.router import Router
from harness.target.runtimes import with_route
from harness.target.runtimes.route import Route

HERE = Path(__file__).parent
GOOD, BAD, RESET, CLOSED, REFUSED, NO_NAME, UNMAPPED = HOSTS = (
    "good.test", "bad.test", "reset.test", "closed.test", "refused.test", "noname.test", "unmapped.test",
)  # fmt: skip
LIMIT_S = 60


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the runtime met at each host, and how each connection ended for the router."""

    met: dict[str, str]
    ended: dict[str, str]


async def outcome_of(runtime: str, command: Sequence[str], folder: Path) -> Outcome:
    """Run a probe by the route of its runtime; it is handed the hosts, and prints JSON of what it met at each."""
    # A space: the folders of people's machines have them.
    authority = Authority(folder / "the lab's" / "own ca")
    async with _mapped(authority) as router:
        route = Route(proxy_port=router.port, ca_file=authority.ca_file)
        env = {**os.environ, **with_route(runtime, route, {}, os.environ)}
        asked = [*command, *HOSTS]
        process = await asyncio.create_subprocess_exec(*asked, env=env, stdout=asyncio.subprocess.PIPE, cwd=folder)
        said, _ = await asyncio.wait_for(process.communicate(), LIMIT_S)
        return Outcome(met=json.loads(said), ended={c.host: c.ended_by for c in router.log})


@contextlib.asynccontextmanager
async def _mapped(authority: Authority) -> AsyncIterator[Router]:
    router = Router()
    await router.start()
    servers = [
        await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=authority.context(GOOD, "good")),
        await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=authority.context(BAD, "unknown-ca")),
        await asyncio.start_server(_reset, "127.0.0.1", 0),
        await asyncio.start_server(_close, "127.0.0.1", 0),
    ]
    for host, server in zip((GOOD, BAD, RESET, CLOSED), servers, strict=True):
        router.route(host, 443, server.sockets[0].getsockname()[1])
    # Nothing listens on port 1 of loopback.
    router.route(REFUSED, 443, 1)
    router.route(NO_NAME, 443, 1)
    router.refuse_name(NO_NAME)
    try:
        yield router
    finally:
        await router.stop()
        for server in servers:
            server.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
    writer.close()


async def _reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    # All that came is read first: what lies unread when a socket closes makes a RST of its FIN.
    await reader.read(65536)
    writer.close()
