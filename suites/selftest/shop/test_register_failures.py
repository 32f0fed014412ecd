"""Registering while OneAccess fails: each failure of each call, told by its code and survived by e-mail.

Codes 2001–2006: DESIGN.md; what each call says and answers: the vendor's pages.
"""

from __future__ import annotations

import json
import re
import time

import pytest

from suites.selftest.shop import broken_answers
from suites.selftest.shop.by_sms import BySms, Person, status
from suites.selftest.shop.oneaccess import (
    APP_ID,
    PNG,
    picture,
    refusal,
)
from suites.selftest.shop.parts import Answer, http_answer

PAGE = http_answer("<html>login to the wifi</html>", content_type="text/html")
ANY_CALL: list[tuple[str, int, str, Answer]] = [
    ("no answer at all", 2001, "timed-out", broken_answers.hang),
    ("a reset", 2002, "connection-failed", broken_answers.reset),
    ("a closed connection", 2002, "connection-failed", broken_answers.close),
    ("500", 2003, "server-error", status("500 Internal Server Error")),
    ("502", 2003, "server-error", status("502 Bad Gateway")),
    ("503", 2003, "server-error", status("503 Service Unavailable")),
    ("401", 2006, "not-served", status("401 Unauthorized")),
    ("403", 2006, "not-served", status("403 Forbidden")),
    ("429", 2006, "not-served", status("429 Too Many Requests")),
    ("an application that does not exist", 2006, "not-served", refusal("APP.0001", "Application does not exist.")),
    ("an application that is not named", 2006, "not-served", refusal("APP.0002", "Application ID required.")),
    ("404", 2005, "unreadable", status("404 Not Found")),
    ("a redirect", 2005, "unreadable", http_answer("", status="302 Found")),
    ("a page", 2005, "unreadable", PAGE),
    ("a sentence", 2005, "unreadable", http_answer("upstream connect error")),
    ("a 400 that is no JSON", 2005, "unreadable", status("400 Bad Request")),
    ("a body without end", 2005, "unreadable", http_answer("[" * 1_200_000)),
]
OWN: list[tuple[str, str, int, str, Answer]] = [
    ("picture", "no original", 2005, "unreadable", picture(originalImageBase64="")),
    ("picture", "no jigsaw", 2005, "unreadable", picture(jigsawImageBase64=None)),
    ("picture", "no PNG", 2005, "unreadable", picture(originalImageBase64="PHN2Zz4=")),
    ("picture", "no token", 2005, "unreadable", picture(token=None)),
    ("picture", "the token twice", 2005, "unreadable", http_answer(
        f'{{"token":"a","token":"b","originalImageBase64":"{PNG}","jigsawImageBase64":"{PNG}"}}')),
    ("picture", "a 400 that no page lists", 2005, "unreadable", refusal("CAPTCHA.0001")),
    ("verify", "nothing", 2005, "unreadable", http_answer("")),
    ("verify", "{}", 2005, "unreadable", http_answer("{}")),
    ("verify", "a null captcha_token", 2005, "unreadable", http_answer('{"captcha_token":null}')),
    ("verify", "a captcha_token that is true", 2005, "unreadable", http_answer('{"captcha_token":true}')),
    ("verify", "a 400 of a family that no page lists", 2005, "unreadable", refusal("SDK.COMMON.1001")),
    ("verify", "a body dripped byte by byte", 2001, "timed-out", broken_answers.drip),
    ("send", "no SMS left", 2006, "not-served", refusal("", "消息余量不足")),
    ("send", "a 200 that names an error", 2005, "unreadable", http_answer('{"error_code":"MSG.0007","error_msg":"busy"}')),
    ("send", "a 200 that has no SMS left", 2006, "not-served", http_answer('{"error_code":"","error_msg":"消息余量不足"}')),
    ("send", "a 200 that is null", 2005, "unreadable", http_answer("null")),
    ("send", "a 400 that no page lists", 2005, "unreadable", refusal("MSG.0007")),
    ("code", "nothing", 2005, "unreadable", http_answer("")),
    ("code", "a status that is no success", 2005, "unreadable", http_answer('{"status":"ACCESS_DENIED"}')),
]  # fmt: skip
FAILURES = [(call, *row) for call in ("picture", "verify", "send", "code") for row in ANY_CALL] + OWN
NAMES = [f"{row[0]}: {row[1]}" for row in FAILURES]


@pytest.mark.parametrize(("call", "what", "code", "reason", "answer"), FAILURES, ids=NAMES)
def test_every_failure_leaves_a_ticket_and_lets_the_visitor_in_by_e_mail(
    by_sms: BySms, call: str, what: str, code: int, reason: str, answer: Answer
) -> None:
    who, counted = Person(), by_sms.counted(reason)
    by_sms.api.answers[call] = answer
    began = time.monotonic()
    offer = by_sms.as_far_as(call, who)
    assert time.monotonic() - began < 4.5
    said = offer.json()
    assert (offer.status_code, said["state"], said["verified"]) == (202, "step-up", False)
    assert re.fullmatch(rf"terror_{code}_{APP_ID}_[0-9]{{10}}_[0-9a-f]{{40}}", said["ticket"])
    assert abs(int(said["ticket"].split("_")[3]) - time.time()) < 10
    assert "we sent a code of six digits to your e-mail instead" in said["message"].lower()
    assert by_sms.counted(reason) == counted + 1
    assert len(by_sms.api.bodies("verify")) == (call != "picture")
    assert len(by_sms.api.bodies("send")) == (call in ("send", "code")), "no SMS without a captcha_token"
    (mail,) = by_sms.mails(who)
    done = by_sms.mail(who, said["registration"], mail["code"], ticket=said["ticket"])
    assert (done.status_code, done.json()["state"], done.json()["verified"]) == (201, "registered", False)
    (row,) = by_sms.gained(who)
    assert (row["state"], row["verified"], row["ticket"]) == ("registered", False, said["ticket"])


def test_a_picture_that_failed_is_answered_once_for_each_asking(by_sms: BySms) -> None:
    who = Person()
    by_sms.api.answers["picture"] = status("500 Internal Server Error")
    tickets = {by_sms.picture(who, key=f"picture-{who.n}").json()["ticket"] for _ in range(3)}
    assert (len(tickets), len(by_sms.mails(who))) == (1, 1)


def test_degradation_is_logged_and_ends_when_somebody_is_verified(by_sms: BySms) -> None:
    by_sms.api.answers["verify"] = status("500 Internal Server Error")
    by_sms.submit(who := Person())
    assert "\noneaccess_degraded 1\n" in by_sms.shop.client.get("/metrics").text
    lines = [json.loads(line) for line in by_sms.shop.output.read_text().splitlines() if line.startswith("{")]
    (*_before, told) = [line for line in lines if line["event"] == "captcha.degraded"]
    assert (told["reason"], told["flow"]) == ("server-error", "register")
    by_sms.api.answers.clear()
    by_sms.submit(Person())
    assert "\noneaccess_degraded 0\n" in by_sms.shop.client.get("/metrics").text
    assert not any(secret in by_sms.shop.output.read_text() for secret in ("---", who.mobile, who.email))
