"""One proxy in our hands: every change is read back from the server and compared before it is reported."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import toxiproxy

from harness.catalog import Place
from harness.errors import ToxiproxyError
from harness.faults.base import Receipt
from harness.toxiproxy.consumer import using
from harness.toxiproxy.server import Server
from harness.toxiproxy.state import ProxyState, Toxic, read_state

T = TypeVar("T")
Run = Callable[[Callable[[], Any]], Awaitable[Any]]


class AsyncProxy:
    """One proxy of one server. ``listen`` is ``host:port`` as the server bound it; changes raise ToxiproxyError."""

    def __init__(self, server: Server, state: ProxyState, run: Run) -> None:
        self.name = state.name
        self.listen = state.listen
        self.upstream = state.upstream
        self._server = server
        self._run = run
        self._proxy: Any = toxiproxy.Proxy(
            name=state.name, upstream=state.upstream, enabled=state.enabled, listen=state.listen
        )

    @property
    def server_url(self) -> str:
        """The API of the server that has it."""
        return self._server.url

    @property
    def host(self) -> str:
        """The address it listens on."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.listen.rpartition(":")[2])

    async def state(self) -> ProxyState:
        """Read the proxy from its server."""
        return await self._do(lambda: self._read("read"))

    async def add_toxic(self, kind: str, stream: str, attributes: Mapping[str, int], *, toxicity: float = 1.0) -> Receipt:
        """Add the toxic ``<kind>_<stream>`` and read it back: type, stream, toxicity and every attribute must be as asked."""
        asked = Toxic(name=f"{kind}_{stream}", type=kind, stream=stream, toxicity=toxicity, attributes=dict(attributes))
        action = self._action(f"add the toxic {asked}")

        def change() -> Receipt:
            # toxiproxy-python answers nothing here, so only the server can say what came of it.
            with using(self._server, action):
                self._proxy.add_toxic(
                    type=kind, stream=stream, name=asked.name, toxicity=toxicity, attributes=dict(attributes)
                )
            stands = self._read(action).toxic(asked.name)
            return self._receipt(str(asked), str(stands or "no such toxic"), stands is not None and asked.stands_as(stands))

        return await self._do(change)

    async def remove_toxic(self, kind: str, stream: str) -> Receipt:
        """Remove the toxic ``<kind>_<stream>`` and read back that it is gone; one that is not there is an error."""
        name = f"{kind}_{stream}"
        action = self._action(f"remove the toxic {name}")

        def change() -> Receipt:
            with using(self._server, action):
                self._proxy.destroy_toxic(name)
            stands = self._read(action)
            return self._receipt(f"no toxic {name}", str(stands), stands.toxic(name) is None)

        return await self._do(change)

    async def set_enabled(self, enabled: bool) -> Receipt:
        """Listen, or close the port and every connection; read back, the port included."""
        word = "enabled" if enabled else "disabled"

        def change() -> Receipt:
            self._switch(enabled)
            stands = self._read(self._action(f"be {word}"))
            return self._receipt(word, str(stands), stands.enabled is enabled and stands.listen == self.listen)

        return await self._do(change)

    async def reset(self) -> Receipt:
        """Take every toxic off and enable the proxy, whatever it was before; read back. Other proxies are not touched."""
        action = self._action("be reset")

        def change() -> Receipt:
            before = self._read(action)
            with using(self._server, action):
                for toxic in before.toxics:
                    self._proxy.destroy_toxic(toxic.name)
            if not before.enabled:
                self._switch(True)
            stands = self._read(action)
            clean = stands.enabled and not stands.toxics and stands.listen == self.listen
            return self._receipt("enabled, toxics: none", str(stands), clean)

        return await self._do(change)

    async def delete(self) -> Receipt:
        """Remove the proxy with its connections and read back that the server no longer knows it."""
        action = self._action("be deleted")

        def change() -> Receipt:
            with using(self._server, action):
                self._proxy.destroy()
            left = self._server.ask("GET", f"/proxies/{self.name}", action, absent_is_fine=True)
            said = "no such proxy" if left.status_code == 404 else "still there"
            return self._receipt("no such proxy", said, left.status_code == 404)

        return await self._do(change)

    async def _do(self, change: Callable[[], T]) -> T:
        result: T = await self._run(change)
        return result

    def _switch(self, enabled: bool) -> None:
        with using(self._server, self._action(f"be {'enabled' if enabled else 'disabled'}")):
            if enabled:
                self._proxy.enable()
            else:
                self._proxy.disable()

    def _read(self, action: str) -> ProxyState:
        said = self._server.json("GET", f"/proxies/{self.name}", f"{action}, and read it back")
        return read_state(said, url=self._server.url)

    def _action(self, what: str) -> str:
        return f"{what} (proxy {self.name!r})"

    def _receipt(self, asked: str, read_back: str, same: bool) -> Receipt:
        if not same:
            raise ToxiproxyError(
                f"Toxiproxy at {self._server.url} did not do what it accepted: "
                f"proxy {self.name!r} was to have {asked}, and read back it has {read_back}"
            )
        return Receipt(place=Place.TOXIPROXY, asked=f"{self.name}: {asked}", read_back=f"{self.name}: {read_back}")
