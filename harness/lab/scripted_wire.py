"""A device's network: HTTP over the slot's router, as a browser's connections go, with every request watched."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from collections.abc import Iterable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from harness.lab.recorder import Recorder
from harness.lab.traffic import Classify, Flight
from harness.providers.scripted import WireAnswer

_GRANTED = 0
_REFUSALS = {2: "nothing maps this host", 4: "no such name", 5: "connection refused"}
_FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, httpx.DecodingError)


class ThroughRouter(httpcore.AsyncNetworkBackend):
    """Open connections by SOCKS5, host names unresolved, as the browser's are: the router takes them for a visitor's."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._direct = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Ask the router for the way to a host; raises ``httpcore.ConnectError`` in its words where there is none."""
        stream = await self._direct.connect_tcp("127.0.0.1", self._port, timeout, local_address, socket_options)
        try:
            await _ask_the_way(stream, host, port)
        except BaseException:  # cancelled or refused: whatever it was, it goes on from here
            await stream.aclose()
            raise
        return _Granted(stream)


class _Granted(httpcore.AsyncNetworkStream):
    """A connection that is closed, too, when its handshake is given up: the pool does not know of it yet."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:  # cancelled or refused: whatever it was, it goes on from here
            await self._stream.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


async def _ask_the_way(stream: httpcore.AsyncNetworkStream, host: str, port: int) -> None:
    await stream.write(b"\x05\x01\x00")
    await _exactly(stream, 2)
    name = host.encode("ascii")
    await stream.write(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + port.to_bytes(2, "big"))
    told = (await _exactly(stream, 10))[1]
    if told != _GRANTED:
        raise httpcore.ConnectError(_REFUSALS.get(told, f"the router answers {told}"))


async def _exactly(stream: httpcore.AsyncNetworkStream, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = await stream.read(count - len(data))
        if not more:
            raise httpcore.ConnectError("the connection ended before there was a way")
        data += more
    return data


class DeviceTraffic:
    """Every request of one device, in flight or ended; ``changed`` is when one last began or ended (monotonic).

    What it tells is the scripted client's own word, where a page's requests are told of by the browser.
    """

    def __init__(self, recorder: Recorder, classify: Classify) -> None:
        self.changed = time.monotonic()
        self._flights: list[Flight] = []
        self._recorder = recorder
        self._classify = classify

    def seen(self) -> list[Flight]:
        """All of them."""
        return self._flights

    def in_flight(self) -> list[Flight]:
        """Requests that have begun and not ended."""
        return [flight for flight in self._flights if flight.ended is None]

    async def settle(self) -> None:
        """Nothing is left to read: an answer is known whole when it is there."""

    def depart(self, method: str, url: str) -> Flight:
        """Note that a request begins."""
        self.changed = time.monotonic()
        link, host = self._classify(method, url), urlsplit(url).hostname or ""
        flight = Flight(url=url, method=method, link=link, host=host, visit=self._recorder.visit, began=self.changed)
        self._flights.append(flight)
        self._recorder.mark("request", link=link, detail=f"{method} {url}")
        return flight

    def arrive(self, flight: Flight, *, status: int | None = None, body: bytes = b"", failure: str = "") -> None:
        """Note how a request ended."""
        flight.ended = self.changed = time.monotonic()
        flight.failure, flight.status = failure, status
        if status is not None:
            flight.sha256 = hashlib.sha256(body).hexdigest()
        what, detail = ("request-failed", f"{failure} {flight.url}") if failure else ("request-finished", flight.url)
        self._recorder.mark(what, link=flight.link, detail=detail, visit=flight.visit)


class _Transport(httpx.AsyncBaseTransport):
    """Httpcore's own connections under httpx, which decodes what is compressed."""

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        answer = await self._pool.request(request.method, str(request.url), headers=request.headers.raw, content=content)
        return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(answer.content))

    async def aclose(self) -> None:
        await self._pool.aclose()


class DeviceWire:
    """One device's connections, kept alive, over the router at a loopback port; only the authority in ``ca_file`` counts.

    Cookies are kept by nobody, as in a mini program, until :meth:`keep_cookies`.
    """

    def __init__(self, *, router_port: int, ca_file: str, traffic: DeviceTraffic) -> None:
        self._traffic = traffic
        self._cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))
        pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(cafile=ca_file), network_backend=ThroughRouter(router_port)
        )
        # No limit of the client's own, which would be for each read: whoever asks has one for the whole request.
        self._client = httpx.AsyncClient(transport=_Transport(pool), cookies=self._cookies, timeout=None)  # noqa: S113 - see above

    def keep_cookies(self) -> None:
        """Keep what answers set from now on, and send it again, as a client with a cookie jar does."""
        self._cookies.set_policy(DefaultCookiePolicy())

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> WireAnswer:
        """Send one request and read its whole answer; one that is cancelled has failed for whoever watches."""
        flight = self._traffic.depart(method, url)
        try:
            answer = await self._client.request(method, url, headers=headers, content=content or None)
        except _FAILURES as error:
            failure = f"{type(error).__name__} {error}".strip()
            self._traffic.arrive(flight, failure=failure)
            return WireAnswer(status=None, failure=failure)
        except asyncio.CancelledError:
            self._traffic.arrive(flight, failure="given up by the client")
            raise
        self._traffic.arrive(flight, status=answer.status_code, body=answer.content)
        return WireAnswer(status=answer.status_code, body=answer.content, headers=dict(answer.headers))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()
