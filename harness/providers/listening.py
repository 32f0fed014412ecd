"""An application listening on one port of loopback, with or without TLS, inside a larger program. HTTP/1.1 only."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn

from harness.errors import UsageError
from harness.providers.wire import WiredProtocol

LOOPBACK = "127.0.0.1"
# The vendor takes queries of 32 KiB; over TLS they come in several reads.
MAX_HEAD_BYTES = 64 << 10

App = Callable[[Any, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]


class Listener:
    """One listening socket and what answers on it; ``port`` is read back from the socket."""

    def __init__(self, server: uvicorn.Server, task: asyncio.Task[None], port: int) -> None:
        self._server = server
        self._task = task
        self.port = port

    @classmethod
    async def open(cls, app: App, *, port: int = 0, tls: ssl.SSLContext | None = None) -> Listener:
        """Listen on ``port``, 0 for any free one; raises UsageError when it cannot be had."""
        sock = _bound(port)
        server = _QuietServer(_config(app, tls))
        task = asyncio.create_task(server.serve(sockets=[sock]))
        # One that ends before it listens is waited for no longer.
        task.add_done_callback(lambda _: server.up.set())
        await server.up.wait()
        if task.done():
            task.result()
        return cls(server, task, int(sock.getsockname()[1]))

    async def close(self) -> None:
        """Close the socket and every connection that came by it."""
        self._server.should_exit = True
        self._server.force_exit = True
        await self._task
        # What hangs, and what waits for its client's part of a TLS goodbye, would stay open.
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()


def _bound(port: int) -> socket.socket:
    # IPPROTO_TCP: on a socket made with proto 0, asyncio leaves Nagle on and every answer takes 43 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if port:
            # What a server of a moment ago left waiting does not hold a port that somebody chose.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((LOOPBACK, port))
        sock.listen(512)
        # Connections inherit it, and only those that have it give way. Before a bind to any free port it would be a race.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    except OSError as error:
        sock.close()
        why = "it is taken" if error.errno == errno.EADDRINUSE else (error.strerror or str(error)).lower()
        raise UsageError(f"cannot listen on port {port} of {LOOPBACK}: {why}; name another, or 0 for any free one") from error
    return sock


def _config(app: App, tls: ssl.SSLContext | None) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        interface="asgi3",
        log_level="critical",
        lifespan="off",
        http=WiredProtocol,
        ws="none",
        server_header=False,
        timeout_keep_alive=600,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
    )
    config.load()
    config.ssl = tls
    return config


class _QuietServer(uvicorn.Server):
    """Uvicorn inside a larger program: signals stay with that program, which is told by ``up`` when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
