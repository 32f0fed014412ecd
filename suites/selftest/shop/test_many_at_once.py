"""Three processes of the shop on one database, asked by many at once: exactly as many effects as the policies allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from suites.selftest.shop.parts import (
    FIXTURES,
    SECRETS,
    Shop,
    api_error,
    captcha_code,
    fake_api,
    fallback,
    issued,
    new_database,
    running,
)

pytestmark = pytest.mark.storage

SHOPS = 3
AT_ONCE = 24
MINI_APP_ID = "199999210"
MINI = {name.replace("CAPTCHA_", "CAPTCHA_MINI_"): value for name, value in SECRETS.items()}
MINI |= {"CAPTCHA_MINI_APP_ID": MINI_APP_ID, "SHOP_SIGNING_KEY": "one for all"}


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Shop]]:
    """Processes that share a database and each ask a verdict API of their own; they begin at the same time."""
    url = new_database(tmp_path_factory.mktemp("database"))
    with ExitStack() as stack, ThreadPoolExecutor(SHOPS) as starting:

        def start(scratch: Path) -> Shop:
            more = {**MINI, "SHOP_DATABASE_URL": url}
            return stack.enter_context(running(FIXTURES / "shop", stack.enter_context(fake_api()), scratch, **more))

        yield list(starting.map(start, [tmp_path_factory.mktemp("shop") for _ in range(SHOPS)]))


@pytest.fixture
def all_say(shops: list[Shop]) -> Callable[[object], None]:
    """Have every verdict API answer so."""

    def say(answer: object) -> None:
        for shop in shops:
            shop.api.answer = answer  # type: ignore[assignment]  # an Answer, from parts

    return say


def at_once(shops: list[Shop], ask: Callable[[Shop, int], httpx.Response], times: int = AT_ONCE) -> list[httpx.Response]:
    """Ask that often at the same moment, one process after the other."""
    with ThreadPoolExecutor(times) as visitors:
        return list(visitors.map(lambda n: ask(shops[n % SHOPS], n), range(times)))


def statuses(answers: list[httpx.Response]) -> dict[int, int]:
    return dict(Counter(answer.status_code for answer in answers))


def orders_of(shop: Shop, email: str) -> int:
    return sum(order["email"] == email for order in shop.orders())


def test_one_attempt_at_many_processes_is_one_order_and_one_answer(shops: list[Shop], all_say: Callable[..., None]) -> None:
    all_say(captcha_code(1))
    asked = sum(len(shop.api.asked) for shop in shops)
    # Each visitor sends the session's cookie or none: what counts is the attempt's key.
    answers = at_once(shops, lambda shop, _n: shop.order(issued("same"), email="same@shop.test", key="attempt-same"))
    assert (statuses(answers), len({answer.text for answer in answers})) == ({201: AT_ONCE}, 1)
    assert (orders_of(shops[0], "same@shop.test"), sum(len(shop.api.asked) for shop in shops) - asked) == (1, 1)


def test_one_ticket_under_many_keys_buys_one_order(shops: list[Shop], all_say: Callable[..., None]) -> None:
    all_say(captcha_code(1))
    answers = at_once(shops, lambda shop, n: shop.order(issued("once"), email="once@shop.test", key=f"attempt-{n:04}"))
    assert statuses(answers) == {201: 1, 403: AT_ONCE - 1}
    assert orders_of(shops[0], "once@shop.test") == 1


def test_an_account_gets_its_one_unverified_session_from_all_processes_together(
    shops: list[Shop], all_say: Callable[..., None]
) -> None:
    all_say(captcha_code(21))
    answers = at_once(shops, lambda shop, n: shop.login(fallback(), n=1, randstr=f"@acc{n}", address=f"198.51.100.{n}"))
    assert statuses(answers) == {200: 1, 429: AT_ONCE - 1}
    assert len([one for one in shops[0].sessions() if one["account"] == "user-1@shop.test"]) == 1


def test_an_address_gets_its_five_from_all_processes_together(shops: list[Shop], all_say: Callable[..., None]) -> None:
    all_say(captcha_code(21))
    answers = at_once(shops, lambda shop, n: shop.login(fallback(), n=100 + n, randstr=f"@adr{n}", address="203.0.113.5"))
    assert statuses(answers) == {200: 5, 429: AT_ONCE - 5}
    accounts = {f"user-{100 + n}@shop.test" for n in range(AT_ONCE)}
    assert len([one for one in shops[0].sessions() if one["account"] in accounts]) == 5


def test_a_mailbox_gets_five_codes_from_all_processes_together(shops: list[Shop], all_say: Callable[..., None]) -> None:
    all_say(api_error("InternalError"))
    answers = at_once(shops, lambda shop, n: shop.order(issued(f"box{n}"), email="box@shop.test"))
    assert statuses(answers) == {202: 5, 429: AT_ONCE - 5}
    assert len([mail for mail in shops[0].outbox() if mail["email"] == "box@shop.test"]) == 5


def test_a_code_that_is_entered_everywhere_at_once_pays_once(shops: list[Shop], all_say: Callable[..., None]) -> None:
    all_say(api_error("InternalError"))
    offer = shops[0].order(issued("code"), email="code@shop.test").json()
    code = next(mail["code"] for mail in shops[1].outbox() if mail["order"] == offer["order"])
    answers = at_once(shops, lambda shop, _n: shop.confirm(offer["order"], code, ticket=offer["ticket"]))
    assert statuses(answers) == {201: 1, 403: AT_ONCE - 1}
    assert orders_of(shops[2], "code@shop.test") == 1


def test_wrong_codes_at_once_are_five_tries_and_no_more(shops: list[Shop], all_say: Callable[..., None]) -> None:
    all_say(api_error("InternalError"))
    order = shops[0].order(issued("guess"), email="guess@shop.test").json()["order"]
    right = int(next(mail["code"] for mail in shops[1].outbox() if mail["order"] == order))
    answers = at_once(shops, lambda shop, n: shop.confirm(order, f"{(right + 1 + n) % 10**6:06}"))
    assert sorted(told["left"] for answer in answers if "left" in (told := answer.json())) == [0, 1, 2, 3, 4]
    assert shops[0].confirm(order, f"{right:06}").status_code == 403


def test_one_process_that_has_lost_its_api_opens_no_door_at_the_others(shops: list[Shop]) -> None:
    lost, sound = shops[0], shops[1]
    lost.api.answer, sound.api.answer = api_error("InternalError"), captcha_code(21)

    def claim(shop: Shop, n: int) -> int:
        said = {"username": f"user-{n}@shop.test", "password": "correct horse", "phone": "13800138000"}
        ticket = fallback(1006, prefix="trerror", app_id=MINI_APP_ID)
        return shop.client.post("/mini/profile", json={**said, "ticket": ticket}).status_code

    assert [claim(lost, n) for n in range(200, 204)] == [202, 202, 200, 200]
    assert [claim(sound, n) for n in range(204, 206)] == [202, 202]
    assert claim(lost, 206) == 200
    lost.api.answer = captcha_code(1)
    said = {"username": "user-207@shop.test", "password": "correct horse", "phone": "13800138000", "ticket": issued("back")}
    assert lost.client.post("/mini/profile", json=said).json()["verified"] is True
    lost.api.answer = captcha_code(21)
    assert claim(lost, 208) == 202
