"""What a ticket buys that nobody vouches for: the policy's share, and nothing beyond it, in health and in outage."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from suites.selftest.shop.parts import APP_ID, Answer, Shop, api_error, captcha_code, fallback, issued

HEALTH: dict[str, Answer] = {"healthy": captcha_code(21), "outage": api_error("InternalError")}

WORTHLESS = {
    "missing": None,
    "empty": "",
    "blank": "   ",
    "garbage": "garbage",
    "long garbage": "x" * 400,
    "not text": 5,
    "a list": ["terror_1001"],
    "the prefix alone": "terror_",
    "no underscore before the time": f"terror_1001_{APP_ID}1795225253",
    "empty app id": "terror_1001__1795225253",
    "a foreign app id": fallback(app_id="1234567"),
    "another vendor's captcha id": fallback(app_id="647f5ed2ed8acb4be36784e01556bb71"),
    "a letter in the app id": fallback(app_id=f"{APP_ID}a"),
    "code missing": f"terror_{APP_ID}_1795225253",
    "stale": fallback(age_s=86400),
    "from the future": fallback(age_s=-86400),
    "milliseconds": fallback() + "000",
    "a server's code with a guessed hmac": fallback(2001, suffix="_" + "0" * 40),
    "a server's code without hmac": fallback(2003),
    "a lone surrogate": "terror_\ud800",
    "a NUL": fallback() + "\x00",
    "two lines": fallback() + "\n",
    "foreign digits": fallback().replace("1001", "１００１"),
}


@pytest.mark.parametrize("health", HEALTH)
def test_what_cannot_be_a_ticket_gets_nothing_and_nobody_is_asked(shop: Shop, health: str) -> None:
    shop.api.answer = HEALTH[health]
    for label, ticket in WORTHLESS.items():
        assert shop.login(ticket).status_code == 403, label
        assert shop.order(ticket).status_code == 403, label
    assert shop.client.post("/login", json={"username": "user-1@shop.test", "password": "correct horse"}).status_code == 403
    assert (shop.sessions(), shop.orders(), shop.pending(), shop.outbox(), shop.api.asked) == ([], [], [], [], [])


@pytest.mark.parametrize("randstr", ["", "abc", "@", "@a b", "@" + "a" * 99])
def test_a_ticket_without_a_real_randstr_gets_nothing(shared: Shop, randstr: str) -> None:
    assert shared.login(issued(), randstr=randstr).status_code == 403


@pytest.mark.parametrize("body", ["", "[]", "1", '{"a":', "[" * 5000, '{"ticket":{"a":1}}'])
def test_what_is_no_submit_is_answered_and_never_breaks_the_shop(shared: Shop, body: str) -> None:
    for path in ("/login", "/orders", "/orders/x/code"):
        answer = shared.client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert 400 <= answer.status_code < 500
    assert shared.client.post("/login", data={"ticket": "x"}).status_code == 415


HONEST = {
    "1.0": {"code": 1004},
    "2.0": {"code": 1001, "prefix": "trerror"},
    "five parts": {"code": 1007, "suffix": "_sid123"},
    "a minute old": {"code": 1014, "age_s": 60},
}


@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_fallback_ticket_signs_in_unverified_and_is_kept_with_the_session(shop: Shop, kind: str) -> None:
    ticket = fallback(**HONEST[kind])
    shop.api.answer = captcha_code(21)
    assert shop.login(ticket).json()["verified"] is False
    assert shop.sessions() == [{"account": "user-1@shop.test", "verified": False, "ticket": ticket}]


def test_a_fallback_ticket_that_the_provider_passes_is_still_no_word_on_the_user(shop: Shop) -> None:
    shop.api.answer = captcha_code(1)
    assert shop.login(fallback()).json()["verified"] is False
    assert shop.order(fallback(), randstr="@b").status_code == 202
    assert shop.orders() == []


@pytest.mark.parametrize("health", HEALTH)
def test_an_account_gets_one_unverified_session_and_an_address_five(shop: Shop, health: str) -> None:
    shop.api.answer = HEALTH[health]
    first = [shop.login(fallback(), n=1, randstr=f"@a{i}").status_code for i in range(3)]
    assert first == [200, 429, 429]
    assert "message" in shop.login(fallback(), n=1, randstr="@z").json()
    others = [shop.login(fallback(), n=n, randstr=f"@b{n}").status_code for n in range(2, 9)]
    assert others == [200] * 4 + [429] * 3
    assert shop.login(fallback(), n=20, address="203.0.113.9").status_code == 200
    assert len(shop.sessions()) == 6


@pytest.mark.storage
def test_after_its_hour_an_account_and_an_address_have_room_again_and_not_before(shop: Shop) -> None:
    shop.api.answer = captcha_code(21)

    def login(n: int, randstr: str) -> int:
        return shop.login(fallback(), n=n, randstr=randstr).status_code

    assert [login(n, f"@a{n}") for n in range(1, 7)] == [200] * 5 + [429]
    for passed_s, again in ((3500, 429), (101, 200)):
        shop.alter("UPDATE unverified SET at_s = at_s - :passed", {"passed": passed_s})
        assert login(1, f"@later{passed_s}") == again
    assert login(1, "@used") == 429


def test_a_hundred_forged_tickets_at_once_get_not_one_session_more(shop: Shop) -> None:
    shop.api.answer = captcha_code(21)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: shop.login(fallback(), n=n, randstr=f"@c{n}").status_code, range(1, 101)))
    assert (answers.count(200), answers.count(429)) == (5, 95)
    assert len(shop.sessions()) == 5


def test_a_verified_user_is_not_limited_by_what_forgers_did(shop: Shop) -> None:
    shop.api.answer = captcha_code(21)
    for n in range(8):
        shop.login(fallback(), n=1, randstr=f"@d{n}")
    shop.api.answer = captcha_code(1)
    assert shop.login(issued()).json()["verified"] is True


@pytest.mark.parametrize("health", HEALTH)
def test_a_replayed_ticket_gets_nothing_and_is_not_sent_again(shop: Shop, health: str) -> None:
    shop.api.answer = HEALTH[health]
    ticket = fallback()
    assert shop.order(ticket).status_code == 202
    assert shop.order(ticket).status_code == 403
    assert shop.login(ticket, n=3).status_code == 403
    assert shop.api.tickets() == [ticket]


def test_a_servers_own_ticket_cannot_be_handed_in_as_a_captcha(shop: Shop) -> None:
    shop.api.answer = api_error("InternalError")
    minted = shop.order(issued()).json()["ticket"]
    assert (shop.order(minted).status_code, shop.login(minted).status_code) == (403, 403)


def test_passwords_cannot_be_guessed_through_the_degraded_door(shop: Shop) -> None:
    shop.api.answer = captcha_code(21)
    guesses = [shop.login(fallback(), password=f"guess {i}", randstr=f"@e{i}").status_code for i in range(7)]
    assert guesses == [401] * 5 + [429] * 2
    assert shop.sessions() == []


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("user-1@shop.test", "wrong"),
        ("user-501@shop.test", "correct horse"),
        ("user-0@shop.test", "correct horse"),
        ("root@shop.test", "correct horse"),
        ("", ""),
    ],
)
def test_a_captcha_is_no_password(shared: Shop, username: str, password: str) -> None:
    ticket = issued(f"{len(username)}{len(password)}")
    assert shared.login(ticket, username=username, password=password).status_code == 401
    assert shared.sessions() == []


def test_the_admin_pages_are_for_this_machine_only(shop: Shop) -> None:
    for path in ("/admin/sessions.json", "/admin/orders.json", "/admin/outbox.json", "/metrics"):
        assert shop.client.get(path).status_code == 200
        assert shop.client.get(path, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
