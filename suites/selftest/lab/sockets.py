"""Small servers and clients on bare sockets, which tell a RST from a FIN."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from harness.lab.router import Router

Handler = Callable[["Line"], Awaitable[object]]
# Real time that nothing here needs, however busy the machine.
LIMIT_S = 20


@dataclass(slots=True)
class Line:
    """One open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def say(self, data: bytes) -> None:
        self.writer.write(data)

    def end(self) -> None:
        """Send a FIN and go on listening."""
        self.writer.write_eof()

    def reset(self) -> None:
        """Close with a RST."""
        with contextlib.suppress(OSError):
            sock = self.writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def hear(self, count: int) -> bytes:
        return await asyncio.wait_for(self.reader.readexactly(count), LIMIT_S)

    async def how_it_ends(self) -> tuple[bytes, str]:
        """Read to the end: what came, and ``FIN`` or ``RST``."""
        heard = b""
        try:
            while data := await asyncio.wait_for(self.reader.read(65536), LIMIT_S):
                heard += data
        except ConnectionResetError:
            return heard, "RST"
        return heard, "FIN"

    async def secure(self, authority_file: str, host: str) -> None:
        """Speak TLS from here on."""
        context = ssl.create_default_context(cafile=authority_file)
        await asyncio.wait_for(self.writer.start_tls(context, server_hostname=host), LIMIT_S)

    async def ask(self, method: str, path: str, host: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        """Send one HTTP request and read its answer; raises as the connection fails."""
        head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.say(head.encode() + body)
        lines = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), LIMIT_S)).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
        return int(lines[0].split()[1]), headers, await self.hear(int(headers.get("content-length", 0)))


@contextlib.asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[int]:
    """Serve every connection by ``handler`` on a free loopback port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        line = Line(reader, writer)
        try:
            await handler(line)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            line.reset()
        finally:
            await line.close()

    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(serve, sock=sock)
    try:
        yield int(sock.getsockname()[1])
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def dialled(port: int) -> AsyncIterator[Line]:
    line = Line(*await asyncio.open_connection("127.0.0.1", port))
    try:
        yield line
    finally:
        # Not waited for: after a TLS handshake that failed, asyncio's stream never tells that it is closed.
        line.writer.transport.abort()
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def routing() -> AsyncIterator[Router]:
    router = Router()
    await router.start()
    try:
        yield router
    finally:
        await router.stop()


@contextlib.asynccontextmanager
async def by_socks(router: Router, host: str, port: int = 443) -> AsyncIterator[tuple[int, Line]]:
    """Ask the router for a host as a browser does: its reply code (0 granted) and the line."""
    try:
        packed = ipaddress.ip_address(host).packed
        address = (b"\x01" if len(packed) == 4 else b"\x04") + packed
    except ValueError:
        address = bytes((3, len(host))) + host.encode()
    async with dialled(router.port) as line:
        line.say(b"\x05\x01\x00")
        assert await line.hear(2) == b"\x05\x00"
        line.say(b"\x05\x01\x00" + address + port.to_bytes(2, "big"))
        yield (await line.hear(10))[1], line


@contextlib.asynccontextmanager
async def by_connect(router: Router, authority: str) -> AsyncIterator[tuple[str, Line]]:
    """Ask the router for ``host:port`` as a server's runtime does: its status line and the line."""
    async with dialled(router.port) as line:
        line.say(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
        head = (await asyncio.wait_for(line.reader.readuntil(b"\r\n\r\n"), LIMIT_S)).decode()
        yield head.split("\r\n")[0], line


def unused_port() -> int:
    """A port that was free a moment ago: nothing listens there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
