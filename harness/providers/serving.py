"""Serve one emulator over TLS on its vendor's host names: request log, barrier at the origin, rewrites, certificates.

One listening socket serves every host of the provider; a Toxiproxy stands in front of it for each host. HTTP/1.1 only.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qsl

from harness.catalog import Answer, Asked, Place, Rewrite
from harness.certificates import CertificateBook
from harness.errors import HarnessError
from harness.faults.base import Receipt
from harness.providers.base import Credentials, Emulator, NamesUser, Request, TellsWhatIsAsked
from harness.providers.listening import Listener
from harness.providers.wire import SHOWN, WIRE, Wire, gone

MAX_BODY_BYTES = 1 << 20


@dataclass(slots=True, kw_only=True)
class Arrival:
    """One request as the provider saw it. Times are ``time.monotonic()``; ``answered`` is None while it is held or cut off.

    ``certificate``: the kind that its connection was shown in the handshake, whatever is shown by now; "" without TLS.
    ``carried``: which of the account's secrets came with the request, by name and never by value; on no link, a client that was
    sent elsewhere took them along. ``user_ip``: the user's address that a verdict request names.
    ``fingerprint``: of what was asked and how it was signed. ``closes``: the connection ends with the answer.
    ``lost``: no whole answer went out, or the question itself came by half and was put to nobody.
    """

    link: str
    host: str
    method: str
    path: str
    connection: str
    arrived: float
    answered: float | None = None
    status: int | None = None
    rewritten: str = ""
    said: str = ""
    sent_bytes: int = 0
    sha256: str = ""
    lost: bool = False
    ticket: str = ""
    user_ip: str = ""
    asked: tuple[tuple[str, str], ...] = ()
    fingerprint: str = ""
    certificate: str = ""
    carried: tuple[str, ...] = ()
    closes: bool = False


@dataclass(slots=True)
class ResponseTable:
    """Rewrites by link; what stands is what is read back. ``place`` is whose answers they are."""

    place: Place = Place.PROVIDER
    _rewrites: dict[str, tuple[Rewrite, str]] = field(default_factory=dict)

    def set(self, link: str, rewrite: Rewrite, label: str) -> Receipt:
        self._rewrites[link] = (rewrite, label)
        return Receipt(place=self.place, asked=f"{link}: {label}", read_back=f"{link}: {self._rewrites[link][1]}")

    def clear(self, link: str) -> Receipt:
        self._rewrites.pop(link, None)
        stands = self._rewrites.get(link, (None, "none"))[1]
        return Receipt(place=self.place, asked=f"{link}: none", read_back=f"{link}: {stands}")

    def reset(self) -> None:
        self._rewrites.clear()

    def get(self, link: str) -> tuple[Rewrite, str] | None:
        return self._rewrites.get(link)


Arrived = Callable[[Arrival], Awaitable[None]]


class Beside(Protocol):
    """Who else is served at the same door: each of ``hosts`` is a link of its own, by its name."""

    hosts: frozenset[str]

    async def answer(self, request: Request) -> Answer:
        """Make the answer to a request for one of the hosts."""

    def describe(self, request: Request) -> str:
        """Say what the answer that was made lacks; "" where that is nothing."""


class ProviderServer:
    """One emulator on one TLS port and one plain port of loopback.

    ``on_arrival`` is awaited with every arriving request before its answer is made: awaiting there is the barrier at the
    origin. ``close_after`` names links whose answers end with ``Connection: close``, ``held_links`` those whose connections
    stay open after an answer until their ends may pass (Toxiproxy's ``timeout`` would pass the end on and cut a hang short).
    ``broken`` keeps what the emulator itself raised: a laboratory error, never a finding; ``breaks`` says what that is called.
    ``pause`` waits so many seconds before a late answer's head: real ones, unless a lab goes by another clock.
    ``beside`` are hosts that are not the vendor's, told apart from it by name.
    """

    def __init__(self, emulator: Emulator, certificates: CertificateBook, beside: Beside | None = None) -> None:
        self.emulator = emulator
        self._beside = beside
        self.certificates = certificates
        self.responses = ResponseTable()
        self.log: list[Arrival] = []
        self.on_arrival: Arrived | None = None
        self.close_after: set[str] = set()
        self.pause: Callable[[float], Awaitable[None]] = asyncio.sleep
        self._held: dict[str, asyncio.Event] = {}
        self.broken: list[str] = []
        self.breaks = "the emulator itself broke"
        self.port = 0
        self.plain_port = 0
        self._listeners: list[Listener] = []

    async def start(self, *, port: int = 0, plain_port: int = 0, tls: bool = True) -> None:
        """Listen on two loopback ports, 0 for any free one: ``port`` speaks TLS, ``plain_port`` does not; both are read back.

        Without ``tls`` only the plain one is opened. Raises UsageError for a port that cannot be had.
        """
        if tls:
            self.port = await self._listen(port, self.certificates.context())
        self.plain_port = await self._listen(plain_port, None)

    async def _listen(self, port: int, tls: ssl.SSLContext | None) -> int:
        listener = await Listener.open(self._app, port=port, tls=tls)
        self._listeners.append(listener)
        return listener.port

    async def stop(self) -> None:
        """Close every connection and both ports."""
        await asyncio.gather(*(listener.close() for listener in self._listeners))
        # One turn of the loop, in which the transports that were closed say so to their protocols.
        await asyncio.sleep(0)

    @property
    def held_links(self) -> frozenset[str]:
        """The links whose connections are not closed after an answer."""
        return frozenset(self._held)

    def hold_ends(self, link: str) -> None:
        """Keep the ends of a link's connections back from here on."""
        self._held.setdefault(link, asyncio.Event())

    def let_ends_pass(self, link: str) -> None:
        """Let what was held on a link end; nothing happens where nothing was."""
        held = self._held.pop(link, None)
        if held is not None:
            held.set()

    def reset(self, *, build: str) -> None:
        """Make everything new for the next lab: tickets, log, rewrites, barrier, certificates."""
        self.emulator.reset(build=build)
        self.emulator.skew(0)
        self.responses.reset()
        self.certificates.reset()
        self.log.clear()
        self.on_arrival = None
        self.pause = asyncio.sleep
        self.close_after = set()
        for link in self.held_links:
            self.let_ends_pass(link)
        self.broken = []

    @property
    def trouble(self) -> str:
        """What broke here, in a sentence: then nothing that was seen is a word on the target; "" while nothing has."""
        return f"{self.breaks}: {self.broken[0]}" if self.broken else ""

    def classify(self, host: str, method: str, path: str, query: Mapping[str, str]) -> str:
        """Name the link of a request, be it the vendor's or one beside it; "" for what belongs to none."""
        return host if self._is_beside(host) else self.emulator.classify(host, method, path, query)

    def _is_beside(self, host: str) -> bool:
        return self._beside is not None and host in self._beside.hosts

    def arrivals(self, link: str) -> Iterator[Arrival]:
        """Every request that arrived on a link, in order."""
        return (arrival for arrival in self.log if arrival.link == link)

    async def _app(
        self, scope: Mapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        host = headers.get("host", "").split(":")[0].lower()
        raw_query = scope["query_string"].decode("latin-1")
        query = dict(parse_qsl(raw_query, keep_blank_values=True))
        path = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else scope["path"]
        link = self.classify(host, scope["method"], path, query)
        arrival = self._arrived(scope, link, host, path)
        try:
            body = None if int(headers.get("content-length", 0)) > MAX_BODY_BYTES else await _body(receive)
        except _SenderGoneError:
            # Half a question is nobody's to answer: a vendor that is live would be asked it.
            arrival.lost = True
            return
        if body is None:
            await _send_plain(send, Answer(status=413, headers=(("content-type", "text/plain"),), body=b"too large"))
            return
        request = Request(
            link=link,
            host=host,
            method=scope["method"],
            path=path,
            query=query,
            raw_query=raw_query,
            headers=headers,
            body=body,
            client=arrival.connection,
        )
        arrival.carried = _secrets_in(request, self.emulator.credentials)
        try:
            if self.on_arrival is not None and link:
                await self.on_arrival(arrival)
            answer = await self._answer(request)
        except Exception as error:
            told = str(error) if isinstance(error, HarnessError) else repr(error)
            self.broken.append(f"{request.method} {host}{path}: {told}")
            raise
        self._describe(arrival, request, answer)
        answer = self._rewritten(arrival, request, answer, site=f"{scope['scheme']}://{headers.get('host', '')}")
        if link in self.close_after:
            answer = replace(answer, headers=(*answer.headers, ("connection", "close")))
        arrival.closes = _closes(scope["http_version"], headers, answer)
        await self._send(arrival, answer, receive, send, scope["state"][WIRE])

    def _arrived(self, scope: Mapping[str, Any], link: str, host: str, path: str) -> Arrival:
        arrival = Arrival(
            link=link,
            host=host,
            method=scope["method"],
            path=path,
            connection=":".join(map(str, scope["client"])),
            arrived=time.monotonic(),
            certificate=scope["state"][SHOWN],
        )
        self.log.append(arrival)
        return arrival

    def _rewritten(self, arrival: Arrival, request: Request, answer: Answer, *, site: str) -> Answer:
        """The answer as the rewrite makes it that stands on its link, if one does."""
        if (standing := self.responses.get(request.link)) is None:
            return answer
        rewrite, label = standing
        asked = Asked(
            link=request.link, host=request.host, method=request.method, path=request.path, query=request.query, site=site
        )
        made = rewrite(answer, asked)
        # What leaves an answer as it is (no callback to break in it, say) altered nothing.
        arrival.rewritten = label if made != answer else ""
        return made

    async def _answer(self, request: Request) -> Answer:
        if self._beside is not None and self._is_beside(request.host):
            return await self._beside.answer(request)
        return await self.emulator.answer(request)

    def _describe(self, arrival: Arrival, request: Request, answer: Answer) -> None:
        if self._beside is not None and self._is_beside(request.host):
            arrival.said = self._beside.describe(request)
            return
        arrival.said = self.emulator.describe(request, answer)
        arrival.ticket = self.emulator.ticket_of(request)
        arrival.fingerprint = _fingerprint(request)
        arrival.user_ip = self.emulator.user_ip_of(request) if isinstance(self.emulator, NamesUser) else ""
        arrival.asked = self.emulator.asked_of(request) if isinstance(self.emulator, TellsWhatIsAsked) else ()

    async def _send(
        self,
        arrival: Arrival,
        answer: Answer,
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
        wire: Wire,
    ) -> None:
        arrival.sha256 = hashlib.sha256(answer.body).hexdigest()
        if answer.never and answer.cut_at is None:
            await gone(receive)
            arrival.lost = True
            return
        if answer.delay_ms:
            # Here and below the pauses are the fault itself: an answer that comes late, or drips.
            await self.pause(answer.delay_ms / 1000)
        if answer.unanswered:
            arrival.lost = True
            await wire.end(receive, reset=answer.reset)
            return
        # Before it is sent: a client that has read the head finds it in the log.
        arrival.status = answer.status
        await _send_head(answer, send, wire)
        async for chunk in _chunks(answer):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            arrival.sent_bytes += len(chunk)
        if answer.never:
            arrival.lost = True
            await gone(receive)
            return
        arrival.answered = time.monotonic()
        if answer.cut_at is not None:
            arrival.lost = True
            await wire.end(receive, reset=answer.reset)
            return
        held = self._held.get(arrival.link)
        if arrival.closes and held is not None:
            await _until(held, receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until(ends_pass: asyncio.Event, receive: Callable[[], Awaitable[Any]]) -> None:
    # The answer has been sent; its last, empty part is what a server that is to close waits for.
    ways = [asyncio.ensure_future(ends_pass.wait()), asyncio.ensure_future(gone(receive))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


def _closes(version: str, headers: Mapping[str, str], answer: Answer) -> bool:
    """Whether the server ends the connection after this answer; on one that stays open the next request must be read."""
    asked = headers.get("connection", "").lower()
    told = dict(answer.headers).get("connection", "").lower()
    return "close" in (asked, told) or (version == "1.0" and asked != "keep-alive")


async def _send_head(answer: Answer, send: Callable[[Any], Awaitable[None]], wire: Wire) -> None:
    headers = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in answer.headers]
    if answer.status != HTTPStatus.NO_CONTENT:
        headers.insert(0, (b"content-length", str(len(answer.body)).encode()))
    start = {"type": "http.response.start", "status": answer.status, "headers": headers}
    await (wire.drip_head(send, start, answer.head_drip_ms) if answer.head_drip_ms else send(start))


async def _chunks(answer: Answer) -> AsyncIterator[bytes]:
    body = answer.body if answer.cut_at is None else answer.body[: answer.cut_at]
    if answer.body_delay_ms:
        # The pauses here are the fault itself, too.
        await asyncio.sleep(answer.body_delay_ms / 1000)
    if not answer.drip_ms:
        if body:
            yield body
        return
    for start in range(0, len(body), answer.drip_bytes):
        await asyncio.sleep(answer.drip_ms / 1000)
        yield body[start : start + answer.drip_bytes]


class _SenderGoneError(Exception):
    """The connection of a request ended before the request did."""


async def _body(receive: Callable[[], Awaitable[Any]]) -> bytes | None:
    """Read a body whole, None for one that is too large; raises _SenderGoneError."""
    parts = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _SenderGoneError
        parts += message.get("body", b"")
        if len(parts) > MAX_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(parts)


def _fingerprint(request: Request) -> str:
    asked = "\n".join((request.method, request.path, request.raw_query, request.headers.get("authorization", "")))
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass") + b"\n" + request.body).hexdigest()[:16]


def _secrets_in(request: Request, credentials: Credentials) -> tuple[str, ...]:
    carried = "\n".join((request.path, request.raw_query, *request.headers.values(), request.body.decode("latin-1")))
    secret = credentials.secrets()
    return tuple(name for name, value in credentials.values().items() if value in secret and value in carried)


async def _send_plain(send: Callable[[Any], Awaitable[None]], answer: Answer) -> None:
    headers = [(k.encode(), v.encode()) for k, v in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
