"""The shop on GeeTest v4: what it sends to the server check, how it reads each answer, and what buys nothing."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from suites.selftest.shop.parts import FIXTURES, FakeApi, Shop, http_answer, running
from suites.selftest.standins import Request, answering

CAPTCHA_ID, KEY = "647f5ed2ed8acb4be36784e01556bb71", "b09a7aafbfd83f73b35a9b530d0337bf"
GEETEST = {"CAPTCHA_VENDOR": "geetest", "CAPTCHA_APP_ID": CAPTCHA_ID, "CAPTCHA_APP_SECRET": KEY}
# The hosts of the notes (domain/other-providers.md, GeeTest v4), backups included.
VISITORS = itertools.count(1)
HOSTS = {
    "gcaptcha4.geetest.com", "gcaptcha4.geevisit.com", "gcaptcha4.gsensebot.com", "static.geetest.com", "static.geevisit.com",
    "dn-staticdown.qbox.me",
}  # fmt: skip
PASSED = {"status": "success", "result": "success", "reason": "", "captcha_args": {}}


@dataclass(slots=True)
class ServerCheck:
    """What ``/validate`` answers next, and what it was asked: path with query, and the form's fields."""

    status: int = 200
    body: str = json.dumps(PASSED)
    delay_s: float = 0.0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0


@pytest.fixture(scope="module")
def served() -> Iterator[ServerCheck]:
    told = ServerCheck()

    def answer(connection: socket.socket, request: Request) -> None:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        assert request.method == "POST"
        told.asked.append((request.target, form))
        time.sleep(told.delay_s)  # the slowness itself
        http_answer(told.body, status=f"{told.status} {HTTPStatus(told.status).phrase}")(connection, {})

    with answering(answer) as told.port:
        yield told


@pytest.fixture(scope="module")
def shop(served: ServerCheck, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running(FIXTURES / "shop", FakeApi(port=served.port), tmp_path_factory.mktemp("shop"), **GEETEST) as shop:
        yield shop


@pytest.fixture
def check(served: ServerCheck) -> ServerCheck:
    """The server check as every test finds it."""
    served.status, served.body, served.delay_s = 200, json.dumps(PASSED), 0.0
    served.asked.clear()
    return served


@pytest.fixture
def visitor() -> dict[str, Any]:
    """An account and an address that no other test uses up."""
    number = next(VISITORS)
    return {"n": number, "address": f"203.0.113.{number}"}


def solved(**changes: str) -> dict[str, str]:
    """The four fields of a pass."""
    fields = {"lot_number": secrets.token_hex(16), "pass_token": secrets.token_hex(32), "gen_time": str(int(time.time()))}
    return {**fields, "captcha_output": secrets.token_urlsafe(200), **changes}


def written(fields: dict[str, str]) -> str:
    """As the page's JSON.stringify writes them."""
    return json.dumps(fields, separators=(",", ":"))


def log_in(shop: Shop, fields: dict[str, str], **more: Any) -> Any:
    return shop.login(written(fields), randstr=fields["lot_number"], **more)


def signed_in(shop: Shop) -> int:
    return len(shop.sessions())


def fallback(code: int = 1001, *, captcha_id: str = CAPTCHA_ID, age_s: int = 0, prefix: str = "terror") -> str:
    return f"{prefix}_{code}_{captcha_id}_{int(time.time()) - age_s}"


def test_a_pass_is_checked_once_with_its_four_fields_and_their_signature(shop: Shop, check: ServerCheck) -> None:
    fields = solved()
    assert log_in(shop, fields).json()["verified"] is True
    [(path, asked)] = check.asked
    assert (urlsplit(path).path, parse_qs(urlsplit(path).query)) == ("/validate", {"captcha_id": [CAPTCHA_ID]})
    sign_token = hmac.new(KEY.encode(), fields["lot_number"].encode(), hashlib.sha256).hexdigest()
    assert asked == {**fields, "sign_token": sign_token}
    assert log_in(shop, fields, n=2).status_code == 403, "one pass, one use"
    assert len(check.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, '{"status": "error", "code": "-50005", "msg": "illegal gen_time"}', 2003),
        (200, "<html>", 2005),
        (200, "", 2005),
        (200, "{}", 2005),
        (200, "[]", 2005),
        (200, '{"status": "success", "result": true}', 2005),
        (200, '{"status": "success"}', 2005),
        (200, '{"result": "success"}', 2005),
        (200, '{"status": "success", "result": "fail", "result": "success"}', 2005),
        (500, json.dumps(PASSED), 2005),
        (302, json.dumps(PASSED), 2005),
    ],
)
def test_what_is_no_verdict_leaves_a_ticket_of_the_server(
    shop: Shop, check: ServerCheck, visitor: dict[str, Any], status: int, body: str, code: int
) -> None:
    check.status, check.body = status, body
    said = log_in(shop, solved(), **visitor).json()
    assert (said["state"], said["verified"]) == ("done", False)
    assert re.fullmatch(rf"terror_{code}_{CAPTCHA_ID}_[0-9]{{10}}_[0-9a-f]{{40}}", said["ticket"])


