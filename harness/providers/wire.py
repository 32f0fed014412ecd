"""What an ASGI application cannot do to its connection: send a head byte by byte, or end it unanswered or by RST."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from harness.certificates import shown_on

SHOWN = "captchaos.certificate"
WIRE = "captchaos.wire"

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Wire:
    """The connection that a request came on."""

    def __init__(self, protocol: H11Protocol) -> None:
        self._protocol = protocol

    async def drip_head(self, send: Send, start: Any, drip_ms: int) -> None:
        """Send the head a byte at a time, ``drip_ms`` before each; stops when the client has gone."""
        cycle, kept = self._protocol.cycle, _Kept()
        # Uvicorn writes the head itself, into what stands there for its connection.
        transport, cycle.transport = cycle.transport, kept  # type: ignore[assignment]  # all that a head needs of it
        try:
            await send(start)
        finally:
            cycle.transport = transport
        for byte in kept.data:
            await asyncio.sleep(drip_ms / 1000)  # the fault itself
            if transport.is_closing():
                return
            transport.write(bytes((byte,)))

    async def end(self, receive: Receive, *, reset: bool) -> None:
        """End the connection by FIN or, with ``reset``, by RST, and return when it is gone."""
        transport = self._protocol.transport
        if reset:
            with contextlib.suppress(OSError):
                transport.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
            transport.abort()
        else:
            transport.close()
        await gone(receive)


class WiredProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1, handing on with each request its :class:`Wire` and which certificate its connection was shown."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        super().connection_made(transport)
        shown = shown_on(transport.get_extra_info("ssl_object")) or ""
        self.app_state = {**self.app_state, SHOWN: shown, WIRE: Wire(self)}


async def gone(receive: Receive) -> None:
    """Return when the connection of a request has ended."""
    while (await receive())["type"] != "http.disconnect":
        pass


class _Kept:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        self.data += data
