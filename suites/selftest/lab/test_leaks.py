"""Secrets are searched for wherever a browser, a log or another host could read them; what they say is kept nowhere."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import re
import time
from collections.abc import Sequence
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
from suites.selftest.lab.sockets import Line, dialled, listening

SECRET, KEY = "q7Fz+Lk/29 sXwPd", "HgT5s8Kd02mNbVcX"
CODE, SESSION = "493817", "eyJpZCI6ICJhYmNkZWYifQ.sig"
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
) -> Evidence:
    """What a lab keeps that saw all this."""
    recorder = Recorder()
    recorder.begin("honest")
    for url in asked:
        recorder.mark("request", detail=f"GET {url}")
    recorder.codes.update(codes)
    overheard = Overheard(SEARCH)
    overheard(printed)
    slot = SimpleNamespace(
        origin=SimpleNamespace(log=list(requests)),
        provider=SimpleNamespace(log=list(arrivals)),
        links={link.name: link for link in (BROWSERS, SERVERS)},
    )
    evidence = Evidence(target_output=output, events=tuple(recorder.events))
    return searched(evidence, cast(Slot, slot), recorder, overheard, output)


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


@pytest.mark.anyio
async def test_the_gate_reads_answers_to_their_end_whatever_it_keeps_of_them() -> None:
    page = b"x" * 200_000 + SECRET.encode()

    async def shop(line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nSet-Cookie: a=b\r\n\r\n%s" % (len(page), page))

    async with listening(shop) as port:
        gate = OriginGate()
        await gate.start()
        gate.target_port, gate.leaked_in = port, lambda head, body: leaked_in(head, body, SEARCH)
        async with dialled(gate.port) as line:
            assert (await line.ask("GET", "/bundle.js", "shop"))[2] == page
        await gate.stop()
    assert [(request.path, request.leaked) for request in gate.log] == [("/bundle.js", ("app_secret",))]
    assert (b"set-cookie", b"a=b") in gate.log[0].answer_head


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


@pytest.mark.parametrize("line", [f"sid={SESSION}; path=/", f"x={SESSION}; HttpOnly", f'session="{SESSION}"'])
def test_a_session_in_a_url_or_the_output_is_a_leak(line: str) -> None:
    given = seen(head=[(b"set-cookie", line.encode())])
    name = re.match(r"\w+", line)
    assert name is not None
    kept = look(given, seen(f"/next;jsessionid={SESSION}"), output=f"session {SESSION} began")
    assert [(leak.secret, leak.where) for leak in kept.leaks] == [
        (f"session cookie {name[0]}", "url"),
        (f"session cookie {name[0]}", "output"),
    ]
    assert SESSION not in repr(dataclasses.replace(kept, events=()))


@pytest.mark.parametrize("line", [f"theme={SESSION}", f"csrf_token={SESSION}; HttpOnly", "sid=short"])
def test_a_cookie_that_is_no_secret_may_stand_anywhere(line: str) -> None:
    given = seen(head=[(b"set-cookie", line.encode())])
    assert look(given, seen(f"/next?t={SESSION}"), output=SESSION).leaks == ()


def test_a_leak_is_told_once_for_each_place() -> None:
    again = [seen(path, after_s=1) for path in ("/login", "/login", "/orders")]
    for request in again:
        request.leaked = ("app_secret",)
    assert look(*again).leaks == (
        Leak(secret="app_secret", where="page", at="POST /login", visit="honest"),
        Leak(secret="app_secret", where="page", at="POST /orders", visit="honest"),
    )
