"""The vendor itself in the place of its emulator: what arrives is passed on to its real hosts, and its own answers come back.

The lab ends the TLS of browser and server here, as it does before an emulator, and begins TLS of its own to the vendor, whose
certificate is verified. Passing the bytes on unread would spare that, but links that share a host are told apart by what is
asked, a fault waits for the request that it is meant for, and that a verdict was really asked for must be seen.
Faults stand before this place, so the vendor never meets one.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

import httpcore
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from harness.catalog import Answer, Behaviour
from harness.errors import LaboratoryError
from harness.providers.base import Emulator, NamesUser, Request, TellsWhatIsAsked
from harness.providers.hands import put_off
from harness.target.flowfile import FlowFunction
from harness.target.spec import Live

LIMIT_S = 60.0
MAX_ANSWER_BYTES = 16 << 20
# Fewer than a browser opens by itself to two hosts.
MAX_CONNECTIONS = 10
_TLS_PORT = 443
# A connection that the vendor closes just as it is used again would look like a vendor that is down.
_IDLE_S = 2.0
_OF_ONE_CONNECTION = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade", "host", "content-length",
}  # fmt: skip
# An answer that the browser has kept would never meet a fault, and one by QUIC would pass all of them by.
_NOT_HANDED_ON = {*_OF_ONE_CONNECTION, "alt-svc", "cache-control", "expires", "etag", "last-modified", "age"}
_FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, TimeoutError, OSError)
_UNREADABLE = (ValueError, LookupError, AttributeError, TypeError)


class LiveError(LaboratoryError):
    """The vendor could not be asked, or may not be: no word on the target."""


class Upstream:
    """The vendor's hosts over TLS that is verified, HTTP/1.1 only. ``left`` is how many requests it may still be sent."""

    def __init__(self, live: Live) -> None:
        self.left = live.requests
        self._live = live
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(cafile=live.ca or None),
            max_connections=MAX_CONNECTIONS,
            keepalive_expiry=_IDLE_S,
            network_backend=_Placed(live.resolve),
        )

    async def ask(self, request: Request) -> Answer:
        """Ask the request's host, and no other; raises LiveError when it may not be asked, or does not answer."""
        self._take(request.host)
        path = f"{request.path}?{request.raw_query}" if request.raw_query else request.path
        url = httpcore.URL(scheme="https", host=request.host, port=_TLS_PORT, target=path.encode("latin-1"))
        try:
            async with asyncio.timeout(LIMIT_S), self._pool.stream(
                request.method, url, headers=_asking(request.headers), content=_said(request)
            ) as answer:
                body = await _whole(answer, request.host)
        except _FAILURES as error:
            raise LiveError(f"{request.host}: {error or type(error).__name__}") from error
        return Answer(status=answer.status, headers=tuple(_answering(answer.headers)), body=body)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    def _take(self, host: str) -> None:
        if host not in self._live.hosts:
            raise LiveError(f"provider.live.hosts does not allow {host}, which was asked for: name it there, or mend who asks")
        if not self.left:
            raise LiveError(f"the {self._live.requests} requests that provider.live.requests allows a run have been sent")
        self.left -= 1


class PassedOn:
    """An emulator that makes no answer itself: what it knows of the vendor's contract tells what was asked and said."""

    def __init__(self, emulator: Emulator, live: Live) -> None:
        self.live = live
        self.credentials = emulator.credentials
        self._known = emulator
        self._upstream = Upstream(live)

    def reset(self, *, build: str) -> None:
        """Begin anew; what the vendor knows, it keeps."""
        self._known.reset(build=build)
        self.credentials = self._known.credentials

    def classify(self, host: str, method: str, path: str, query: Mapping[str, str]) -> str:
        """Name the link a request travels on, by what is documented."""
        return self._known.classify(host, method, path, query)

    @property
    def requests_left(self) -> int:
        """How many requests the vendor may still be sent."""
        return self._upstream.left

    async def answer(self, request: Request) -> Answer:
        """Hand on what the vendor answers; raises LiveError."""
        return await self._upstream.ask(request)

    def describe(self, request: Request, answer: Answer) -> str:
        """Say what was asked and answered, as far as the vendor's answer is one that its documents know."""
        try:
            return self._known.describe(request, answer)
        except _UNREADABLE:
            return f"status {answer.status}"

    def ticket_of(self, request: Request) -> str:
        """The ticket that a verdict request asks about."""
        return self._known.ticket_of(request)

    def user_ip_of(self, request: Request) -> str:
        """The user's address that a verdict request names, of a vendor whose requests do."""
        return self._known.user_ip_of(request) if isinstance(self._known, NamesUser) else ""

    def asked_of(self, request: Request) -> tuple[tuple[str, str], ...]:
        """What a verdict request names beside the ticket, of a vendor whose requests are lists of parameters."""
        return self._known.asked_of(request) if isinstance(self._known, TellsWhatIsAsked) else ()

    def skew(self, seconds: int) -> int:
        """Nobody sets the vendor's clock: 0 stands."""
        return 0

    async def close(self) -> None:
        """Close every connection to the vendor."""
        await self._upstream.close()


class OwnersHuman:
    """Solves a live challenge by the owner's own function, or not at all: with test keys there is nothing to solve."""

    def __init__(self, function: FlowFunction | None) -> None:
        self._function = function

    async def challenge_visible(self, page: Any) -> None:
        """Return at once where a function waits for it by itself; else never."""
        if self._function is None:
            await asyncio.Event().wait()

    async def solve(self, page: Any, behaviour: Behaviour, mark: Callable[[str], Awaitable[None]]) -> None:
        """Let the owner's function solve it; where that waits in vain, the flow goes on without it, or ends with its time."""
        assert self._function is not None
        await put_off(page, behaviour.solve_ms)
        await mark("drag")
        try:
            await self._function(page, behaviour)
        except PlaywrightTimeoutError:
            await asyncio.Event().wait()
        await mark("dragged")


class _Placed(httpcore.AsyncNetworkBackend):
    """Opens connections to where a host is said to be reached; its name stays the one that the certificate must have."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places
        self._direct = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect; raises httpcore.ConnectError."""
        to, _, at = self._places.get(host, f"{host}:{port}").rpartition(":")
        return await self._direct.connect_tcp(to, int(at), timeout, local_address, socket_options)


def _said(request: Request) -> bytes | None:
    """The body, and none at all where a browser sends none."""
    return None if request.method in ("GET", "HEAD") and not request.body else request.body


def _asking(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """The headers that are handed on; the answer is wanted unpacked, for it is read here."""
    kept = {name: value for name, value in headers.items() if name not in _OF_ONE_CONNECTION} | {"accept-encoding": "identity"}
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in kept.items()]


def _answering(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        if (key := name.decode("latin-1").lower()) not in _NOT_HANDED_ON:
            yield key, value.decode("latin-1")
    yield "cache-control", "no-store"


async def _whole(answer: httpcore.Response, host: str) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_stream():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise LiveError(f"{host} answers with more than {MAX_ANSWER_BYTES >> 20} MiB")
    return bytes(body)
