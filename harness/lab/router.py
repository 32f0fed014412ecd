"""The router: one small port per slot that speaks SOCKS5 (to the browser) and HTTP CONNECT (to the server).

It maps host names to the slot's Toxiproxy ports, refuses and records a host that nothing maps, and logs how every connection
ended: that log is evidence, and the only thing that tells a fault from a typo (PITFALLS.md).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field

from harness.catalog import Place, Side
from harness.faults.base import Receipt
from harness.lab.relay import End, relay

MAX_REQUEST_LINE_BYTES = 16 * 1024
_SOCKS_OK, _SOCKS_NO_HOST, _SOCKS_REFUSED, _SOCKS_NOT_ALLOWED = 0, 4, 5, 2


@dataclass(slots=True, kw_only=True)
class Connection:
    """One connection through the router. Times are ``time.monotonic()``.

    ``exchanges``: when the first byte of a question left → how long until the last byte of its answer came, in seconds.
    ``ended_by``: "" while open; unmapped, no-such-name, refused, or who ended it and how (``upstream-reset``, ``client-eof``…).
    ``carried``: whether the request that the router looks out for (:class:`Lookout`) travelled on it.
    """

    host: str
    port: int
    side: Side
    opened: float
    bytes_up: int = 0
    bytes_down: int = 0
    last_up: float = 0.0
    last_down: float = 0.0
    asked: float = 0.0
    exchanges: dict[float, float] = field(default_factory=dict)
    ended: float | None = None
    ended_by: str = ""
    carried: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """Look out for one request on a browser's plain HTTP connections to ``host``; ``wanted`` knows its method and path.

    With ``before`` it only travels on a connection whose way is opened after that was awaited: new connections are granted at
    once and wait for their first bytes, and one that was open already is reset, so that the browser comes again on a new one.
    """

    host: str
    wanted: Callable[[str, str], bool]
    before: Callable[[], Awaitable[None]] | None = None

    def sees(self, data: bytes) -> bool:
        """Whether these bytes begin the wanted request."""
        words = data.partition(b"\r\n")[0].decode("latin-1").split(" ")
        return len(words) == 3 and words[2].startswith("HTTP/") and self.wanted(words[0], words[1])


class Router:
    """Listen on a free loopback port, read back into ``port``.

    ``on_connect`` is awaited with host and side before the way to a mapped host is opened: awaiting there holds a connection
    until a fault stands. ``last_activity`` is when a byte last moved or a connection began or ended.
    """

    def __init__(self) -> None:
        self.port = 0
        self.log: list[Connection] = []
        self.on_connect: Callable[[str, Side], Awaitable[None]] | None = None
        self.on_end: Callable[[Connection], None] | None = None
        self.lookout: Lookout | None = None
        self.last_activity = time.monotonic()
        self._routes: dict[tuple[str, int, Side], int] = {}
        self._no_names: set[str] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the port."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.bind(("127.0.0.1", 0))
        self._server = await asyncio.start_server(self._serve, sock=sock)
        self.port = sock.getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        await self.drop_all()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def drop_all(self) -> None:
        """End every open connection."""
        tasks = [task for task in self._tasks if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def reset(self) -> None:
        """Forget routes, log and hooks for the next lab."""
        self._routes.clear()
        self._no_names.clear()
        self.log.clear()
        self.on_connect = None
        self.on_end = None
        self.lookout = None

    def route(self, host: str, port: int, to_port: int, *, sides: Iterable[Side] = tuple(Side)) -> None:
        """Map ``host:port`` to a loopback port, for connections of these sides."""
        for side in sides:
            self._routes[host, port, side] = to_port

    def refuse_name(self, host: str) -> Receipt:
        """Answer for ``host`` as a resolver does that does not know it."""
        self._no_names.add(host)
        return self._names(host, "no such name")

    def restore_name(self, host: str) -> Receipt:
        """Let ``host`` resolve again."""
        self._no_names.discard(host)
        return self._names(host, "resolves")

    def connections(self, hosts: tuple[str, ...], *, since: float = 0.0) -> Iterator[Connection]:
        """Connections to any of ``hosts`` that were open at or after ``since``."""
        return (c for c in self.log if c.host in hosts and (c.ended is None or c.ended >= since))

    def refused_hosts(self) -> tuple[str, ...]:
        """Hosts that somebody asked for and nothing maps, once each."""
        return tuple(dict.fromkeys(f"{c.host}:{c.port}" for c in self.log if c.ended_by == "unmapped"))

    def _names(self, host: str, asked: str) -> Receipt:
        stands = "no such name" if host in self._no_names else "resolves"
        return Receipt(place=Place.ROUTER, asked=f"{host}: {asked}", read_back=f"{host}: {stands}")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        client = End(reader=reader, writer=writer)
        try:
            await self._greet(client)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, UnicodeDecodeError, ValueError):
            client.reset()
        except asyncio.CancelledError:
            client.reset()
        finally:
            self._tasks.discard(task)

    async def _greet(self, client: End) -> None:
        first = await client.reader.readexactly(1)
        if first == b"\x05":
            await self._socks(client)
        else:
            await self._connect(client, first)

    async def _socks(self, client: End) -> None:
        count = (await client.reader.readexactly(1))[0]
        await client.reader.readexactly(count)
        client.writer.write(b"\x05\x00")
        _version, command, _reserved, kind = await client.reader.readexactly(4)
        if kind == 3:
            host = (await client.reader.readexactly((await client.reader.readexactly(1))[0])).decode("ascii").lower()
        else:
            host = str(ipaddress.ip_address(await client.reader.readexactly(4 if kind == 1 else 16)))
        port = int.from_bytes(await client.reader.readexactly(2), "big")

        def reply(code: int) -> None:
            client.writer.write(bytes((5, code, 0, 1, 0, 0, 0, 0, 0, 0)))

        if command != 1:
            reply(7)
            await client.close()
            return
        await self._route(client, host, port, Side.BROWSER, reply)

    async def _connect(self, client: End, first: bytes) -> None:
        head = first + await client.reader.readuntil(b"\r\n\r\n")
        method, _, rest = head.decode("latin-1").partition(" ")
        answers = {
            _SOCKS_OK: "200 Connection established",
            _SOCKS_NO_HOST: "502 No such host",
            _SOCKS_REFUSED: "502 Connection refused",
            _SOCKS_NOT_ALLOWED: "403 Nothing maps this host",
        }

        def reply(code: int) -> None:
            end = "\r\n\r\n" if code == _SOCKS_OK else "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            client.writer.write(f"HTTP/1.1 {answers[code]}{end}".encode())

        if method != "CONNECT":
            client.writer.write(b"HTTP/1.1 405 Only CONNECT is spoken here\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await client.close()
            return
        host, _, port = rest.split(" ")[0].rpartition(":")
        await self._route(client, host.strip("[]").lower(), int(port), Side.SERVER, reply)

    async def _route(self, client: End, host: str, port: int, side: Side, reply: Callable[[int], None]) -> None:
        connection = Connection(host=host, port=port, side=side, opened=time.monotonic())
        self.log.append(connection)
        self.last_activity = connection.opened
        try:
            connection.ended_by = await self._carry(connection, client, reply)
        except asyncio.CancelledError:
            connection.ended_by = "lab-closed"
            raise
        finally:
            connection.ended = self.last_activity = time.monotonic()
            if self.on_end is not None:
                self.on_end(connection)

    async def _carry(self, connection: Connection, client: End, reply: Callable[[int], None]) -> str:
        to_port = self._routes.get((connection.host, connection.port, connection.side))
        if to_port is None:
            reply(_SOCKS_NOT_ALLOWED)
            await client.close()
            return "unmapped"
        if self.on_connect is not None:
            await self.on_connect(connection.host, connection.side)
        if connection.host in self._no_names:
            reply(_SOCKS_NO_HOST)
            await client.close()
            return "no-such-name"
        lookout, first = self._lookout(connection), b""
        if lookout is not None and lookout.before is not None:
            reply(_SOCKS_OK)
            first = await _first_line(client)
            if not first:
                await client.close()
                return "client-eof"
            connection.carried = lookout.sees(first)
            if connection.carried:
                await lookout.before()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", to_port)
        except OSError:
            if first:
                client.reset()
            else:
                reply(_SOCKS_REFUSED)
                await client.close()
            return "refused"
        if not first:
            reply(_SOCKS_OK)
        return await self._relay(connection, client, End(reader=reader, writer=writer), first)

    async def _relay(self, connection: Connection, client: End, upstream: End, first: bytes) -> str:
        async def up(data: bytes) -> bytes | None:
            lookout = self._lookout(connection)
            asks = connection.last_down >= connection.last_up and data is not first
            if lookout is not None and asks and lookout.sees(data):
                if lookout.before is not None:
                    return None
                connection.carried = True
            connection.bytes_up += len(data)
            now = self.last_activity = time.monotonic()
            if connection.last_down >= connection.last_up:
                connection.asked = now
            connection.last_up = now
            return data

        async def down(data: bytes) -> bytes:
            connection.bytes_down += len(data)
            connection.last_down = self.last_activity = time.monotonic()
            if connection.asked:
                connection.exchanges[connection.asked] = connection.last_down - connection.asked
            return data

        if first and (passed := await up(first)):
            upstream.writer.write(passed)
        return await relay(client, upstream, up=up, down=down)

    def _lookout(self, connection: Connection) -> Lookout | None:
        lookout = self.lookout
        watched = lookout is not None and connection.host == lookout.host and connection.side is Side.BROWSER
        return lookout if watched else None


async def _first_line(client: End) -> bytes:
    """Read until a first line is complete, or as much as a line may have; b"" when the client ends without a word."""
    data = b""
    while b"\r\n" not in data and len(data) < MAX_REQUEST_LINE_BYTES:
        more = await client.reader.read(MAX_REQUEST_LINE_BYTES)
        if not more:
            return data
        data += more
    return data
