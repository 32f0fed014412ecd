"""However often the same attempt arrives, it has one effect, one verdict call and one answer."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from suites.selftest.shop.parts import Shop, api_error, captcha_code, fallback, issued

pytestmark = pytest.mark.storage

KEY = "attempt-00000001"


def _slowly(connection: socket.socket, asked: dict[str, Any]) -> None:
    time.sleep(0.5)  # for as long as twenty take to arrive: those that wait for the first one's answer tell nobody
    captcha_code(1)(connection, asked)


def test_twenty_at_once_under_one_key_make_one_order_and_one_verdict_call(shop: Shop) -> None:
    shop.api.answer = _slowly
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: shop.order(issued(), key=KEY), range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert (len(shop.orders()), len(shop.api.asked)) == (1, 1)


def test_twenty_at_once_under_one_key_make_one_session_in_an_outage(shop: Shop) -> None:
    shop.api.answer = api_error("InternalError")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: shop.login(issued(), key=KEY), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert (len(shop.sessions()), len(shop.api.asked)) == (1, 1)


def test_a_repetition_after_the_answer_was_lost_gets_that_answer_and_the_session(shop: Shop) -> None:
    address = httpx.URL(shop.url)
    body = json.dumps({"username": "user-1@shop.test", "password": "correct horse", "ticket": issued(), "randstr": "@abc"})
    head = f"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: {KEY}\r\n"
    lost = threading.Event()

    def answer_when_lost(connection: socket.socket, asked: dict[str, Any]) -> None:
        lost.wait(10)
        captcha_code(1)(connection, asked)

    shop.api.answer = answer_when_lost
    with socket.create_connection((address.host, address.port)) as browser:
        browser.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        shop.api.await_asked()
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    lost.set()
    again = shop.client.post("/login", content=body, headers={"Content-Type": "application/json", "Idempotency-Key": KEY})
    assert (again.status_code, again.json()["verified"]) == (200, True)
    assert "shop_session" in again.cookies
    assert (len(shop.sessions()), len(shop.api.asked)) == (1, 1)


def test_a_refusal_is_stored_too_so_that_a_ticket_is_never_sent_twice(shop: Shop) -> None:
    shop.api.answer = captcha_code(9)
    assert [shop.order(issued(), key=KEY).status_code for _ in range(3)] == [403] * 3
    assert len(shop.api.asked) == 1


def test_another_attempt_under_a_used_key_does_not_see_its_answer(shop: Shop) -> None:
    assert shop.order(issued("a"), key=KEY).status_code == 201
    foreign = shop.order(issued("b"), email="b@shop.test", key=KEY)
    assert (foreign.status_code, "order" in foreign.json()) == (409, False)
    assert len(shop.orders()) == 1


def test_a_login_and_an_order_may_carry_the_same_key(shop: Shop) -> None:
    assert (shop.order(issued("a"), key=KEY).status_code, shop.login(issued("b"), key=KEY).status_code) == (201, 200)


def test_two_honest_users_may_mint_the_same_ticket_in_the_same_second(shop: Shop) -> None:
    shop.api.answer = captcha_code(21)
    ticket = fallback()
    assert shop.login(ticket, n=1, randstr="@one").status_code == 200
    assert shop.login(ticket, n=2, randstr="@two").status_code == 200


def test_other_visitors_are_served_while_verdict_calls_hang(shop: Shop) -> None:
    shop.api.answer = lambda *_: time.sleep(6)
    with ThreadPoolExecutor(30) as pool:
        waiting = [pool.submit(shop.order, issued(str(n)), email=f"u{n}@shop.test") for n in range(30)]
        shop.api.await_asked(times=30)
        began = time.monotonic()
        assert shop.client.get("/login").status_code == 200
        assert time.monotonic() - began < 1
        assert {answer.result().status_code for answer in waiting} == {202}
