"""The shop's log: JSON lines, an event for each decision with its reason, flow and request; no ticket and no secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from suites.selftest.shop.parts import SECRETS, Shop, api_error, captcha_code, fallback, issued


def events(shop: Shop, request_id: str = "") -> list[dict[str, Any]]:
    """What the shop has logged, uvicorn's own lines aside; of one request, where it is named."""
    told = [json.loads(line) for line in shop.output.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    return [one for one in told if one["request_id"] == request_id or not request_id]


def ordered(shop: Shop, ticket: str, request_id: str, *, said: str = "a@shop.test") -> None:
    body = {"email": said, "ticket": ticket, "randstr": "@abc"}
    answer = shop.client.post("/orders", json=body, headers={"X-Request-Id": request_id})
    assert answer.headers["x-request-id"] == request_id


def test_each_decision_is_one_event_with_reason_flow_and_request(shop: Shop) -> None:
    shop.api.answer = captcha_code(1)
    ordered(shop, ticket := issued("ok"), "request-ok")
    ordered(shop, ticket, "request-used")
    ordered(shop, "garbage", "request-garbage")
    shop.api.answer = captcha_code(9)
    ordered(shop, issued("no"), "request-no")
    shop.api.answer = captcha_code(21)
    ordered(shop, fallback(1004), "request-claim")
    shop.api.answer = api_error("InternalError")
    ordered(shop, issued("out"), "request-out")
    captcha = {
        one["request_id"]: (one["event"], one["reason"], one.get("code"), one["flow"])
        for one in events(shop)
        if one["event"].startswith("captcha.")
    }
    assert captcha == {
        "request-ok": ("captcha.verified", "verdict", None, "checkout"),
        "request-used": ("captcha.refused", "used", None, "checkout"),
        "request-garbage": ("captcha.refused", "impossible", None, "checkout"),
        "request-no": ("captcha.refused", "verdict", 9, "checkout"),
        "request-claim": ("captcha.degraded", "client", 1004, "checkout"),
        "request-out": ("captcha.degraded", "server-error", 2003, "checkout"),
    }
    decided = [one for one in events(shop) if one["event"] == "shop.decided"]
    assert {one["flow"] for one in decided} == {"checkout"}
    refused = ("refused", "refused", 403)
    told = [(one["state"], one["reason"], one["status"]) for one in decided]
    assert told == [("paid", "paid", 201), *[refused] * 3, *[("step-up", "step_up", 202)] * 2]


def test_a_repetition_of_an_attempt_decides_nothing_anew(shop: Shop) -> None:
    for _ in range(3):
        shop.order(issued(), key="attempt-00000001")
    assert [one["event"] for one in events(shop)] == ["captcha.verified", "shop.decided"]


def test_the_end_of_an_outage_is_told_once(shop: Shop) -> None:
    shop.api.answer = api_error("InternalError")
    for n in range(3):
        shop.order(issued(f"out{n}"), email=f"u{n}@shop.test")
    shop.api.answer = captcha_code(1)
    for n in range(2):
        shop.order(issued(f"in{n}"))
    told = [one["event"] for one in events(shop)]
    assert (told.count("captcha.degraded"), told.count("captcha.recovered"), told.count("captcha.verified")) == (3, 1, 2)
    assert [(one["was"], one["state"]) for one in events(shop) if one["event"] == "captcha.breaker"] == [
        ("closed", "open"), ("open", "closed"),
    ]  # fmt: skip


def test_neither_tickets_nor_codes_nor_secrets_stand_in_it(shop: Shop) -> None:
    shop.api.answer = api_error("InternalError")
    sent = [issued("one"), fallback(1001), "x" * 300]
    answers = [shop.order(ticket, email=f"mail{n}@shop.test").json() for n, ticket in enumerate(sent)]
    code = shop.outbox()[0]["code"]
    shop.confirm(answers[0]["order"], code)
    shop.login(issued("two"))
    text = shop.output.read_text(encoding="utf-8")
    assert "captcha.degraded" in text
    minted = [answer["ticket"] for answer in answers if "ticket" in answer]
    hidden = [*sent, *minted, f'"{code}"', "correct horse", *SECRETS.values()]
    assert [one for one in hidden if one in text] == []


@pytest.mark.parametrize("given", ["", "short", 'x" , "event": "y', "a" * 65, "äöü-äöü-äöü".encode().decode("latin-1")])
def test_a_request_id_that_is_none_is_replaced(shared: Shop, given: str) -> None:
    told = shared.client.get("/healthz", headers={"X-Request-Id": given.encode("latin-1")}).headers["x-request-id"]
    assert told != given
    assert len(told) == 16
