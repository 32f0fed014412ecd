"""Registering by SMS when OneAccess works: what each call says, what the page says, and how it is set up.

What each call says and answers: the vendor's pages.
"""

from __future__ import annotations

from typing import Any

import pytest

from suites.selftest.shop.by_sms import POINT, BySms, Person, status
from suites.selftest.shop.oneaccess import (
    CLIENT_ID,
    PNG,
    SMS_CODE,
    FakeOneAccess,
    environment,
)
from suites.selftest.shop.parts import FIXTURES, FakeApi, Shop, http_answer, running


def test_a_person_registers_by_the_code_in_the_sms(by_sms: BySms) -> None:
    who = Person()
    shown = by_sms.picture(who).json()
    assert shown == {"state": "captcha", "token": "389a7cfd1", "picture": PNG, "piece": PNG}
    sent = by_sms.submit(who)
    assert (sent.status_code, sent.json()["state"]) == (200, "sms-sent")
    assert [(row["state"], row["verified"]) for row in by_sms.gained(who)] == [("sms-sent", True)]
    done = by_sms.sms(who, sent.json()["registration"])
    assert (done.status_code, done.json()["state"], done.json()["verified"]) == (201, "registered", True)
    assert [(row["state"], row["verified"], row["ticket"]) for row in by_sms.gained(who)] == [("registered", True, None)]
    assert by_sms.mails(who) == []


@pytest.mark.parametrize("nothing", ["", "\r\n", "{}"])
def test_an_sms_has_left_when_the_vendor_says_nothing(by_sms: BySms, nothing: str) -> None:
    by_sms.api.answers["send"] = http_answer(nothing)
    assert by_sms.submit(Person()).json()["state"] == "sms-sent"


def test_each_call_says_what_the_vendor_documents_and_nothing_of_it_reaches_the_browser(by_sms: BySms) -> None:
    who = Person()
    answers = [by_sms.picture(who), sent := by_sms.submit(who), by_sms.sms(who, sent.json()["registration"])]
    assert [name for name, _body, _headers in by_sms.api.asked] == ["picture", "verify", "send", "code"]
    assert by_sms.api.bodies("verify") == [{"point_json": POINT, "token": f"389a7cfd{who.n}", "sender": who.mobile}]
    captcha_token = f"389a7cfd{who.n}---{POINT}"
    assert by_sms.api.bodies("send") == [{"mobile": who.mobile, "type": "REGISTER_SMS", "captcha_token": captcha_token}]
    assert by_sms.api.bodies("code") == [{"mobile": who.mobile, "verify_code": SMS_CODE, "email": who.email}]
    for _name, body, headers in by_sms.api.asked:
        assert (headers["x-client-id"], headers["x-device-ip"]) == (CLIENT_ID, who.address)
        assert headers["x-agent"] == "Browser/1 (a; b)"
        assert headers["x-device-fingerprint"]
        assert headers["x-operating-sys-version"]
        assert headers.get("content-type") == ("application/json;charset=utf8" if body else None)
    assert not any("---" in answer.text or CLIENT_ID in answer.text for answer in answers)


@pytest.mark.parametrize(("language", "button", "way"), [
    ("en", "Send me a code by SMS", "Sign in with your password"), ("zh-CN", "获取短信验证码", "使用密码登录"),
])  # fmt: skip
def test_the_page_speaks_both_languages_and_keeps_the_password_open(
    by_sms: BySms, language: str, button: str, way: str
) -> None:
    for call in ("picture", "verify", "send", "code"):
        by_sms.api.answers[call] = status("500 Internal Server Error")
    page = by_sms.shop.client.get("/register", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert button in page.text
    assert f'<a href="/login">{way}</a>' in page.text
    assert by_sms.shop.client.get("/login").status_code == 200
    assert by_sms.api.asked == [], "no page waits for the captcha"


def test_without_oneaccess_nobody_can_register(shop: Shop) -> None:
    assert shop.client.get("/register").status_code == 404
    assert 'href="/register"' not in shop.client.get("/login").text


@pytest.mark.parametrize(
    ("lacks", "answer"),
    [
        ({"ONEACCESS_CLIENT_ID": ""}, "needs ONEACCESS_CLIENT_ID"),
        ({"ONEACCESS_APP_ID": "x"}, "ONEACCESS_APP_ID must be decimal"),
    ],
)
def test_half_a_configuration_is_refused_at_the_start(tmp_path: Any, lacks: dict[str, str], answer: str) -> None:
    told = environment(FakeOneAccess(port=1)) | lacks
    with pytest.raises(AssertionError, match=answer), running(FIXTURES / "shop", FakeApi(), tmp_path, **told):
        pass
