"""How the shop reads the verdict API, on the wire. Codes and errors: the vendor's tables; 2001–2006: DESIGN.md."""

from __future__ import annotations

import hashlib
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from tencentcloud.common.sign import Sign

from suites.selftest.shop import broken_answers
from suites.selftest.shop.parts import (
    APP_ID,
    FIXTURES,
    SECRETS,
    Answer,
    FakeApi,
    Shop,
    api_error,
    captcha_code,
    counted,
    fallback,
    http_answer,
    issued,
    response,
    running,
)

INTERNAL = "An internal error has occurred. Retry your request, but if the problem persists, contact us."


def _busy(extra: dict[str, Any]) -> Answer:
    said = {"Response": {"CaptchaCode": 26, "CaptchaMsg": "system busy", "EvilLevel": 0, "GetCaptchaTime": 0, "RequestId": "r"}}
    return http_answer(json.dumps(said | extra))


NO_VERDICT: list[tuple[str, int, str, Answer]] = [
    ("no answer at all", 2001, "timed-out", broken_answers.hang),
    ("a body dripped byte by byte", 2001, "timed-out", broken_answers.drip),
    ("headers, then silence", 2001, "timed-out", broken_answers.stall),
    ("a reset", 2002, "connection-failed", broken_answers.reset),
    ("a closed connection", 2002, "connection-failed", broken_answers.close),
    ("a body cut short", 2002, "connection-failed", broken_answers.cut),
    ("InternalError", 2003, "server-error", api_error("InternalError")),
    ("InternalServerError", 2003, "server-error", api_error("InternalServerError")),
    ("FailedOperation", 2003, "server-error", api_error("FailedOperation.Unknown")),
    (
        "InternalError with a charset",
        2003,
        "server-error",
        http_answer(
            json.dumps({"Response": {"Error": {"Code": "InternalError", "Message": INTERNAL}, "RequestId": "r"}}),
            content_type="application/json; charset=utf-8",
        ),
    ),
    ("an Error without RequestId", 2003, "server-error", http_answer('{"Response":{"Error":{"Code":"InternalError"}}}')),
    ("an Error beside a code 1", 2003, "server-error", response(Error={"Code": "InternalError"}, CaptchaCode=1)),
    (
        "500 with the Error inside",
        2003,
        "server-error",
        http_answer('{"Response":{"Error":{"Code":"InternalError"}}}', status="500 Internal Server Error"),
    ),
    ("26 with its stray siblings", 2004, "busy", _busy({"retcode": 0, "retmsg": "ok"})),
    ("HTML", 2005, "unreadable", http_answer("<html>login to the wifi</html>", content_type="text/html")),
    ("nothing", 2005, "unreadable", http_answer("")),
    ("{}", 2005, "unreadable", http_answer("{}")),
    ("null", 2005, "unreadable", http_answer("null")),
    ("a null Response", 2005, "unreadable", http_answer('{"Response":null}')),
    ("a Response that is text", 2005, "unreadable", http_answer('{"Response":"busy"}')),
    ("a Response that is a list", 2005, "unreadable", http_answer('{"Response":[]}')),
    ("no code", 2005, "unreadable", response()),
    ("code null", 2005, "unreadable", captcha_code(None)),
    ("code '1'", 2005, "unreadable", captcha_code("1")),
    ("code true", 2005, "unreadable", captcha_code(True)),
    ("code 1.0", 2005, "unreadable", captcha_code(1.0)),
    ("code [1]", 2005, "unreadable", captcha_code([1])),
    ("code NaN", 2005, "unreadable", http_answer('{"Response":{"CaptchaCode":NaN}}')),
    ("the code twice", 2005, "unreadable", http_answer('{"Response":{"CaptchaCode":9,"CaptchaCode":1}}')),
    ("lower-case keys", 2005, "unreadable", http_answer('{"response":{"captchacode":1}}')),
    ("single quotes", 2005, "unreadable", http_answer("{'Response':{'CaptchaCode':1}}")),
    ("an EvilLevel that is text", 2005, "unreadable", response(CaptchaCode=1, EvilLevel="0")),
    ("an Error without Code", 2005, "unreadable", response(Error={"Message": "x"})),
    (
        "code 1 under status 500",
        2005,
        "unreadable",
        http_answer('{"Response":{"CaptchaCode":1}}', status="500 Internal Server Error"),
    ),
    ("502 HTML", 2005, "unreadable", http_answer("<h1>502</h1>", status="502 Bad Gateway")),
    ("a redirect", 2005, "unreadable", http_answer("", status="302 Found")),
    ("a body without end", 2005, "unreadable", http_answer("[" * 200_000)),
    ("throttled", 2006, "not-served", api_error("RequestLimitExceeded")),
    ("throttled by address", 2006, "not-served", api_error("RequestLimitExceeded.IPLimitExceeded")),
    ("in arrears", 2006, "not-served", api_error("UnauthorizedOperation.Unauthorized")),
    ("a clock that is off", 2006, "not-served", api_error("AuthFailure.SignatureExpire")),
    ("not available", 2006, "not-served", api_error("ResourceUnavailable")),
]


def _counted(shop: Shop, reason: str) -> float:
    return counted(shop, "captcha_degraded_total", flow="login", reason=reason)


