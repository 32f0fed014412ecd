"""What the visitor's client says went wrong (``errorCode``): news for the log, and never a reason for a decision."""

from __future__ import annotations

import json

import pytest

from suites.selftest.shop.parts import Shop, captcha_code, fallback, issued


def _logged(shop: Shop) -> list[dict[str, object]]:
    lines = [line for line in shop.output.read_text().splitlines() if line.startswith("{")]
    return [line for line in map(json.loads, lines) if line["event"] == "captcha.degraded"]


def test_the_clients_error_code_is_logged_beside_the_tickets(shop: Shop) -> None:
    shop.api.answer = captcha_code(21)
    assert shop.login(fallback(1004), error_code="1004").status_code == 200
    assert [(line["code"], line["client_says"]) for line in _logged(shop)] == [(1004, 1004)]


# Ids of their own: one made from a ticket holds the time, and two test workers would not agree on it.
LIES = {
    "long": "x" * 300,
    "json": '"}{',
    "full-width": "１００４",
    "a ticket": fallback(1004),
    "empty": "",
    "null": None,
    "a number": 1004,
    "a list": ["1004"],
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_what_is_no_code_is_not_logged(shop: Shop, lie: object) -> None:
    shop.api.answer = captcha_code(21)
    assert shop.login(fallback(1004), error_code=lie).status_code == 200
    (line,) = _logged(shop)
    assert "client_says" not in line


def test_an_error_code_buys_nothing(shop: Shop) -> None:
    """A bad ticket is no outage because its bearer says so, and a good one is good whatever else comes with it."""
    shop.api.answer = captcha_code(9)
    assert shop.login(issued("bad"), error_code="1001").status_code == 403
    assert shop.login("", error_code="1001").status_code == 403
    shop.api.answer = captcha_code(1)
    said = shop.login(issued("good"), error_code="1001").json()
    assert (said["state"], said["verified"]) == ("done", True)
    assert _logged(shop) == []