def test_a_result_of_fail_is_refused_with_a_retry_and_no_effect(shop: Shop, check: ServerCheck) -> None:
    check.body = json.dumps({**PASSED, "result": "fail", "reason": "pass_token expire"})
    before = signed_in(shop)
    answer = log_in(shop, solved())
    assert (answer.status_code, answer.json()["retry"], signed_in(shop)) == (403, True, before)


def test_a_check_that_hangs_is_over_within_the_shops_own_deadline(
    shop: Shop, check: ServerCheck, visitor: dict[str, Any]
) -> None:
    check.delay_s = 6
    began_s = time.monotonic()
    said = log_in(shop, solved(), **visitor).json()
    assert time.monotonic() - began_s < 5
    assert said["ticket"].startswith(f"terror_2001_{CAPTCHA_ID}_")


def test_without_a_connection_the_checkout_offers_its_second_factor(tmp_path: Path) -> None:
    with running(FIXTURES / "shop", FakeApi(port=1), tmp_path, **GEETEST) as shop:
        fields = solved()
        offer = shop.order(written(fields), randstr=fields["lot_number"])
        assert (offer.status_code, offer.json()["state"]) == (202, "step-up")
        assert offer.json()["ticket"].startswith(f"terror_2002_{CAPTCHA_ID}_")
        [mail] = shop.outbox()
        done = shop.confirm(offer.json()["order"], mail["code"], ticket=offer.json()["ticket"])
        assert (done.status_code, done.json()["verified"]) == (201, False)


@pytest.mark.parametrize("code", [1001, 60000, 60100, 60101, 60204, 60205])
def test_a_pages_ticket_is_unverified_within_limits_and_nobody_is_asked(
    shop: Shop, check: ServerCheck, visitor: dict[str, Any], code: int
) -> None:
    ticket = fallback(code)
    said = shop.login(ticket, randstr="@a", **visitor).json()
    assert (said["state"], said["verified"], said["ticket"]) == ("done", False, ticket)
    assert shop.login(ticket, randstr="@a", n=400).status_code == 403, "the same ticket twice"
    assert shop.login(fallback(code), randstr="@b", **visitor).status_code == 429, "one for an account"
    assert check.asked == []


def test_what_can_be_neither_pass_nor_ticket_is_refused_before_anybody_is_asked(shop: Shop, check: ServerCheck) -> None:
    fields = solved()
    lot = fields["lot_number"]
    worthless = {
        "Tencent's": "tr03abcdefghijklmnopqrstuvwxyz*",
        "a decimal app id": fallback(captcha_id="199999164"),
        "another captcha id": fallback(captcha_id="0" * 32),
        "stale": fallback(age_s=86_400),
        "ahead": fallback(age_s=-86_400),
        "the vendor's other prefix": fallback(prefix="trerror"),
        "a server's code": fallback(2001),
        "a code of nobody": fallback(70000),
        "with spaces": json.dumps(fields),
        "in another order": written(dict(reversed(fields.items()))),
        "a field too many": written({**fields, "captcha_id": CAPTCHA_ID}),
        "a field too few": written({name: value for name, value in fields.items() if name != "gen_time"}),
        "a quote inside": written(solved(lot_number=lot, pass_token='"')),
    }
    before = signed_in(shop)
    beside = {name: lot if text.startswith("{") else "@ab" for name, text in worthless.items()}
    refused = {name: shop.login(text, randstr=beside[name]).status_code for name, text in worthless.items()}
    assert refused == dict.fromkeys(worthless, 403)
    assert shop.login(written(fields), randstr=secrets.token_hex(16)).status_code == 403, "beside another lot number"
    assert (check.asked, signed_in(shop)) == ([], before)


@pytest.mark.parametrize("path", ["/login", "/checkout"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pages_name_this_vendor_and_no_other(shop: Shop, path: str, language: str) -> None:
    page = shop.client.get(path, headers={"Accept-Language": language})
    policy = page.headers["content-security-policy"]
    assert set(re.findall(r"https://([^\s;]+)", policy)) == HOSTS
    scripts = re.findall(r'src="(/static/[^"]+)"', page.text)
    told = "".join([page.text, policy, *(shop.client.get(script).text for script in scripts)])
    assert "https://static.geetest.com/v4/gt4.js" in page.text
    assert re.search(r"tencent|qcloud|gtimg", told, re.IGNORECASE) is None


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"CAPTCHA_VENDOR": "geetset"}, "CAPTCHA_VENDOR must be one of tencent, geetest"),
        ({"CAPTCHA_VENDOR": "geetest", "CAPTCHA_APP_ID": "199999164", "CAPTCHA_APP_SECRET": "k"}, "32 hex digits"),
        ({"CAPTCHA_VENDOR": "geetest", "CAPTCHA_APP_ID": CAPTCHA_ID}, "needs CAPTCHA_APP_SECRET"),
        ({"CAPTCHA_APP_ID": CAPTCHA_ID, "CAPTCHA_APP_SECRET": "k"}, "needs CAPTCHA_SECRET_ID, CAPTCHA_SECRET_KEY"),
    ],
)
def test_a_wrong_environment_is_refused_at_the_start(environment: dict[str, str], complaint: str) -> None:
    started = subprocess.run(
        [sys.executable, "-c", "import app"], cwd=FIXTURES / "shop", env=environment, capture_output=True, text=True, timeout=60
    )
    assert started.returncode != 0
    assert complaint in started.stderr
