"""Secrets are searched for wherever a browser, a log or another host could read them; what they say is kept nowhere.

One file for one module: secrets, codes and sessions are looked for in the same places, by the same `look`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import gzip
import time
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import quote

import pytest

from harness.catalog import Link, Phase, Side
from harness.journal.model import Evidence, Leak
from harness.lab.leaks import Overheard, SecretSearch, leaked_in, searched, secrets_of
from harness.lab.origin import OriginGate, OriginRequest
from harness.lab.recorder import Recorder
from harness.lab.slot import Slot
from harness.providers.base import Credentials
from harness.providers.serving import Arrival
from harness.target.spec import Completed, Effects, FlowSpec, StepUp, SubmitSpec
from suites.selftest.lab.sockets import LIMIT_S, Handler, Line, dialled, listening

SECRET, KEY = "q7Fz+Lk/29 sXwPd", "HgT5s8Kd02mNbVcX"
CODE, SESSION = "493817", "eyJpZCI6ICJhYmNkZWYifQ.sig"
SIGN_IN = FlowSpec(
    name="login",
    submit=SubmitSpec(method="POST", path="/login", json={"ticket": "{ticket}"}),
    completed=Completed(status=200, json={"$.state": "done"}),
    effects=Effects(get="/admin/sessions.json", count="$"),
    step_up=StepUp(
        code_get="/outbox.json", code_json="$", status=202,
        confirm=SubmitSpec(method="POST", path="/codes/{order}/enter", json={"code": "{code}"}),
    ),
)  # fmt: skip
SEARCH = SecretSearch({"app_secret": SECRET, "secret_key": KEY})
BROWSERS = Link(name="config", side=Side.BROWSER, hosts=("captcha.example",), phase=Phase.BEFORE_SHOW)
SERVERS = Link(name="verdict", side=Side.SERVER, hosts=("api.example",), phase=Phase.DURING_VERDICT)


def seen(path: str = "/login", *, body: str = "", answer: bytes = b"", head: Any = (), after_s: float = 0.0) -> OriginRequest:
    now = time.monotonic() + after_s
    request = OriginRequest(method="POST", path=path, arrived=now, body=bytearray(body.encode()), answer=bytearray(answer))
    request.status, request.answered, request.answer_head = 200, now + 0.01, tuple(head)
    return request


def carrying(link: str, *names: str, host: str = "captcha.example") -> Arrival:
    return Arrival(link=link, host=host, method="POST", path="/x?y=z", connection="", arrived=time.monotonic(), carried=names)


def look(
    *requests: OriginRequest,
    arrivals: Sequence[Arrival] = (),
    codes: Sequence[str] = (),
    printed: bytes = b"",
    output: str = "",
    asked: Sequence[str] = (),
    flow: FlowSpec = SIGN_IN,
    named: Sequence[str] | None = None,
) -> Evidence:
    """What a lab keeps that saw all this."""
    recorder = Recorder()
    recorder.begin("honest")
    for url in asked:
        recorder.mark("request", detail=f"GET {url}")
    recorder.codes.update(codes)
    overheard = Overheard(SEARCH)
    overheard(printed + output.encode())
    slot = SimpleNamespace(
        origin=SimpleNamespace(log=list(requests)),
        provider=SimpleNamespace(log=list(arrivals)),
        links={link.name: link for link in (BROWSERS, SERVERS)},
    )
    evidence = Evidence(target_output=output, events=tuple(recorder.events))
    return searched(evidence, cast(Slot, slot), recorder, overheard, flow, named)


def places(evidence: Evidence) -> list[tuple[str, str, str]]:
    return [(leak.secret, leak.where, leak.at) for leak in evidence.leaks]


@pytest.mark.parametrize(
    "told",
    [SECRET, quote(SECRET, safe=""), base64.b64encode(f"id:{SECRET}".encode()).decode(), SECRET.replace("/", "\\u002f")][:3],
    ids=["plain", "in a URL", "in base64"],
)
def test_a_secret_in_an_answer_is_found_in_whatever_form(told: str) -> None:
    page = f"<script>conf = '{told}'</script>".encode()
    assert leaked_in((), page, SEARCH) == ("app_secret",)
    assert leaked_in(((b"location", told.encode()),), b"", SEARCH) == ("app_secret",)
    packed = ((b"content-encoding", b"gzip"),)
    assert leaked_in(packed, gzip.compress(page), SEARCH) == ("app_secret",)
    assert leaked_in((), b"<p>nothing of it</p>", SEARCH) == ()


def test_only_what_the_console_calls_secret_is_searched_for() -> None:
    console = Credentials(app_id="199999164", app_secret=SECRET, secret_id="AKIDxyz", secret_key=KEY)
    assert secrets_of(console) == {"app_secret": SECRET, "secret_key": KEY}


@contextlib.asynccontextmanager
async def gate_before(shop: Handler) -> AsyncIterator[OriginGate]:
    async with listening(shop) as port:
        gate = OriginGate()
        await gate.start()
        gate.target_port, gate.leaked_in = port, lambda head, body: leaked_in(head, body, SEARCH)
        yield gate
        await gate.stop()


@pytest.mark.anyio
async def test_the_gate_reads_answers_to_their_end_whatever_it_keeps_of_them() -> None:
    page = b"x" * 200_000 + SECRET.encode()

    async def shop(line: Line) -> None:
        while True:
            await line.reader.readuntil(b"\r\n\r\n")
            line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nSet-Cookie: a=b\r\n\r\n%s" % (len(page), page))

    async with gate_before(shop) as gate, dialled(gate.port) as line:
        line.say(b"GET /bundle.js HTTP/1.1\r\nHost: shop\r\nCookie: sid=1; a=b\r\n\r\n")
        await asyncio.wait_for(line.reader.readuntil(b"\r\n\r\n"), LIMIT_S)
        assert await line.hear(len(page)) == page
        await line.ask("GET", "/bundle.js?again", "shop")
    assert [(request.path, request.leaked) for request in gate.log] == [
        ("/bundle.js", ("app_secret",)),
        ("/bundle.js?again", ("app_secret",)),
    ]
    assert (b"set-cookie", b"a=b") in gate.log[0].answer_head
    assert [request.cookies for request in gate.log] == [b"sid=1; a=b", b""]
    assert gate.log[0].whole == page
    assert gate.log[0].whole is gate.log[1].whole, "what comes again costs nothing"


@pytest.mark.anyio
async def test_what_came_of_an_answer_that_never_ends_is_searched() -> None:
    async def shop(line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nkey=%s" % KEY.encode())
        await line.writer.drain()

    async with gate_before(shop) as gate:
        async with dialled(gate.port) as line:
            line.say(b"GET /events HTTP/1.1\r\nHost: shop\r\n\r\n")
            await asyncio.wait_for(line.reader.readuntil(KEY.encode()), LIMIT_S)
        await gate.close_connections()
    assert [(request.path, request.leaked) for request in gate.log] == [("/events", ("secret_key",))]


def test_beyond_what_a_gate_keeps_of_one_lab_answers_are_kept_by_their_beginning() -> None:
    gate = OriginGate()
    requests = [seen(f"/{number}") for number in range(10)]
    for number, request in enumerate(requests):
        gate.search(request, bytes([number]) * (4 << 20))
    assert [len(request.whole) for request in requests] == [4 << 20] * 8 + [0, 0], "32 MiB in all"
    gate.reset()
    gate.search(requests[9], b"y" * (4 << 20))
    assert requests[9].whole, "the next lab's are its own"


def test_a_secret_that_is_printed_is_heard_across_two_pieces_and_long_after() -> None:
    overheard = Overheard(SEARCH)
    for piece in (b"start key=" + KEY[:5].encode(), KEY[5:].encode() + b"\n", b"noise\n" * 50_000):
        overheard(piece)
    assert overheard.names == {"secret_key"}
    assert places(look(printed=f"secret={SECRET}".encode())) == [("app_secret", "output", "")]


def test_a_secret_is_no_leak_on_the_servers_own_link_and_is_one_anywhere_else() -> None:
    arrivals = (
        carrying("verdict", "app_secret", host="api.example"),
        carrying("config", "app_secret"),
        carrying("", "app_secret", "secret_key", host="elsewhere.example"),
    )
    assert places(look(arrivals=arrivals)) == [
        ("app_secret", "elsewhere", "POST captcha.example/x"),
        ("app_secret", "elsewhere", "POST elsewhere.example/x"),
        ("secret_key", "elsewhere", "POST elsewhere.example/x"),
    ]


def test_a_secret_in_a_url_that_a_page_asks_for_is_found_without_its_text() -> None:
    kept = look(asked=[f"https://stats.example/p?k={KEY}", "https://stats.example/ok"])
    assert places(kept) == [("secret_key", "url", "stats.example/p")]


def test_a_code_in_the_offer_in_a_url_or_in_the_output_is_a_leak_and_is_then_hidden_in_all_the_evidence() -> None:
    offer = seen("/orders", answer=f'{{"state": "code", "debug": "{CODE}"}}'.encode())
    link = seen(f"/orders/1/code/{CODE}?code={CODE}", after_s=1)
    kept = look(offer, link, codes=[CODE], output=f"mail to a@b: {CODE}\n")
    assert places(kept) == [
        ("one-time code", "page", "POST /orders"),
        ("one-time code", "url", "POST /orders/1/code/•••"),
        ("one-time code", "output", ""),
    ]
    assert CODE not in repr(kept)


def test_a_code_that_its_user_types_and_is_shown_again_is_no_leak() -> None:
    typed = seen("/orders/1/code", body=f'{{"code": "{CODE}"}}', answer=f"<input value='{CODE}'>".encode())
    later = seen("/orders/1", answer=f"you typed {CODE}".encode(), after_s=1)
    kept = look(seen("/orders", after_s=-1, answer=b"type it"), typed, later, codes=[CODE])
    assert kept.leaks == ()
    assert "one-time code" in kept.secrets


@pytest.mark.parametrize("chance", [f"1{CODE}00.5", f"12:00:01.{CODE} GET /", f"a{CODE}", f"{CODE}.25"])
def test_digits_that_are_part_of_something_longer_are_no_code(chance: str) -> None:
    assert look(seen(answer=chance.encode()), codes=[CODE], output=chance).leaks == ()


def test_codes_that_stand_anywhere_by_chance_are_not_searched_for() -> None:
    kept = look(seen(answer=b"timeout 8000"), codes=["8000"])
    assert (kept.leaks, "one-time code" in kept.secrets) == ((), False)


DONE, AGAIN = b'{"state": "done"}', b'{"state": "again"}'
OTHER = "eyJpZCI6ICJ6enp6enp6enoifQ.sig"


def visited(
    path: str, *set_cookies: str, cookie: str = "", method: str = "GET", status: int = 200, **more: Any
) -> OriginRequest:
    """One request with its Cookie header, and an answer that sets cookies."""
    request = seen(path, head=[(b"set-cookie", line.encode()) for line in set_cookies], **more)
    request.method, request.status, request.cookies = method, status, cookie.encode()
    return request


def signed_in(*set_cookies: str, cookie: str = "", path: str = "/login", **more: Any) -> OriginRequest:
    return visited(path, *set_cookies, cookie=cookie, method="POST", **({"answer": DONE} | more))


def shown_everywhere(value: str = SESSION) -> OriginRequest:
    return visited(f"/next;s={value}", answer=f"<p>{value}</p>".encode(), after_s=1)


def of_sessions(*requests: OriginRequest, named: Sequence[str] | None = None, value: str = SESSION) -> set[tuple[str, str]]:
    """The cookies that were called a session and seen, when their value stands in a URL, a body and the output."""
    kept = look(*requests, shown_everywhere(value), output=f"session {value} began", named=named)
    assert not kept.leaks or value not in repr(dataclasses.replace(kept, events=()))
    return {(leak.secret.removeprefix("session cookie "), leak.where) for leak in kept.leaks}


def everywhere(name: str) -> set[tuple[str, str]]:
    return {(name, "url"), (name, "page"), (name, "output")}


NAMED_AS_SESSIONS = (
    "sid",
    "connect.sid",
    "JSESSIONID",
    "ASPSESSIONIDQQBRAD",
    "ASP.NET_SessionId",
    "laravel_session",
    "sessionid",
    "userSession",
    "__Host-sid2",
    "authJwt",
)


@pytest.mark.parametrize(
    "line",
    [
        *(f"{name}={SESSION}; path=/" for name in NAMED_AS_SESSIONS),
        f'session="{SESSION}"',
    ],
)
def test_what_only_signing_in_gives_is_a_session_and_a_leak_wherever_it_is_shown(line: str) -> None:
    assert of_sessions(visited("/login"), signed_in(line)) == everywhere(line.partition("=")[0])


UNNAMED = (
    f"access_token={SESSION}; path=/",
    f"accesstoken={SESSION}",
    f"whoami={SESSION}; HttpOnly",
    f".App.Identity={SESSION}; httponly",
)


@pytest.mark.parametrize("line", UNNAMED)
def test_what_a_name_does_not_call_a_session_is_one_where_a_refused_try_went_without(line: str) -> None:
    refused = signed_in(answer=AGAIN, status=403)
    assert of_sessions(visited("/login"), refused, signed_in(line)) == everywhere(line.partition("=")[0])


@pytest.mark.parametrize("line", UNNAMED)
def test_what_may_be_any_guests_from_the_first_thing_that_he_sends_is_no_session(line: str) -> None:
    """Nobody sent anything and was not let in: that the page's own GET was given none tells nothing."""
    shown_later = visited("/account", cookie=line.partition(";")[0], answer=f"<input value={SESSION}>".encode())
    assert of_sessions(visited("/login"), signed_in(line), shown_later) == set()
    given_to_whoever_sends = visited("/basket", line.replace(SESSION, OTHER), method="POST")
    assert of_sessions(visited("/login"), given_to_whoever_sends, signed_in(line), shown_later) == set()


