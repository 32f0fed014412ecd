"""Copy bytes between two connections without hiding how either of them ended: a RST stays a RST, a FIN a FIN."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

CHUNK_BYTES = 64 * 1024
Pass = Callable[[bytes], Awaitable[bytes | None]]
Ended = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of a relay."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def reset(self) -> None:
        """Close with a RST."""
        sock = self.writer.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def finish(self) -> None:
        """Send a FIN, keeping the other direction open; a socket that is already dead is left alone."""
        with contextlib.suppress(OSError, RuntimeError):
            if self.writer.can_write_eof() and not self.writer.is_closing():
                self.writer.write_eof()

    async def close(self) -> None:
        """Close both directions."""
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


async def pump(source: End, sink: End, through: Pass, ended: Ended) -> None:
    """Copy until ``source`` ends, and say how: ``eof``, ``reset`` (source died), ``sink-gone``, ``dropped`` (None passed).

    ``ended`` is awaited before the other side is told: passing an end on ends the other direction too, and that is no news.
    """
    while True:
        try:
            data = await source.reader.read(CHUNK_BYTES)
        except OSError:
            await ended("reset")
            return sink.reset()
        if not data:
            await ended("eof")
            return sink.finish()
        passed = await through(data)
        if passed is None:
            await ended("dropped")
            sink.reset()
            return source.reset()
        try:
            if passed:
                sink.writer.write(passed)
            await sink.writer.drain()
        except OSError:
            await ended("sink-gone")
            return source.reset()


async def relay(client: End, upstream: End, *, up: Pass, down: Pass, down_ended: Ended | None = None) -> str:
    """Relay both ways; returns who ended it first and how, such as ``upstream-reset`` or ``client-eof``.

    ``down_ended`` is awaited with how the upstream ended before the client is told of it.
    """
    ends: list[str] = []

    async def client_ended(how: str) -> None:
        ends.append(f"client-{how}")

    async def upstream_ended(how: str) -> None:
        ends.append(f"upstream-{how}")
        if down_ended is not None:
            await down_ended(how)

    pumps = (
        asyncio.ensure_future(pump(client, upstream, up, client_ended)),
        asyncio.ensure_future(pump(upstream, client, down, upstream_ended)),
    )
    try:
        pending = set(pumps)
        while pending and all(end.endswith("-eof") for end in ends):
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        return ends[0]
    finally:
        for task in pumps:
            task.cancel()
        # Both before anything is awaited: who is cancelled in here must not leave one open.
        client.writer.close()
        upstream.writer.close()
        await asyncio.gather(*pumps, client.close(), upstream.close(), return_exceptions=True)
