"""An HTTP origin over TLS, a blocking client on bare sockets, and recorders for what is no network."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from harness.catalog import Place, Rewrite
from harness.faults.base import Edge, ProxyHandle, Receipt
from harness.providers.serving import ProviderServer
from harness.toxiproxy import AsyncProxy, ToxiproxyClient

BODY = b"x" * 20_000
SILENCE_S = 2.0


def self_signed(path: Path) -> Path:
    """Write a key and a certificate for localhost; RSA, so that a handshake is longer than 1000 bytes."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


class Origin:
    """Answers every request with 20 kB and keeps the connection; ``hold`` is awaited before the answer, as a barrier is."""

    def __init__(self, pem: Path) -> None:
        self.requests = 0
        self.hold: Callable[[], Awaitable[object]] | None = None
        self.pem = pem
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Origin:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.bind(("127.0.0.1", 0))
        self.port = int(sock.getsockname()[1])
        self._server = await asyncio.start_server(self._serve, sock=sock, ssl=self._context)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            self._tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.requests += 1
                if self.hold is not None:
                    await self.hold()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY))
                writer.write(BODY)
                await writer.drain()
        writer.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What a client met. ``how``: ok, refused, reset (RST), closed (FIN), silent; ``where``: connect, handshake, answer."""

    how: str
    where: str
    body_bytes: int
    seconds: float


class Visitor:
    """A client on one connection at a time; it never tries again by itself."""

    def __init__(self, port: int, pem: Path) -> None:
        self._port = port
        self._context = ssl.create_default_context(cafile=str(pem))
        self._socket: socket.socket | None = None
        self._got = bytearray()

    async def get(self) -> Met:
        """Ask once, on the open connection when there is one."""
        return await asyncio.to_thread(self._get)

    def leave(self) -> None:
        """Close the connection, so that the next request opens one."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _get(self) -> Met:
        began, where = time.monotonic(), "connect"
        self._got = bytearray()
        try:
            if self._socket is None:
                plain = socket.create_connection(("127.0.0.1", self._port), timeout=SILENCE_S)
                where, self._socket = "handshake", plain
                self._socket = self._context.wrap_socket(plain, server_hostname="localhost")
            where = "answer"
            self._socket.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            how = self._read(self._socket)
        except ConnectionRefusedError:
            how = "refused"
        except ConnectionResetError:
            how = "reset"
        except TimeoutError:
            how = "silent"
        except (ssl.SSLEOFError, BrokenPipeError):
            how = "closed"
        body = len(bytes(self._got).partition(b"\r\n\r\n")[2])
        if how != "ok":
            self.leave()
        return Met(how=how, where=where, body_bytes=body, seconds=time.monotonic() - began)

    def _read(self, sock: socket.socket) -> str:
        while len(self._got.partition(b"\r\n\r\n")[2]) < len(BODY):
            chunk = sock.recv(65536)
            if not chunk:
                return "closed"
            self._got += chunk
        return "ok"


@dataclass(slots=True, kw_only=True)
class Bench:
    """An origin behind one proxy."""

    origin: Origin
    client: ToxiproxyClient
    proxy: AsyncProxy
    visitors: list[Visitor] = field(default_factory=list)

    def visitor(self) -> Visitor:
        """A client that goes through the proxy; it leaves when the bench is cleared."""
        self.visitors.append(Visitor(self.proxy.port, self.origin.pem))
        return self.visitors[-1]

    def edge(self, **parameters: int) -> Edge:
        """The link, in the hands of a fault."""
        return edge(proxies=(self.proxy,), parameters=parameters)


OpenBench = Callable[[], contextlib.AbstractAsyncContextManager[Bench]]


@dataclass(slots=True)
class Recorder:
    """Stands for provider and browser: keeps what it was told, and answers with what then stands."""

    place: Place = Place.PROVIDER
    told: list[tuple[object, ...]] = field(default_factory=list)
    rewrites: dict[str, Rewrite] = field(default_factory=dict)

    def set(self, link: str, rewrite: Rewrite, label: str) -> Receipt:
        self.rewrites[link] = rewrite
        return self._keep("set", link, label)

    def clear(self, link: str) -> Receipt:
        self.rewrites.pop(link, None)
        return self._keep("clear", link, "none")

    def show(self, host: str, kind: str) -> Receipt:
        return self._keep("show", host, kind)

    def skew(self, seconds: int) -> Receipt:
        return self._keep("skew", str(seconds))

    async def refuse_names(self, hosts: Sequence[str]) -> Receipt:
        return self._keep("refuse_names", *hosts)

    async def restore_names(self, hosts: Sequence[str]) -> Receipt:
        return self._keep("restore_names", *hosts)

    async def add_policy(self, csp: str) -> Receipt:
        return self._keep("add_policy", csp)

    async def remove_policy(self) -> Receipt:
        return self._keep("remove_policy")

    async def block(self, patterns: Sequence[str]) -> Receipt:
        return self._keep("block", *patterns)

    async def unblock(self) -> Receipt:
        return self._keep("unblock")

    async def set_offline(self, offline: bool) -> Receipt:
        return self._keep("set_offline", str(offline))

    async def silence_bridge(self, after_messages: int) -> Receipt:
        return self._keep("silence_bridge", f"silent after {after_messages}")

    async def restore_bridge(self) -> Receipt:
        return self._keep("restore_bridge", "passes all")

    def _keep(self, *words: str) -> Receipt:
        self.told.append(words)
        said = " ".join(words)
        return Receipt(place=self.place, asked=said, read_back=said)


def edge(
    *,
    link: str = "entry",
    hosts: tuple[str, ...] = ("a.example", "b.example"),
    proxies: tuple[ProxyHandle, ...] = (),
    parts: Recorder | None = None,
    parameters: Mapping[str, int] | None = None,
    other_hosts: tuple[str, ...] = (),
) -> Edge:
    """A link whose provider and browser are one recorder."""
    parts = parts or Recorder()
    return Edge(
        link=link,
        hosts=hosts,
        proxies=proxies,
        responses=parts,
        certificates=parts,
        browser=parts,
        clock=parts,
        parameters=parameters or {},
        other_hosts=other_hosts,
    )


def edge_at(server: ProviderServer, link: str, host: str, parameters: Mapping[str, int] | None = None) -> Edge:
    """A link of a real provider server, for faults in its answers and certificates: no browser, and no clock is set."""
    other = Recorder()
    return Edge(
        link=link,
        hosts=(host,),
        proxies=(),
        responses=server.responses,
        certificates=server.certificates,
        browser=other,
        clock=other,
        parameters=parameters or {},
    )