@pytest.mark.parametrize("name", ["order_token", "guestToken", "ANON_ID", "checkout", "__Host-cart"])
def test_a_guests_token_that_only_a_later_page_shows_is_no_session(name: str) -> None:
    refused = signed_in(answer=AGAIN, status=403)
    assert of_sessions(visited("/"), refused, signed_in(f"{name}={SESSION}; HttpOnly")) == set()
    assert of_sessions(visited("/"), refused, signed_in(f"{name}_session={SESSION}")) == everywhere(f"{name}_session")


def test_what_signing_in_changes_is_a_session() -> None:
    before = visited("/login", f"PHPSESSID={OTHER}; HttpOnly")
    same = visited("/logo.png", cookie=f"PHPSESSID={OTHER}")
    changed = signed_in(f"PHPSESSID={SESSION}; HttpOnly", cookie=f"a=b; PHPSESSID={OTHER}")
    assert of_sessions(before, same, changed) == everywhere("PHPSESSID")
    assert of_sessions(before, same, changed, value=OTHER) == set(), "what everybody had before is worth nothing"


def test_a_code_that_is_confirmed_signs_in_and_its_offer_does_not() -> None:
    offer = signed_in(f"sid={OTHER}", answer=b'{"state": "code"}', status=202)
    confirmed = signed_in(f"sid={SESSION}", cookie=f"sid={OTHER}", path="/codes/17/enter", answer=b"{}")
    assert of_sessions(visited("/login"), offer, confirmed) == everywhere("sid")
    assert of_sessions(visited("/login"), offer, confirmed, value=OTHER) == set()


