"""A relay leaves nothing open behind it, whenever it is stopped."""

from __future__ import annotations

import asyncio

import pytest

from harness.lab.relay import End, relay
from suites.selftest.lab.sockets import LIMIT_S

pytestmark = pytest.mark.anyio


async def unchanged(data: bytes) -> bytes:
    return data


async def connection() -> tuple[End, asyncio.StreamWriter, asyncio.Server]:
    """One end to relay, and the far side's writer, which nobody reads for."""
    accepted: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set_result(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    return End(reader=reader, writer=writer), await accepted, server


async def test_a_relay_stopped_twice_while_a_client_does_not_read_closes_both_its_ends() -> None:
    (client, far_client, server_one), (upstream, far_upstream, server_two) = await connection(), await connection()
    far_client.transport.pause_reading()  # type: ignore[attr-defined]  # the transport of a socket has it
    relaying = asyncio.ensure_future(relay(client, upstream, up=unchanged, down=unchanged))
    async with asyncio.timeout(LIMIT_S):
        while not client.writer.transport.get_write_buffer_size():
            far_upstream.write(b"x" * 1_000_000)
            await asyncio.sleep(0)
    relaying.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not relaying.done(), "it waits for what the client has not read"
    relaying.cancel()
    await asyncio.gather(relaying, return_exceptions=True)
    assert client.writer.is_closing()
    assert upstream.writer.is_closing()
    for left in (client.writer, far_client, far_upstream):
        left.transport.abort()
    for server in (server_one, server_two):
        server.close()
