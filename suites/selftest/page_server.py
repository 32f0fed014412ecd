"""A server with one page, for tests that open a page of their own beside a vendor."""

from __future__ import annotations

import asyncio
import socket


class PageServer:
    """One page on a loopback port over plain HTTP."""

    def __init__(self) -> None:
        self.html = ""
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.bind(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        self._server = await asyncio.start_server(self._answer, sock=listening)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = self.html.encode()
        head = ["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", f"Content-Length: {len(body)}"]
        writer.write("\r\n".join((*head, "Connection: close", "", "")).encode() + body)
        await writer.drain()
        writer.close()
