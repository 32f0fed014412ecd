"""Stand-ins for the servers of others: a server in a thread of its own, and one that hands each request to a function."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

AnyServer = TypeVar("AnyServer", bound=socketserver.BaseServer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came in: ``target`` is the path with its query, the names of ``headers`` are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Answering = Callable[[socket.socket, Request], None]


@contextlib.contextmanager
def in_a_thread(server: AnyServer) -> Iterator[AnyServer]:
    """Let a server serve for as long as the block lasts, then close it."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def answering(answer: Answering) -> Iterator[int]:
    """Serve on a free port, which it yields; ``answer`` writes to the connection, which is closed after one request."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if asked := _read(self):
                # Whoever asks may hang up first, as it should when its deadline is over.
                with contextlib.suppress(OSError):
                    answer(self.connection, asked)

    with in_a_thread(_Server(("127.0.0.1", 0), Handler)) as server:
        yield int(server.server_address[1])


class _Server(socketserver.ThreadingTCPServer):
    # Thirty visitors at once: five, as it is by default, would leave some of them unheard on a busy machine.
    request_queue_size = 128
    daemon_threads = True
    block_on_close = False


def _read(handler: socketserver.StreamRequestHandler) -> Request | None:
    """The request on a connection, or None where it was closed without one."""
    line = handler.rfile.readline().decode().split()
    if not line:
        return None
    headers: dict[str, str] = {}
    while text := handler.rfile.readline().decode().strip():
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    body = handler.rfile.read(int(headers.get("content-length", 0)))
    return Request(method=line[0], target=line[1], headers=headers, body=body)