def on_its_way(cookie: str) -> OriginRequest:
    """An answer that lets its user in and sends the browser on to an address with the cookie's value."""
    request = signed_in(cookie)
    request.answer_head = [*request.answer_head, (b"location", f"/orders?follow={SESSION}".encode())]
    return request


NEVER = {
    "a device's id that everybody is given": (
        visited("/login", f"device={SESSION}; HttpOnly"), signed_in(cookie=f"device={SESSION}")),
    "a device's id that a refused try is given, too": (
        signed_in(f"device={SESSION}; HttpOnly"), signed_in(f"device={OTHER}; HttpOnly", answer=AGAIN, status=403)),
    "a device's id whose last day is moved on": (
        visited("/login", f"device={SESSION}; HttpOnly"), signed_in(f"device={SESSION}; HttpOnly", cookie=f"device={SESSION}")),
    "a mark that every answer sets anew": (
        visited("/login", f"lb={OTHER}1; HttpOnly"), visited("/a.js", f"lb={OTHER}2; HttpOnly", cookie=f"lb={OTHER}1"),
        signed_in(f"lb={OTHER}3; HttpOnly", cookie=f"lb={OTHER}2", answer=AGAIN, status=403),
        signed_in(f"lb={SESSION}; HttpOnly", cookie=f"lb={OTHER}3")),
    "an id that the answer shows by itself": (
        visited("/"), signed_in(f"order={SESSION}; HttpOnly", answer=f'{{"state": "done", "id": "{SESSION}"}}'.encode())),
    "a guest's way to follow one order, which the page shows": (
        visited("/"), signed_in(f"order_token={SESSION}", answer=f'{{"state": "done", "follow": "{SESSION}"}}'.encode())),
    "a guest's way to follow one order, to which the answer leads": (visited("/"), on_its_way(f"orderToken={SESSION}")),
    "a bar's state": (visited("/"), signed_in(f"sidebar={SESSION}")),
    "a name": (visited("/"), signed_in(f"author={SESSION}")),
    "a name that a mark divides": (visited("/"), signed_in(f"co-author={SESSION}")),
    "what its user has sent": (visited("/"), signed_in(f"who={SESSION}; HttpOnly", body=f'{{"name": "{SESSION}"}}')),
    "what scripts may read and no name calls a session": (visited("/"), signed_in(f"theme={SESSION}")),
    "what is there against forged requests": (visited("/"), signed_in(f"csrf_token={SESSION}; HttpOnly")),
    "what a refused try was given": (visited("/"), signed_in(f"sid={SESSION}", answer=AGAIN)),
    "what another page's form was given": (visited("/"), signed_in(f"sid={SESSION}", path="/search")),
}  # fmt: skip


