"""How long it takes to apply a fault to a proxy and read it back, and to end it and read that back."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from harness.faults.base import Receipt
from harness.lab.toxiproxy_server import ToxiproxyServer
from harness.setup.toxiproxy import find_toxiproxy
from harness.toxiproxy import AsyncProxy, ToxiproxyClient

APPLICATIONS = 240
_TOXICS: tuple[tuple[str, Mapping[str, int]], ...] = (
    ("timeout", {"timeout": 0}), ("reset_peer", {"timeout": 0}), ("latency", {"latency": 1000, "jitter": 0}),
)


async def application_times_ms(*, toxiproxy: str | None = None, count: int = APPLICATIONS) -> list[float]:
    """Milliseconds of each of at least ``count`` changes (half apply, half heal), one after the other, each read back."""
    taken: list[float] = []
    async with _proxy(toxiproxy) as proxy:
        while len(taken) < count:
            for change, undo in _changes(proxy):
                taken.append(await _timed(change))
                taken.append(await _timed(undo))
    return taken


Change = Callable[[], Awaitable[Receipt]]


def _changes(proxy: AsyncProxy) -> list[tuple[Change, Change]]:
    def toxic(kind: str, attributes: Mapping[str, int]) -> tuple[Change, Change]:
        return (
            lambda: proxy.add_toxic(kind, "downstream", attributes),
            lambda: proxy.remove_toxic(kind, "downstream"),
        )

    refused: tuple[Change, Change] = (lambda: proxy.set_enabled(False), lambda: proxy.set_enabled(True))
    return [refused, *(toxic(kind, attributes) for kind, attributes in _TOXICS)]


async def _timed(change: Change) -> float:
    began = time.perf_counter()
    await change()
    return (time.perf_counter() - began) * 1000


@contextlib.asynccontextmanager
async def _proxy(configured: str | None) -> AsyncIterator[AsyncProxy]:
    found = await find_toxiproxy(configured)
    async with contextlib.AsyncExitStack() as stack:
        url = found.url
        if url is None:
            assert found.path is not None
            url = (await stack.enter_async_context(await ToxiproxyServer.start(found.path))).url
        client = await stack.enter_async_context(ToxiproxyClient(url))
        # Nobody connects: the upstream need not exist.
        proxy = await client.create_proxy(f"captchaos-bench-{time.time_ns()}", "127.0.0.1:9")
        stack.push_async_callback(proxy.delete)
        yield proxy
