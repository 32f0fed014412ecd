"""The gate at the target's origin: counts every request that arrives, can hold one back, and relays the bytes unchanged.

Only the answers on a link that a response fault stands on are altered (:mod:`harness.lab.altered`), and, where the target file
names the header of a proxy, each request is told who its client is (:mod:`harness.lab.forwarding`).

Chromium re-sends a request by itself when a kept-alive socket dies (POST included), and nothing in the browser shows it:
exactly-once can only be counted here (PITFALLS.md). Requests are recognised by h11 on a copy of the bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import h11

from harness.catalog import Place
from harness.lab import altered
from harness.lab.altered import Altering
from harness.lab.forwarding import forwarded, speaks_otherwise
from harness.lab.relay import End, relay
from harness.providers.serving import ResponseTable

MAX_KEPT_BYTES = 64 * 1024
# Of one answer, and of all different ones of a lab together.
MAX_SEARCHED_BYTES, MAX_WHOLE_BYTES = 4 << 20, 32 << 20

Head = tuple[tuple[bytes, bytes], ...]
LeakedIn = Callable[[Head, bytes], tuple[str, ...]]


def nothing_leaked(_head: Head, _body: bytes) -> tuple[str, ...]:
    """What is found where no secret is known."""
    return ()


@dataclass(slots=True, kw_only=True)
class OriginRequest:
    """One request as it arrived at the target, and the target's answer to it.

    ``cookies`` is the Cookie header, ``head`` holds the values of all headers of a request that is no GET. ``answer_head`` are
    the answer's headers, ``leaked`` names the account's secrets that stand in it. ``answer`` is the beginning of its body,
    ``whole`` all of it, as far as the gate keeps so much.
    ``status`` None: never answered. ``drop``: never let through. ``cut_off``: when its connection ended before the answer had
    come, so that none can come any more. ``rewritten`` names what altered the answer on its way, ``sha256`` is that of the body
    as it was then sent.
    """

    method: str
    path: str
    arrived: float
    link: str = ""
    rewritten: str = ""
    sha256: str = ""
    cookies: bytes = b""
    head: bytes = field(default=b"", repr=False)
    body: bytearray = field(default_factory=bytearray)
    status: int | None = None
    answered: float | None = None
    cut_off: float | None = None
    answer: bytearray = field(default_factory=bytearray)
    whole: bytes = b""
    answer_head: Head = ()
    leaked: tuple[str, ...] = ()
    drop: bool = False

    def keep(self, part: bytearray, data: bytes) -> None:
        """Keep the beginning of a body: enough to find tickets in."""
        part += data[: max(0, MAX_KEPT_BYTES - len(part))]


class OriginGate:
    """A fixed loopback port per slot (read back into ``port``) in front of whatever port the lab's target listens on.

    ``paths`` are the target's paths that are links of their own, by path; ``responses`` what is answered wrongly on which link.
    ``leaked_in`` names the secrets that stand in the head and body of an answer.
    ``client_ip``: the header by which the target is told who its client is, and who that is now; None: it is not told.
    """

    def __init__(self) -> None:
        self.port = 0
        self.target_port = 0
        self.paths: dict[str, str] = {}
        self.responses = ResponseTable(place=Place.ORIGIN)
        self.client_ip: tuple[str, Callable[[], str]] | None = None
        self.leaked_in: LeakedIn = nothing_leaked
        self.log: list[OriginRequest] = []
        self.on_request: Callable[[OriginRequest], Awaitable[None]] | None = None
        self.on_answer: Callable[[OriginRequest], None] | None = None
        self.on_cut_off: Callable[[OriginRequest], None] | None = None
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], _Sniffer] = {}
        self._wholes: dict[bytes, bytes] = {}
        self._whole_bytes = 0
        self._ends_pass = asyncio.Event()
        self._ends_pass.set()

    async def start(self) -> None:
        """Open the port."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.bind(("127.0.0.1", 0))
        self._server = await asyncio.start_server(self._serve, sock=sock)
        self.port = sock.getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        await self.close_connections()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def busy(self) -> bool:
        """Whether a request stands unanswered on a connection that is open."""
        return any(sniffer.busy for task, sniffer in self._open.items() if not task.done())

    @property
    def hold_ends(self) -> bool:
        """Whether the ends of the target's connections are kept back, until this is set to False.

        Toxiproxy's ``timeout`` drops every byte and passes ends on: a target that closes after its answer would end a hang.
        """
        return not self._ends_pass.is_set()

    @hold_ends.setter
    def hold_ends(self, hold: bool) -> None:
        if hold:
            self._ends_pass.clear()
        else:
            self._ends_pass.set()

    def link_of(self, method: str, path: str) -> str:
        """Name the link of a request to the target."""
        return self.paths.get(urlsplit(path).path) or ("page" if method == "GET" else "submit")

    def reset(self) -> None:
        """Forget the last lab; ``target_port`` and ``paths`` are set anew for the next."""
        self.target_port = 0
        self.paths = {}
        self.responses.reset()
        self.client_ip = None
        self.leaked_in = nothing_leaked
        self.log.clear()
        self._wholes.clear()
        self._whole_bytes = 0
        self.on_request = None
        self.on_answer = self.on_cut_off = None
        self.hold_ends = False

    def search(self, request: OriginRequest, body: bytes) -> None:
        """Search an answer for the account's secrets, and keep it for what is found out later; equal ones are kept once."""
        request.leaked = self.leaked_in(request.answer_head, body)
        if body not in self._wholes and self._whole_bytes + len(body) <= MAX_WHOLE_BYTES:
            self._wholes[body] = body
            self._whole_bytes += len(body)
        request.whole = self._wholes.get(body, b"")

    async def close_connections(self, *, idle_only: bool = False) -> None:
        """End open connections, so that the next request comes on a fresh one."""
        tasks = [t for t, sniffer in self._open.items() if not t.done() and not (idle_only and sniffer.busy)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        client = End(reader=reader, writer=writer)
        sniffer = _Sniffer(self, client)
        self._open[task] = sniffer
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
            upstream = End(reader=up_reader, writer=up_writer)
            await relay(client, upstream, up=sniffer.up, down=sniffer.down, down_ended=sniffer.down_ended)
        except OSError:
            client.reset()
        except asyncio.CancelledError:
            client.finish()
            await client.close()
        finally:
            self._open.pop(task, None)
            sniffer.ended()

    async def until_ends_pass(self) -> None:
        """Wait as long as ends are held."""
        await self._ends_pass.wait()


class _Sniffer:
    """Read one connection's HTTP/1.1 beside the relay; on anything else it falls silent and the bytes go on."""

    def __init__(self, gate: OriginGate, client: End) -> None:
        self._gate = gate
        self._client = client
        self._altering = Altering()
        self._over = False
        self._requests = h11.Connection(h11.SERVER)
        self._answers = h11.Connection(h11.CLIENT)
        self._waiting: list[tuple[OriginRequest, h11.Request]] = []
        self._current: OriginRequest | None = None
        self._silent = False
        self._client_ip = gate.client_ip
        self._answer = bytearray()
        self._held = bytearray()
        self._onward = bytearray()
        self._opaque = False

    @property
    def busy(self) -> bool:
        return bool(self._waiting) or self._current is not None

    def ended(self) -> None:
        """Note that what is unanswered will not be answered."""
        if self._answer and self._waiting:
            self._gate.search(self._waiting[0][0], bytes(self._answer))
        for request, _head in self._waiting:
            request.cut_off = time.monotonic()
            if self._gate.on_cut_off is not None:
                self._gate.on_cut_off(request)

    async def up(self, data: bytes) -> bytes | None:
        self._held += data
        if not (self._silent or self._opaque):
            try:
                arrived = self._read_requests(data)
            except h11.RemoteProtocolError:
                self._silent, arrived = True, []
            for request in arrived:
                if self._gate.on_request is not None:
                    await self._gate.on_request(request)
                if request.drop:
                    return None
        if self._silent or self._opaque or self._client_ip is None:
            self._onward += self._held
            self._held.clear()
        onward, self._onward = bytes(self._onward), bytearray()
        return onward

    def _read_requests(self, data: bytes) -> list[OriginRequest]:
        arrived = []
        self._requests.receive_data(data)
        while True:
            event = self._requests.next_event()
            self._let_on(event)
            if isinstance(event, h11.Request):
                method, path = event.method.decode(), event.target.decode("latin-1")
                link = self._gate.link_of(method, path)
                cookies = b"; ".join(value for name, value in event.headers if name == b"cookie")
                self._current = OriginRequest(method=method, path=path, link=link, arrived=time.monotonic(), cookies=cookies)
                if method != "GET":
                    self._current.head = b"\n".join(value for _name, value in event.headers)
                self._gate.log.append(self._current)
                self._waiting.append((self._current, event))
                arrived.append(self._current)
            elif isinstance(event, h11.Data) and self._current is not None:
                self._current.keep(self._current.body, bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                self._current = None
                trailing = self._requests.trailing_data[0]
                self._requests = h11.Connection(h11.SERVER)
                if not trailing or self._opaque:
                    return arrived
                self._requests.receive_data(trailing)
            else:
                return arrived

    def _let_on(self, event: object) -> None:
        """Let what an event was read from go on to the target; a request's head names its client then."""
        if self._client_ip is None:
            return
        taken = len(self._held) - len(self._requests.trailing_data[0])
        raw = bytes(self._held[:taken])
        del self._held[:taken]
        if isinstance(event, h11.Request):
            header, address = self._client_ip
            raw = forwarded(event, header, address())
            self._opaque = speaks_otherwise(event)
        self._onward += raw

    async def down(self, data: bytes) -> bytes:
        if self._over:
            return b""
        if not self._silent:
            alters = self._is_altered()
            try:
                self._read_answers(data)
            except (h11.RemoteProtocolError, h11.LocalProtocolError):
                self._silent = True
            if alters:
                await self._send_altered()
                return b""
        return data

    def _is_altered(self) -> bool:
        """Whether the answer that comes is to be altered; what stands when its first bytes come holds for the whole of it."""
        if self._waiting and self._answers.our_state is h11.IDLE:
            request = self._waiting[0][0]
            rewrite, request.rewritten = self._gate.responses.get(request.link) or (None, "")
            self._altering = Altering(rewrite=rewrite, request=request)
        return self._altering.rewrite is not None

    async def _send_altered(self) -> None:
        if (answer := self._altering.answer()) is not None:
            self._altering = Altering()
            self._over = not await altered.send(answer, self._client)

    async def down_ended(self, how: str) -> None:
        """Take an answer without a length as whole when the target ends it (HTTP/1.0), and keep the end back while held."""
        if how == "eof" and not self._silent and self._answers.our_state is not h11.IDLE:
            with contextlib.suppress(h11.RemoteProtocolError):
                self._answers.receive_data(b"")
                self._read_answer(self._waiting[0][0])
                await self._send_altered()
        await self._gate.until_ends_pass()

    def _read_answers(self, data: bytes) -> None:
        while data and self._waiting:
            request, head = self._waiting[0]
            if self._answers.our_state is h11.IDLE:
                self._answers.send(h11.Request(method=head.method, target=head.target, headers=[("host", "target")]))
                self._answers.send(h11.EndOfMessage())
            self._answers.receive_data(data)
            data = self._read_answer(request)

    def _read_answer(self, request: OriginRequest) -> bytes:
        """Read what is there of one answer; returns the bytes that follow its end."""
        while True:
            event = self._answers.next_event()
            if isinstance(event, h11.Response):
                request.status = event.status_code
                request.answer_head = tuple((name, value) for name, value in event.headers)
                self._altering.head = event
            elif isinstance(event, h11.Data):
                request.keep(request.answer, bytes(event.data))
                self._answer += event.data[: max(0, MAX_SEARCHED_BYTES - len(self._answer))]
                self._altering.keep(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                request.answered = time.monotonic()
                self._gate.search(request, bytes(self._answer))
                self._answer.clear()
                self._altering.whole = True
                self._waiting.pop(0)
                rest = self._answers.trailing_data[0]
                self._answers = h11.Connection(h11.CLIENT)
                if self._gate.on_answer is not None:
                    self._gate.on_answer(request)
                return rest
            elif not isinstance(event, h11.InformationalResponse):
                return b""
