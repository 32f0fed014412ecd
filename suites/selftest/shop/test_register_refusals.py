"""What somebody who registers by SMS is refused: the vendor's refusals, and what nobody needs to be asked about."""

from __future__ import annotations

import pytest

from suites.selftest.shop.by_sms import POINT, BySms, Person
from suites.selftest.shop.oneaccess import (
    APP_ID,
    refusal,
)
from suites.selftest.shop.parts import fallback


@pytest.mark.parametrize("code", ["CAPTCHA.0002", "CAPTCHA.0003", "CAPTCHA.0004", "PARAM.0004", "PARAM.0005"])
@pytest.mark.parametrize("call", ["verify", "send"])
def test_a_documented_refusal_is_obeyed_with_a_retry_and_opens_no_other_way(by_sms: BySms, call: str, code: str) -> None:
    who = Person()
    by_sms.api.answers[call] = refusal(code)
    answer = by_sms.submit(who)
    assert (answer.status_code, answer.json()["state"], answer.json()["retry"]) == (403, "refused", True)
    assert answer.json()["message"]
    assert (len(by_sms.api.bodies("send")), by_sms.gained(who), by_sms.mails(who)) == (call == "send", [], [])


@pytest.mark.parametrize("code", ["CAPTCHA.0001", "CAPTCHA.0099", "PARAM.0001"])
def test_no_400_about_what_the_visitor_sent_opens_the_other_way(by_sms: BySms, code: str) -> None:
    who = Person()
    by_sms.api.answers["verify"] = refusal(code)
    answer = by_sms.submit(who)
    assert (answer.status_code, answer.json()["state"], answer.json()["retry"]) == (403, "refused", True)
    assert (by_sms.api.bodies("send"), by_sms.gained(who), by_sms.mails(who)) == ([], [], [])


@pytest.mark.parametrize(
    ("token", "point"),
    [
        ("", POINT), ("terror_1001_2000000001_1767225600", POINT), ("389a7cfd", POINT.replace("5.0", "6.0")), ("389a7cfd", "x"),
        ("389a7cfd", '{"x":237.0,"y":5.0,"z":1}'), ("389a7cfd---{}", POINT), ("a" * 129, POINT),
    ],
)  # fmt: skip
def test_what_can_be_no_solution_is_refused_without_asking_anybody(by_sms: BySms, token: str, point: str) -> None:
    who = Person()
    answer = by_sms.post("/register", {"token": token, "point": point}, who, "")
    assert (answer.status_code, answer.json()["retry"]) == (403, True)
    assert (by_sms.api.asked, by_sms.gained(who)) == ([], [])


@pytest.mark.parametrize(
    "changed",
    [{"mobile": "23800138000"}, {"mobile": "1380013800"}, {"mobile": "+8613800138000"}, {"mobile": ""}, {"email": "nobody"}],
)
def test_who_names_no_number_or_address_is_asked_again(by_sms: BySms, changed: dict[str, str]) -> None:
    for path in ("/register/captcha", "/register"):
        answer = by_sms.post(path, {"token": "389a7cfd", "point": POINT} | changed, Person(), "")
        assert (answer.status_code, answer.json()["retry"]) == (400, True)
    assert by_sms.api.asked == []


def test_a_solution_that_was_used_is_not_asked_about_again_whoever_brings_it(by_sms: BySms) -> None:
    who, other = Person(), Person()
    assert by_sms.submit(who).status_code == 200
    assert by_sms.submit(other, token=f"389a7cfd{who.n}").status_code == 403
    assert (len(by_sms.api.bodies("verify")), by_sms.gained(other)) == (1, [])


def test_a_fallback_ticket_of_the_web_captcha_buys_nothing_here(by_sms: BySms) -> None:
    assert by_sms.submit(Person(), token=fallback(1001, app_id=APP_ID)).status_code == 403
