"""Mend toxiproxy-python 0.1.1 where it stands: its API consumer is replaced once by one that knows several servers.

The library keeps host and port as class attributes (one server per process), sets no time limit, opens a connection per
request and lets a 5xx pass for success (PITFALLS.md, "toxiproxy-python"). The replacement sends each call through the
:class:`Server` of the context it runs in. Outside such a context the library behaves as it always did.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import toxiproxy.api
import toxiproxy.proxy
import toxiproxy.server

from harness.toxiproxy.server import Server

_UPDATE = re.compile(r"/proxies/[^/]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What the library is used for right now: which server, and what is being done, in words for messages."""

    server: Server
    action: str


_current: ContextVar[Call | None] = ContextVar("toxiproxy_call", default=None)


class DispatchingConsumer(toxiproxy.api.APIConsumer):  # type: ignore[misc] # the library ships no types
    """The library's ``APIConsumer``, sending to the current context's server."""

    @classmethod
    def get(cls, url: str, params: object = None, **kwargs: Any) -> Any:
        """Fetch; raises ToxiproxyError on anything but 2xx."""
        if (call := _current.get()) is None:
            return super().get(url, params, **kwargs)
        return call.server.ask("GET", url, call.action)

    @classmethod
    def delete(cls, url: str, **kwargs: Any) -> Any:
        """Remove; raises ToxiproxyError on anything but 2xx."""
        if (call := _current.get()) is None:
            return super().delete(url, **kwargs)
        return call.server.ask("DELETE", url, call.action)

    @classmethod
    def post(cls, url: str, data: object = None, json: object = None, **kwargs: Any) -> Any:
        """Create, or update; the library posts updates, which is deprecated since 2.6, so they are sent as PATCH."""
        if (call := _current.get()) is None:
            return super().post(url, data, json, **kwargs)
        if _UPDATE.fullmatch(url):
            return call.server.update(url, call.action, json=json)
        return call.server.ask("POST", url, call.action, json=json)


def install() -> None:
    """Put the consumer in place of the library's, in each of its modules that imported the name."""
    for module in (toxiproxy.api, toxiproxy.proxy, toxiproxy.server):
        module.APIConsumer = DispatchingConsumer


@contextlib.contextmanager
def using(server: Server, action: str) -> Iterator[None]:
    """Send the library's calls to ``server`` in this thread's context; ``action`` stands in the messages."""
    token = _current.set(Call(server=server, action=action))
    try:
        yield
    finally:
        _current.reset(token)


install()
