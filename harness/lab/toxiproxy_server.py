"""A Toxiproxy server of our own, as a child process on a free loopback port."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import httpx
import psutil

from harness.errors import ToxiproxyError

_TRIES = 5
_READY_S = 10.0
_STOP_S = 2.0
_TAIL_LINES = 40
_CHUNK_BYTES = 1 << 16
_LINE_CHARACTERS = 500
_POLL_S = 0.01


class ToxiproxyServer:
    """One running server; ``url`` is its API. Use :meth:`start`, then ``async with`` or :meth:`stop`."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._reader = asyncio.create_task(self._read_output())
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    @classmethod
    async def start(cls, path: Path | str, env: Mapping[str, str] | None = None) -> ToxiproxyServer:
        """Start the server at ``path``; raises ToxiproxyError with its last output when it does not answer in 10 s.

        It takes no port 0, so a port that was free a moment ago may be somebody else's by now: then another is tried.
        """
        for _ in range(_TRIES):
            server = cls(await _spawn(path, port := _free_port(), env), port)
            try:
                if await server._ready():
                    return server
            except BaseException:  # a cancelled start leaves no server behind, and stays cancelled
                await server.stop()
                raise
            await server.stop()
            if not server._port_was_taken:
                raise ToxiproxyError(f"the Toxiproxy server at {path} ended at its start: {server.last_words}")
        raise ToxiproxyError(f"the Toxiproxy server at {path} found {_TRIES} ports in a row taken: free some loopback ports")

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    @property
    def tail(self) -> str:
        """The last lines that the server wrote, for messages."""
        return "\n".join(self._tail)

    @property
    def last_words(self) -> str:
        """The last line that is not blank, for one-line messages."""
        return next((line.strip() for line in reversed(self._tail) if line.strip()), "it said nothing")

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.returncode is None

    async def stop(self) -> None:
        """End the server, politely at first, and wait until it is gone."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                async with asyncio.timeout(_STOP_S):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        # Whoever inherited its output may keep the pipe open.
        await asyncio.wait({self._reader}, timeout=_STOP_S)
        self._reader.cancel()

    async def __aenter__(self) -> ToxiproxyServer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _ready(self) -> bool:
        """Wait for /version; false when the process ended or found its port taken (then what answers there is not ours)."""
        ended = asyncio.create_task(self._process.wait())
        try:
            async with httpx.AsyncClient(base_url=self.url, timeout=1.0, trust_env=False) as client:
                async with asyncio.timeout(_READY_S):
                    # It does not end when its port is taken: it says so, and waits for a signal.
                    while not ended.done() and not self._port_was_taken:
                        if self._listens() and await _answers(client):
                            return True
                        await asyncio.wait({ended}, timeout=_POLL_S)
        except TimeoutError as error:
            raise ToxiproxyError(
                f"the Toxiproxy server did not answer at {self.url} in {_READY_S:g} s: {self.last_words}"
            ) from error
        finally:
            ended.cancel()
        return False

    @property
    def _port_was_taken(self) -> bool:
        return "address already in use" in self.tail

    def _listens(self) -> bool:
        # A foreign server on the port would answer /version as well: the socket must be our child's own.
        try:
            sockets = psutil.Process(self.pid).net_connections(kind="tcp")
        except psutil.Error:
            return False
        return any(s.status == psutil.CONN_LISTEN and s.laddr and s.laddr.port == self.port for s in sockets)

    async def _read_output(self) -> None:
        stream = self._process.stdout
        if stream is None:
            return
        rest = ""
        # Read to the end whatever comes: a full pipe would stop the server.
        while chunk := await stream.read(_CHUNK_BYTES):
            *lines, rest = (rest + chunk.decode(errors="replace")).split("\n")
            rest = rest[-_LINE_CHARACTERS:]
            self._tail.extend(line[:_LINE_CHARACTERS] for line in lines)
        if rest:
            self._tail.append(rest)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _spawn(path: Path | str, port: int, env: Mapping[str, str] | None) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            str(path), "-host", "127.0.0.1", "-port", str(port), "-proxy-metrics",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "LOG_LEVEL": "info", **(env or {})},
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise ToxiproxyError(f"the Toxiproxy server at {path} cannot be started ({error.strerror or error})") from error


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/version", headers={"User-Agent": "captchaos"})).status_code == 200
    except httpx.HTTPError:
        return False
