"""The async face of one Toxiproxy server: its blocking calls run in a few threads that keep their connections."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import toxiproxy
from toxiproxy.exceptions import ProxyExists

from harness.errors import ToxiproxyError, UsageError
from harness.toxiproxy import metrics
from harness.toxiproxy.consumer import using
from harness.toxiproxy.metrics import ProxyBytes
from harness.toxiproxy.proxy import AsyncProxy
from harness.toxiproxy.server import TIME_LIMIT_S, Server
from harness.toxiproxy.state import ProxyState, read_state

T = TypeVar("T")
_THREADS = 4
# The name stands unquoted in the library's URLs.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~@-]{0,200}")


class ToxiproxyClient:
    """The server at ``url``; use it as an async context manager, or call :meth:`aclose`. Many may live side by side."""

    def __init__(self, url: str, *, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._server = Server(url, time_limit_s=time_limit_s)
        self.url = self._server.url
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="toxiproxy")
        self._library: Any = toxiproxy.Toxiproxy()

    async def version(self) -> str:
        """What the server calls itself (``git`` when it was built by ``go install``)."""
        said = await self._run(lambda: self._server.json("GET", "/version", "tell its version"))
        return str(said.get("version", "unknown"))

    async def create_proxy(self, name: str, upstream: str, listen: str = "127.0.0.1:0") -> AsyncProxy:
        """Make a proxy, enabled and without toxics, and read it back; port 0 in ``listen`` lets the server choose.

        A name that is taken is an error: whoever owns it is not to be disturbed.
        """
        action = f"create the proxy {_checked(name)!r} to {upstream}"

        def create() -> ProxyState:
            with using(self._server, action):
                self._library.create(upstream=upstream, name=name, listen=listen, enabled=True)
            return self._read(name, action)

        try:
            state = await self._run(create)
        except ProxyExists as error:
            raise ToxiproxyError(f"Toxiproxy at {self.url} has a proxy {name!r} already: choose another name") from error
        if (state.upstream, state.enabled, state.toxics) != (upstream, True, ()) or not _bound(listen, state.listen):
            raise ToxiproxyError(
                f"Toxiproxy at {self.url} did not make what was asked: {name!r} was to lead from {listen} to {upstream}, "
                f"and read back it leads from {state.listen} to {state.upstream} ({state})"
            )
        return AsyncProxy(self._server, state, self._run)

    async def get(self, name: str) -> AsyncProxy:
        """Take an existing proxy into our hands; raises ToxiproxyError when there is none of that name."""
        state = await self._run(lambda: self._read(_checked(name), f"describe the proxy {name!r}"))
        return AsyncProxy(self._server, state, self._run)

    async def list(self) -> Mapping[str, ProxyState]:
        """Every proxy of the server, foreign ones included, by name."""
        said = await self._run(lambda: self._server.json("GET", "/proxies", "list its proxies"))
        return {name: read_state(state, url=self.url) for name, state in said.items()}

    async def metrics(self) -> Mapping[tuple[str, str], ProxyBytes]:
        """Bytes by ``(proxy, direction)``, direction being ``upstream`` or ``downstream``; nothing moved, no entry."""
        answer = await self._run(
            lambda: self._server.ask("GET", "/metrics", "count bytes (it must run with -proxy-metrics)")
        )
        return metrics.parse(answer.text, url=self.url)

    async def aclose(self) -> None:
        """End the threads and close their connections; what they have begun is waited for, at most the time limit."""
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)
        self._server.close()

    async def __aenter__(self) -> ToxiproxyClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _read(self, name: str, action: str) -> ProxyState:
        return read_state(self._server.json("GET", f"/proxies/{name}", action), url=self.url)


def _checked(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise UsageError(f"{name!r} cannot name a proxy: use letters, digits and . _ : ~ @ -")
    return name


def _bound(asked: str, listens: str) -> bool:
    if asked.endswith(":0"):
        return listens.startswith(asked[:-1]) and not listens.endswith(":0")
    return listens == asked