def _degraded(shop: Shop, code: int, reason: str, n: int) -> None:
    began, before = time.monotonic(), _counted(shop, reason)
    answer = shop.login(issued(str(n)), n=n, address=f"203.0.113.{n}")
    assert time.monotonic() - began < 3.5
    said = answer.json()
    assert (answer.status_code, said["state"], said["verified"]) == (200, "done", False)
    assert said["ticket"].startswith(f"terror_{code}_{APP_ID}_")
    assert abs(int(said["ticket"].split("_")[3]) - time.time()) < 10
    mine = [session for session in shop.sessions() if session["account"] == f"user-{n}@shop.test"]
    assert mine == [{"account": f"user-{n}@shop.test", "verified": False, "ticket": said["ticket"]}]
    assert _counted(shop, reason) == before + 1


@pytest.mark.parametrize("n", range(len(NO_VERDICT)), ids=[row[0] for row in NO_VERDICT])
def test_no_verdict_degrades_with_the_servers_own_ticket(shared: Shop, n: int) -> None:
    _, code, reason, shared.api.answer = NO_VERDICT[n]
    _degraded(shared, code, reason, n + 1)
    sent = shared.api.tickets().count(issued(str(n + 1)))
    assert sent == 1, "a ticket is single-use: it may be sent once"


@pytest.mark.parametrize("code", [7, 8, 9, 15, 16, 21, 100, 6, 104, 999, 0, -1, 10**30])
def test_a_verdict_blocks_with_a_retry_offered(shared: Shop, code: int) -> None:
    shared.api.answer = captcha_code(code)
    before = (shared.sessions(), shared.orders(), shared.pending())
    for answer in (shared.login(issued(f"a{code}"), n=400), shared.order(issued(f"b{code}"))):
        said = answer.json()
        assert (answer.status_code, said["state"], said["code"], said["retry"]) == (403, "refused", code, True)
    assert (shared.sessions(), shared.orders(), shared.pending()) == before


def test_code_one_verifies_whatever_the_content_type_says(shop: Shop) -> None:
    for n, kind in enumerate(("application/json", "application/json; charset=utf-8", "text/html"), start=1):
        shop.api.answer = http_answer('{"Response":{"CaptchaCode":1,"EvilLevel":0,"Error":null}}', content_type=kind)
        assert shop.login(issued(str(n)), n=n).json()["verified"] is True
    assert [session["verified"] for session in shop.sessions()] == [True, True, True]


def test_a_malicious_user_is_refused_though_the_code_is_one(shop: Shop) -> None:
    shop.api.answer = response(CaptchaCode=1, EvilLevel=100)
    assert shop.login(issued()).status_code == 403


def test_the_request_is_what_the_vendor_documents_and_its_signature_is_the_official_ones(shop: Shop) -> None:
    shop.login(issued(), address="203.0.113.7")
    (asked,), (headers,) = shop.api.asked, shop.api.headers
    assert asked == {
        "CaptchaType": 9,
        "Ticket": issued(),
        "UserIp": "203.0.113.7",
        "Randstr": "@abc",
        "CaptchaAppId": int(APP_ID),
        "AppSecretKey": SECRETS["CAPTCHA_APP_SECRET"],
    }
    assert (headers["x-tc-action"], headers["x-tc-version"]) == ("DescribeCaptchaResult", "2019-07-22")
    assert headers["authorization"].rsplit("=", 1)[1] == _official_signature(headers, json.dumps(asked))


def _official_signature(headers: dict[str, str], payload: str) -> str:
    day = headers["authorization"].split("/")[1]
    canonical = (
        f"POST\n/\n\ncontent-type:application/json\nhost:{headers['host']}\n\ncontent-type;host\n"
        f"{hashlib.sha256(payload.encode()).hexdigest()}"
    )
    to_sign = (
        f"TC3-HMAC-SHA256\n{headers['x-tc-timestamp']}\n{day}/captcha/tc3_request\n"
        f"{hashlib.sha256(canonical.encode()).hexdigest()}"
    )
    return str(Sign.sign_tc3(SECRETS["CAPTCHA_SECRET_KEY"], day, "captcha", to_sign))


def test_degradation_is_logged_without_a_secret_and_ends_when_a_user_is_verified(shop: Shop) -> None:
    shop.api.answer = api_error("InternalError")
    shop.login(issued("a"))
    assert "\ncaptcha_degraded 1\n" in shop.client.get("/metrics").text
    lines = [json.loads(line) for line in shop.output.read_text().splitlines() if line.startswith("{")]
    told = [(line["reason"], line["code"]) for line in lines if line["event"] == "captcha.degraded"]
    assert told == [("server-error", 2003)]
    shop.api.answer = captcha_code(1)
    shop.login(issued("b"), n=2)
    assert "\ncaptcha_degraded 0\n" in shop.client.get("/metrics").text
    assert not any(secret in shop.output.read_text() for secret in SECRETS.values())


def test_an_unreachable_api_is_a_failed_connection(api: FakeApi, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = taken.getsockname()[1]
    with running(FIXTURES / "shop", api, tmp_path, CAPTCHA_API=f"http://127.0.0.1:{nobody}") as cut_off:
        _degraded(cut_off, 2002, "connection-failed", 1)


def test_a_fallback_ticket_while_the_api_is_down_gets_the_servers_ticket(shop: Shop) -> None:
    shop.api.answer = api_error("InternalError")
    assert shop.login(fallback(1004)).json()["ticket"].startswith(f"terror_2003_{APP_ID}_")
