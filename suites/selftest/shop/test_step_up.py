"""The checkout's second factor: an offer for the unverified, a code that works once, five tries, and only for its order."""

from __future__ import annotations

import pytest

from suites.selftest.shop.parts import Shop, api_error, captcha_code, fallback, issued


def _offered(shop: Shop, email: str = "a@shop.test") -> tuple[str, str, str]:
    answer = shop.order(issued(email.split("@")[0]), email=email)
    assert (answer.status_code, answer.json()["state"]) == (202, "step-up")
    mail = shop.outbox()[-1]
    assert (mail["email"], mail["order"]) == (email, answer.json()["order"])
    return answer.json()["order"], mail["code"], answer.json()["ticket"]


@pytest.fixture
def outage(shop: Shop) -> Shop:
    shop.api.answer = api_error("InternalError")
    return shop


def test_a_verified_order_is_paid_at_once_without_a_mail(shop: Shop) -> None:
    answer = shop.order(issued())
    assert (answer.status_code, answer.json()["state"]) == (201, "paid")
    assert [(order["state"], order["verified"]) for order in shop.orders()] == [("paid", True)]
    assert shop.outbox() == []


def test_a_fallback_ticket_is_offered_the_step_up(shop: Shop) -> None:
    shop.api.answer = captcha_code(21)
    answer = shop.order(ticket := fallback(1006))
    assert (answer.status_code, answer.json()["state"], answer.json()["ticket"]) == (202, "step-up", ticket)
    assert (len(shop.orders()), len(shop.pending())) == (0, 1)


@pytest.mark.storage
def test_the_right_code_pays_the_order_once(outage: Shop) -> None:
    order, code, ticket = _offered(outage)
    assert len(code) == 6
    assert code.isdecimal()
    answer = outage.confirm(order, code, ticket=ticket)
    assert (answer.status_code, answer.json()["state"]) == (201, "paid")
    assert outage.confirm(order, code).status_code == 403, "a code is single-use"
    (paid,) = outage.orders()
    assert (paid["id"], paid["verified"], paid["ticket"]) == (order, False, ticket)
    assert outage.pending() == []


def test_a_lost_answer_to_the_code_is_answered_again_under_the_same_key(outage: Shop) -> None:
    order, code, _ = _offered(outage)
    answers = [outage.confirm(order, code, key="confirm-0001").status_code for _ in range(3)]
    assert answers == [201, 201, 201]
    assert len(outage.orders()) == 1


@pytest.mark.storage
def test_five_wrong_codes_end_the_offer_even_for_the_right_one(outage: Shop) -> None:
    order, code, _ = _offered(outage)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    answers = [outage.confirm(order, wrong).json() for _ in range(5)]
    assert [answer["left"] for answer in answers] == [4, 3, 2, 1, 0]
    assert outage.confirm(order, code).status_code == 403
    assert outage.orders() == []


def test_a_code_pays_its_own_order_only(outage: Shop) -> None:
    first, code_of_first, _ = _offered(outage, "a@shop.test")
    second, code_of_second, _ = _offered(outage, "b@shop.test")
    if code_of_first != code_of_second:
        assert outage.confirm(second, code_of_first).status_code == 403
    assert outage.confirm(first, code_of_first).status_code == 201


@pytest.mark.parametrize("code", ["", "000", "１２３４５６", "x" * 6, None, 123456])
def test_what_is_no_code_pays_nothing(outage: Shop, code: str) -> None:
    order, right, _ = _offered(outage)
    if str(code) != right:
        assert outage.confirm(order, code).status_code == 403
    assert outage.orders() == []


def test_a_foreign_or_forged_ticket_beside_the_right_code_pays_nothing(outage: Shop) -> None:
    order, code, ticket = _offered(outage)
    _, _, foreign = _offered(outage, "b@shop.test")
    for forged in (foreign, ticket[:-1] + "g", "terror_2003", "x"):
        assert outage.confirm(order, code, ticket=forged).status_code == 403
    assert outage.confirm(order, code, ticket=ticket).status_code == 201


@pytest.mark.storage
def test_a_ticket_that_was_minted_for_another_order_or_session_pays_nothing(outage: Shop) -> None:
    order, code, ticket = _offered(outage)
    _, _, foreign = _offered(outage, "b@shop.test")
    outage.alter("UPDATE orders SET ticket = :ticket WHERE id = :id", {"ticket": foreign, "id": order})
    assert outage.confirm(order, code, ticket=foreign).status_code == 403
    outage.alter("UPDATE orders SET ticket = :ticket, session = 'another' WHERE id = :id", {"ticket": ticket, "id": order})
    assert outage.confirm(order, code, ticket=ticket).status_code == 403
    assert outage.orders() == []


def test_an_unknown_order_is_not_found(shop: Shop) -> None:
    for order in ("0" * 24, "x", "%00", "%F0%9F%8D%B5"):
        assert shop.confirm(order, "123456").status_code == 404


def test_a_mailbox_cannot_be_filled_with_codes(outage: Shop) -> None:
    answers = [outage.order(issued(str(n))).status_code for n in range(7)]
    assert answers == [202] * 5 + [429] * 2
    assert len(outage.outbox()) == 5
    assert outage.order(issued("shout"), email="A@SHOP.test").status_code == 429, "it is the same mailbox"


@pytest.mark.parametrize("email", ["", "nobody", "a@b\nBcc: c@d", "a" * 300 + "@x.test"])
def test_an_order_needs_an_address_that_can_be_written_to(shop: Shop, email: str) -> None:
    assert shop.order(issued(), email=email).status_code == 400
    assert (shop.orders(), shop.api.asked) == ([], [])


@pytest.mark.storage
def test_an_order_that_no_captcha_vouches_for_is_marked_for_review(outage: Shop) -> None:
    order, code, _ = _offered(outage)
    assert outage.confirm(order, code).status_code == 201
    outage.api.answer = captcha_code(1)
    assert outage.order(issued("verified")).status_code == 201
    assert [(paid["verified"], paid["review"]) for paid in outage.orders()] == [(False, True), (True, False)]