@pytest.mark.parametrize("requests", NEVER.values(), ids=NEVER)
def test_what_is_no_session_may_stand_anywhere(requests: tuple[OriginRequest, ...]) -> None:
    assert of_sessions(*requests) == set()
    sent_too = signed_in(answer=AGAIN, status=403)
    assert of_sessions(sent_too, *requests) == set(), "beside who sent something, too, and was not let in"


def test_where_nobody_came_who_was_not_let_in_nothing_can_be_told() -> None:
    assert look(signed_in(f"sid={SESSION}; HttpOnly"), output=f"session {SESSION} began").leaks == ()


@pytest.mark.parametrize(
    "value", ["/account/orders/2026/11", "%2Faccount%2Forders%2F2026%2F11", "https://shop.example/orders/17"]
)
def test_a_way_back_is_no_session(value: str) -> None:
    assert of_sessions(visited("/"), signed_in(f"back={value}; HttpOnly"), value=value) == set()


def test_who_names_the_session_decides() -> None:
    given = visited("/", f"s={SESSION}"), signed_in(f"sid={OTHER}; HttpOnly")
    assert of_sessions(*given, named=["s"]) == everywhere("s")
    assert of_sessions(*given, named=["s"], value=OTHER) == set()
    assert of_sessions(visited("/"), signed_in(f"sid={SESSION}"), named=[]) == set()


