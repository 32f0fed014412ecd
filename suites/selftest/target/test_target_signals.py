"""Effects, codes and flows over HTTP are read at the target's origin; a signal that answers wrongly is named."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harness.errors import TargetError
from harness.target import signals
from harness.target.loader import load_target
from harness.target.spec import Effects, FlowSpec
from suites.selftest.standins import in_a_thread


@dataclass
class Origin:
    """A real server whose answers a test sets; it keeps what it was sent."""

    url: str = ""
    cookie: str = "session=s1; Path=/"
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def says(self, path: str, document: object, status: int = 200) -> None:
        self.answers[path] = (status, document if isinstance(document, bytes) else json.dumps(document).encode())


@pytest.fixture
def origin() -> Iterator[Origin]:
    told = Origin()

    class Answers(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            told.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, answer = told.answers.get(self.path, (404, b"nothing here"))
            if status == 0:
                self.connection.close()
                return
            self.send_response(status)
            self.send_header("set-cookie", told.cookie)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = _answer  # noqa: N815 - the base class names them so

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it so
            pass

    with in_a_thread(ThreadingHTTPServer(("127.0.0.1", 0), Answers)) as server:
        told.url = f"http://127.0.0.1:{server.server_port}"
        yield told


@pytest.fixture
def login(write: Callable[..., Path]) -> FlowSpec:
    return load_target(write()).flows["login"]


@pytest.fixture
def checkout(write: Callable[..., Path]) -> FlowSpec:
    return load_target(write()).flows["checkout"]


@pytest.mark.parametrize(
    ("count", "document", "number"),
    [
        ("$.orders", {"orders": [{"id": 1}, {"id": 2}]}, 2),
        ("$.orders", {"orders": []}, 0),
        ("$.total", {"total": 7}, 7),
        ("$.orders[*]", {"orders": [{"id": 1}]}, 1),
        ("$.orders[*].quantity", {"orders": [{"quantity": 3}]}, 1),
        ("$.orders[?(@.state=='paid')]", {"orders": [{"state": "paid"}, {"state": "open"}, {"state": "paid"}]}, 2),
        ("$.orders[*]", {"orders": []}, 0),
    ],
)
def test_effects_are_counted_as_list_number_or_matches(
    origin: Origin, checkout: FlowSpec, count: str, document: object, number: int
) -> None:
    origin.says("/admin/orders.json", document)
    flow = replace(checkout, effects=Effects(get="/admin/orders.json", count=count))
    assert asyncio.run(signals.effects(origin.url, flow)) == number


@pytest.mark.parametrize(
    ("count", "counted"),
    [("$.orders", [{"id": 1}, {"id": 2}]), ("$.orders[*]", [{"id": 1}, {"id": 2}]), ("$.orders[*].id", [1, 2]), ("$.total", 2)],
)
def test_what_is_counted_is_shown_where_the_target_shows_more_than_a_number(
    origin: Origin, checkout: FlowSpec, count: str, counted: object
) -> None:
    origin.says("/admin/orders.json", {"orders": [{"id": 1}, {"id": 2}], "total": 2})
    flow = replace(checkout, effects=Effects(get="/admin/orders.json", count=count))
    assert asyncio.run(signals.counted(origin.url, flow)) == counted


@pytest.mark.parametrize(
    ("document", "status", "why"),
    [
        (
            {"order": []},
            200,
            r"flows\.checkout\.effects\.count = '\$\.orders' finds nothing in the answer of http://\S+/admin/orders\.json",
        ),
        ({"orders": "two"}, 200, r"finds 'two' at http://\S+; expected a list or a whole number"),
        ({"orders": True}, 200, r"finds true at"),
        (b"<html>", 200, r"flows\.checkout\.effects\.get: http://\S+ did not answer with JSON: <html>"),
        (b"[" * 100_000, 200, r"did not answer with JSON"),
        ({}, 500, r"flows\.checkout\.effects\.get: http://\S+ answered 500, expected 200"),
        (b"", 0, r"flows\.checkout\.effects\.get: http://\S+ cannot be read"),
    ],
)
def test_a_wrong_signal_names_its_url_and_key(
    origin: Origin, checkout: FlowSpec, document: object, status: int, why: str
) -> None:
    origin.says("/admin/orders.json", document, status)
    with pytest.raises(TargetError, match=why):
        asyncio.run(signals.effects(origin.url, checkout))


def test_effect_texts_are_the_answer_as_it_came(origin: Origin, checkout: FlowSpec) -> None:
    origin.says("/admin/orders.json", {"orders": [{"ticket": "terror_1001_199999164_1700000000"}]})
    assert "terror_1001_199999164_1700000000" in asyncio.run(signals.effect_texts(origin.url, checkout))


def test_the_newest_code_is_read(origin: Origin, checkout: FlowSpec) -> None:
    assert checkout.step_up is not None
    origin.says("/admin/outbox.json", [{"code": "111111"}, {"code": 222222}])
    assert asyncio.run(signals.latest_code(origin.url, checkout.step_up)) == "222222"


@pytest.mark.parametrize(
    ("document", "why"), [([], "finds nothing"), ([{"code": None}], "finds None"), ([{"code": {}}], "a table")]
)
def test_an_outbox_without_a_code_is_a_sentence(origin: Origin, checkout: FlowSpec, document: object, why: str) -> None:
    assert checkout.step_up is not None
    origin.says("/admin/outbox.json", document)
    with pytest.raises(TargetError, match=rf"step_up\.code\.json = '\$\[-1\]\.code' .*{why}"):
        asyncio.run(signals.latest_code(origin.url, checkout.step_up))


def test_a_submit_sends_what_the_file_says_and_is_read_as_completed(origin: Origin, login: FlowSpec) -> None:
    origin.says("/login", {"state": "done"})
    values = {"ticket": 't"1', "randstr": "@r"}
    result = asyncio.run(signals.submit(origin.url, login, values, {"x-forwarded-for": "203.0.113.7"}))
    method, path, headers, body = origin.asked[0]
    assert (method, path, json.loads(body)) == ("POST", "/login", {"ticket": 't"1', "randstr": "@r"})
    assert (headers["content-type"], headers["x-forwarded-for"]) == ("application/json", "203.0.113.7")
    assert (result.status, result.json, result.error) == (200, {"state": "done"}, "")
    assert 0 < result.real_ms < 5000
    assert signals.completed(result, login)


def test_a_form_is_sent_as_a_form(origin: Origin, checkout: FlowSpec) -> None:
    asyncio.run(signals.submit(origin.url, checkout, {"ticket": "a&b=c"}))
    _, _, headers, body = origin.asked[0]
    assert (headers["content-type"], body) == ("application/x-www-form-urlencoded", b"ticket=a%26b%3Dc")


@pytest.mark.parametrize(
    ("status", "document"),
    [(201, {"state": "done"}), (200, {"state": "open"}), (200, {}), (200, b"done"), (500, {"state": "done"}), (200, [])],
)
def test_any_other_answer_is_not_completed(origin: Origin, login: FlowSpec, status: int, document: object) -> None:
    origin.says("/login", document, status)
    result = asyncio.run(signals.submit(origin.url, login, {"ticket": "t", "randstr": "r"}))
    assert not signals.completed(result, login)


def test_true_is_not_one(origin: Origin, login: FlowSpec) -> None:
    origin.says("/login", {"state": True})
    flow = replace(login, completed=replace(login.completed, json={"$.state": 1}))
    result = asyncio.run(signals.submit(origin.url, flow, {"ticket": "t", "randstr": "r"}))
    assert not signals.completed(result, flow)


def test_a_connection_that_breaks_is_a_result_and_no_error(origin: Origin, login: FlowSpec) -> None:
    origin.says("/login", b"", 0)
    result = asyncio.run(signals.submit(origin.url, login, {"ticket": "t", "randstr": "r"}))
    assert result.status is None
    assert "RemoteProtocolError" in result.error or "ReadError" in result.error
    assert not signals.completed(result, login)


def test_an_answer_that_drips_is_cut_off_in_total(origin: Origin, login: FlowSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "LIMIT_S", 0.3)

    ended = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        gone = asyncio.ensure_future(reader.read())
        try:
            while not (await asyncio.wait({gone}, timeout=0.02))[0]:
                writer.write(b"x")
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        finally:
            ended.set()

    async def story() -> signals.SubmitResult:
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            answer = await signals.submit(f"http://127.0.0.1:{port}", login, {"ticket": "t", "randstr": "r"})
            await ended.wait()
            return answer

    result = asyncio.run(story())
    assert (result.status, result.error) == (None, "no whole answer within 0.3 s")
    assert 250 < result.real_ms < 5000


def test_an_offer_is_confirmed_with_the_code_and_the_same_session(origin: Origin, checkout: FlowSpec) -> None:
    origin.says("/orders", {"order": "o/7"}, 202)
    origin.says("/orders/o%2F7/code", {"state": "paid"}, 201)

    async def story() -> signals.SubmitResult:
        offer = await signals.submit(origin.url, checkout, {"ticket": "t"})
        assert signals.offered(offer, checkout)
        assert not signals.completed(offer, checkout)
        offer = replace(offer, headers={"X-Client": "203.0.113.7"})
        return await signals.confirm(origin.url, checkout, offer, "123456")

    result = asyncio.run(story())
    _, path, headers, body = origin.asked[1]
    assert (path, json.loads(body), headers["cookie"]) == ("/orders/o%2F7/code", {"code": "123456"}, "session=s1")
    assert headers["x-client"] == "203.0.113.7", "whoever types the code comes from where it was offered"
    assert signals.completed(result, checkout)


def test_a_cookie_that_an_offer_takes_back_is_not_sent_on(origin: Origin, checkout: FlowSpec) -> None:
    origin.says("/orders", {"order": 7}, 202)
    origin.cookie = "visit=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
    assert checkout.submit is not None
    signed_in = replace(checkout, submit=replace(checkout.submit, cookies={"sid": "s1", "visit": "v1"}))
    assert asyncio.run(signals.submit(origin.url, signed_in, {"ticket": "t"})).cookies == {"sid": "s1"}


def test_an_offer_that_lacks_what_the_confirmation_needs_is_a_sentence(origin: Origin, checkout: FlowSpec) -> None:
    origin.says("/orders", {"ordr": 7}, 202)

    async def story() -> None:
        offer = await signals.submit(origin.url, checkout, {"ticket": "t"})
        await signals.confirm(origin.url, checkout, offer, "123456")

    with pytest.raises(TargetError, match=r"flows\.checkout\.step_up\.confirm says \{order\}.*did you mean 'ordr'"):
        asyncio.run(story())


def test_a_proxy_of_this_machine_is_not_used(origin: Origin, login: FlowSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    origin.says("/login", {"state": "done"})
    assert asyncio.run(signals.submit(origin.url, login, {"ticket": "t", "randstr": "r"})).status == 200
