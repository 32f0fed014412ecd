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


async def pump(source: End, sink: End, through: Pass, ended: Callable[[str], None]) -> None:
    """Copy until ``source`` ends, and say how: ``eof``, ``reset`` (source died), ``sink-gone``, ``dropped`` (None passed).

    ``ended`` is told before the other side is: passing an end on ends the other direction too, and that is no news.
    """
    while True:
        try:
            data = await source.reader.read(CHUNK_BYTES)
        except OSError:
            ended("reset")
            return sink.reset()
        if not data:
            ended("eof")
            return sink.finish()
        passed = await through(data)
        if passed is None:
            ended("dropped")
            sink.reset()
            return source.reset()
        try:
            sink.writer.write(passed)
            await sink.writer.drain()
        except OSError:
            ended("sink-gone")
            return source.reset()


async def relay(client: End, upstream: End, *, up: Pass, down: Pass) -> str:
    """Relay both ways; returns who ended it first and how, such as ``upstream-reset`` or ``client-eof``."""
    ends: list[str] = []
    pumps = (
        asyncio.ensure_future(pump(client, upstream, up, lambda how: ends.append(f"client-{how}"))),
        asyncio.ensure_future(pump(upstream, client, down, lambda how: ends.append(f"upstream-{how}"))),
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
        await asyncio.gather(*pumps, return_exceptions=True)
        await client.close()
        await upstream.close()