def test_a_session_is_given_to_its_browser_in_the_head_of_an_answer_and_that_is_right() -> None:
    assert look(visited("/"), signed_in(f"sid={SESSION}; HttpOnly")).leaks == ()
    printed = signed_in(f"sid={SESSION}; HttpOnly", answer=f'{{"state": "done", "token": "{SESSION}"}}'.encode())
    assert places(look(visited("/"), printed)) == [("session cookie sid", "page", "POST /login")]


def test_a_session_and_a_code_in_a_url_of_another_host_are_leaks() -> None:
    asked = [f"https://stats.example/p?s={SESSION}&c={CODE}", f"http://127.0.0.1:4711/orders/{CODE}"]
    kept = look(visited("/"), signed_in(f"sid={SESSION}; HttpOnly"), codes=[CODE], asked=asked)
    assert set(places(kept)) == {("session cookie sid", "url", "stats.example/p"), ("one-time code", "url", "stats.example/p")}
    assert SESSION not in repr(kept)


def far_off(text: str) -> bytes:
    """The text at the end of more than is kept of an answer, or of the output, to be shown."""
    return b"<p>noise</p>\n" * 20_000 + text.encode()


def test_what_is_found_out_later_is_searched_for_in_all_that_was_answered_and_printed() -> None:
    offer = seen("/orders", answer=far_off("")[:1000])
    offer.whole = far_off(CODE)
    packed = seen("/orders/1")
    packed.whole, packed.answer_head = gzip.compress(far_off(CODE)), ((b"content-encoding", b"gzip"),)
    kept = look(offer, packed, codes=[CODE], output=f"mail: {CODE}\n" + "noise\n" * 50_000)
    assert places(kept) == [
        ("one-time code", "page", "POST /orders"),
        ("one-time code", "page", "POST /orders/1"),
        ("one-time code", "output", ""),
    ]


def test_of_an_endless_output_the_first_eight_mebibytes_are_kept() -> None:
    overheard = Overheard(SEARCH)
    for _ in range(1200):
        overheard(b"x" * 8192)
    assert len(overheard.kept) == 8 * 1024 * 1024
    overheard(KEY.encode())
    assert overheard.names == {"secret_key"}, "the account's own are heard however late"


def test_a_leak_is_told_once_for_each_place() -> None:
    again = [seen(path, after_s=1) for path in ("/login", "/login", "/orders")]
    for request in again:
        request.leaked = ("app_secret",)
    assert look(*again).leaks == (
        Leak(secret="app_secret", where="page", at="POST /login", visit="honest"),
        Leak(secret="app_secret", where="page", at="POST /orders", visit="honest"),
    )
