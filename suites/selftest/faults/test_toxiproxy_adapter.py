"""The adapter on real Toxiproxy servers, and on impostors that refuse, hang, lie and babble."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.catalog import Place
from harness.errors import ToxiproxyError, UsageError
from harness.faults.base import Receipt
from harness.lab.toxiproxy_server import ToxiproxyServer
from harness.toxiproxy import AsyncProxy, ProxyBytes, ToxiproxyClient
from harness.toxiproxy.metrics import parse
from suites.selftest.faults.fault_parts import BODY, OpenBench
from suites.selftest.standins import in_a_thread

Reply = Callable[[str, str], tuple[int, Any]]
STATE = {"name": "p", "listen": "127.0.0.1:5", "upstream": "127.0.0.1:9", "enabled": True, "toxics": []}


@contextlib.contextmanager
def impostor(reply: Reply) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Something that answers like Toxiproxy, as ``reply`` has it; yields its URL and a log of (method, path, user agent)."""
    seen: list[tuple[str, str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append((self.command, self.path, self.headers["User-Agent"]))
            status, said = reply(self.command, self.path)
            body = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 (the base class looks for these names)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with in_a_thread(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}", seen


def healthy(method: str, path: str) -> tuple[int, Any]:
    """Answer whatever is asked as if it had been done, and never do it."""
    return (200, {"p": STATE} if path == "/proxies" else STATE)


async def on_proxy(url: str, act: Callable[[AsyncProxy], Any], *, time_limit_s: float = 5.0) -> Any:
    async with ToxiproxyClient(url, time_limit_s=time_limit_s) as client:
        return await act(await client.get("p"))


def changes() -> dict[str, Callable[[AsyncProxy], Any]]:
    return {
        "add": lambda proxy: proxy.add_toxic("latency", "downstream", {"latency": 5}),
        "disable": lambda proxy: proxy.set_enabled(False),
        "delete": lambda proxy: proxy.delete(),
    }


@pytest.mark.parametrize("change", changes().values(), ids=changes())
@pytest.mark.parametrize("status", [500, 503, 302])
def test_an_answer_other_than_2xx_is_raised_with_server_proxy_action_and_its_words(
    change: Callable[[AsyncProxy], Any], status: int
) -> None:
    def reply(method: str, path: str) -> tuple[int, Any]:
        return (200, STATE) if method == "GET" else (status, "the kettle is on fire")

    with impostor(reply) as (url, _), pytest.raises(ToxiproxyError) as caught:
        asyncio.run(on_proxy(url, change))
    assert all(word in str(caught.value) for word in (url, "'p'", str(status), "the kettle is on fire"))
    assert any(word in str(caught.value) for word in ("add the toxic latency", "be disabled", "be deleted"))


@pytest.mark.parametrize("change", changes().values(), ids=changes())
def test_a_server_that_says_yes_and_does_nothing_is_caught(change: Callable[[AsyncProxy], Any]) -> None:
    with impostor(healthy) as (url, _), pytest.raises(ToxiproxyError, match="did not do what it accepted"):
        asyncio.run(on_proxy(url, change))


@pytest.mark.parametrize(
    "stands",
    [
        {"type": "timeout"},
        {"stream": "upstream"},
        {"toxicity": 0.5},
        {"attributes": {"latency": 6, "jitter": 0}},
        {"attributes": {"latency": 5, "jitter": 1}},
        {"attributes": {"jitter": 0}},
    ],
    ids=str,
)
def test_a_toxic_that_differs_in_one_point_is_caught(stands: dict[str, Any]) -> None:
    toxic = {"name": "latency_downstream", "type": "latency", "stream": "downstream", "toxicity": 1}
    toxic |= {"attributes": {"latency": 5, "jitter": 0}}

    def reply(method: str, path: str) -> tuple[int, Any]:
        return 200, {**STATE, "toxics": [toxic | stands]}

    with impostor(reply) as (url, _), pytest.raises(ToxiproxyError, match="did not do what it accepted"):
        asyncio.run(on_proxy(url, changes()["add"]))


def test_a_change_takes_one_request_and_reading_it_back_another() -> None:
    """What the time of applying a fault is made of; how long that is, ``make bench`` measures."""
    toxic = {"name": "latency_downstream", "type": "latency", "stream": "downstream", "toxicity": 1}
    toxic |= {"attributes": {"latency": 5, "jitter": 0}}

    def reply(method: str, path: str) -> tuple[int, Any]:
        return 200, {**STATE, "toxics": [toxic]}

    with impostor(reply) as (url, seen):
        asyncio.run(on_proxy(url, changes()["add"]))
    found, *change = [(method, path) for method, path, _ in seen]
    assert found[0] == "GET"
    assert change == [("POST", "/proxies/p/toxics"), ("GET", "/proxies/p")]


def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as wedged:
        url = f"http://127.0.0.1:{wedged.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(ToxiproxyError, match=r"did not answer within 0\.3 s when told to describe the proxy 'p'"):
            asyncio.run(on_proxy(url, changes()["add"], time_limit_s=0.3))
    assert time.monotonic() - began < 2


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    with pytest.raises(ToxiproxyError, match="does it still run"):
        asyncio.run(on_proxy(url, changes()["add"]))


@pytest.mark.parametrize("said", ["<html>", "[1]", {"name": "p"}, {**STATE, "enabled": "yes"}], ids=str)
def test_a_babbling_server_is_one_sentence(said: Any) -> None:
    with impostor(lambda *_: (200, said)) as (url, _), pytest.raises(ToxiproxyError, match=r"JSON object|not understood"):
        asyncio.run(on_proxy(url, changes()["add"]))


def test_updates_are_sent_as_patch_and_as_post_to_a_server_without_it() -> None:
    enabled = {"now": True}

    def old(method: str, path: str) -> tuple[int, Any]:
        if method == "PATCH":
            return 405, "no such method"
        if method == "POST":
            enabled["now"] = False
        return 200, {**STATE, "enabled": enabled["now"]}

    with impostor(old) as (url, seen):
        asyncio.run(on_proxy(url, changes()["disable"]))
    assert [method for method, *_ in seen] == ["GET", "PATCH", "POST", "GET"]
    assert {agent for *_, agent in seen} == {"captchaos"}


@pytest.mark.parametrize("url", ["ftp://127.0.0.1:1", "http://", "http://127.0.0.1:x", "http://127.0.0.1:1/proxies"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="write http://"):
        ToxiproxyClient(url)


@pytest.mark.parametrize("name", ["", "a/b", "a b", "a?b", "../version", "a%2f"])
def test_a_name_that_would_break_the_url_is_refused(name: str, bench: OpenBench) -> None:
    async def drive() -> None:
        async with bench() as parts:
            await parts.client.create_proxy(name, "127.0.0.1:1")

    with pytest.raises(UsageError, match="cannot name a proxy"):
        asyncio.run(drive())


def test_every_change_is_seen_on_the_server_and_comes_with_a_receipt(bench: OpenBench) -> None:
    async def drive() -> list[Receipt]:
        async with bench() as parts:
            proxy, client = parts.proxy, parts.client
            receipts = [await proxy.add_toxic("slicer", "upstream", {"average_size": 9})]
            toxic = (await client.list())["link"].toxics[0]
            assert (toxic.type, toxic.stream, toxic.toxicity, toxic.attributes["average_size"]) == ("slicer", "upstream", 1, 9)
            receipts += [await proxy.set_enabled(False), await proxy.reset()]
            state = (await client.list())["link"]
            assert (state.enabled, state.toxics, state.listen) == (True, (), f"{proxy.host}:{proxy.port}")
            receipts.append(await proxy.delete())
            assert await client.list() == {}
            return receipts

    receipts = asyncio.run(drive())
    assert {receipt.place for receipt in receipts} == {Place.TOXIPROXY}
    assert [receipt.read_back.partition(": ")[2].split(",")[0] for receipt in receipts] == [
        "slicer upstream (average_size=9", "disabled", "enabled", "no such proxy",
    ]  # fmt: skip


def test_a_reset_leaves_every_other_proxy_as_it_is(bench: OpenBench) -> None:
    async def drive() -> None:
        async with bench() as parts:
            foreign = await parts.client.create_proxy("foreign", "127.0.0.1:1")
            await foreign.add_toxic("timeout", "downstream", {"timeout": 0})
            await foreign.set_enabled(False)
            await parts.proxy.reset()
            state = await foreign.state()
            assert (state.enabled, len(state.toxics)) == (False, 1)

    asyncio.run(drive())


def test_what_cannot_be_done_is_raised_by_a_real_server(bench: OpenBench) -> None:
    async def drive() -> None:
        async with bench() as parts:
            with pytest.raises(ToxiproxyError, match="has a proxy 'link' already"):
                await parts.client.create_proxy("link", "127.0.0.1:1")
            with pytest.raises(ToxiproxyError, match="no_such_toxic"):
                await parts.proxy.add_toxic("no_such_toxic", "downstream", {})
            with pytest.raises(ToxiproxyError, match="did not do what it accepted"):
                await parts.proxy.add_toxic("latency", "downstream", {"no_such_attribute": 1})
            with pytest.raises(ToxiproxyError, match="remove the toxic timeout_upstream"):
                await parts.proxy.remove_toxic("timeout", "upstream")
            with pytest.raises(ToxiproxyError, match="describe the proxy 'nobody'"):
                await parts.client.get("nobody")

    asyncio.run(drive())


def test_bytes_are_counted_by_proxy_and_direction_once_their_connection_has_ended(bench: OpenBench) -> None:
    async def drive() -> dict[tuple[str, str], ProxyBytes]:
        async with bench() as parts, asyncio.timeout(5):
            visitor = parts.visitor()
            assert (await visitor.get()).how == "ok"
            assert await parts.client.metrics() == {}
            visitor.leave()
            while len(counted := await parts.client.metrics()) < 2:
                continue
            return dict(counted)

    counted = asyncio.run(drive())
    assert counted["link", "downstream"].received > len(BODY)
    assert 0 < counted["link", "upstream"].received < len(BODY)


def test_metrics_are_read_with_their_labels_and_figures_as_prometheus_writes_them() -> None:
    text = (
        "# HELP toxiproxy_proxy_received_bytes_total x\n"
        'toxiproxy_proxy_received_bytes_total{direction="upstream",listen="l",proxy="a\\"b}",upstream="u"} 1.5e+06\n'
        'toxiproxy_proxy_sent_bytes_total{direction="upstream",listen="l",proxy="a\\"b}",upstream="u"} 7\n'
        "go_goroutines 12\n"
    )
    assert parse(text, url="u") == {('a"b}', "upstream"): ProxyBytes(received=1_500_000, sent=7)}


def test_a_server_that_counts_nothing_is_told_apart() -> None:
    async def drive(url: str) -> None:
        async with ToxiproxyClient(url) as client:
            await client.metrics()

    with impostor(lambda *_: (404, "page not found")) as (url, _), pytest.raises(ToxiproxyError, match="-proxy-metrics"):
        asyncio.run(drive(url))


def test_two_servers_used_at_once_from_many_threads_never_mix(toxiproxy_path: Path) -> None:
    async def drive() -> None:
        async with (
            await ToxiproxyServer.start(toxiproxy_path) as one,
            await ToxiproxyServer.start(toxiproxy_path) as two,
            ToxiproxyClient(one.url) as first,
            ToxiproxyClient(two.url) as second,
        ):
            makers = [(client, f"{mine}{n}") for n in range(20) for client, mine in ((first, "one"), (second, "two"))]
            await asyncio.gather(*(client.create_proxy(name, two.url[7:]) for client, name in makers))
            assert set(await first.list()) == {f"one{n}" for n in range(20)}
            assert set(await second.list()) == {f"two{n}" for n in range(20)}

    asyncio.run(drive())
