"""What is sent again, or many times at once, registers one person and sends no SMS too many."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from suites.selftest.shop.by_sms import BySms, Person, status
from suites.selftest.shop.oneaccess import (
    SMS_CODE,
    solved_answer,
)
from suites.selftest.shop.parts import http_answer

pytestmark = pytest.mark.storage


def test_a_submit_that_is_sent_again_sends_one_sms(by_sms: BySms) -> None:
    who = Person()
    answers = [by_sms.submit(who, key=f"again-{who.n:04}").json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert (len(by_sms.api.bodies("verify")), len(by_sms.api.bodies("send")), len(by_sms.gained(who))) == (1, 1, 1)
    codes = [by_sms.sms(who, answers[0]["registration"], key=f"code-{who.n:05}").status_code for _ in range(3)]
    assert (codes, len(by_sms.api.bodies("code"))) == ([201, 201, 201], 1)


def test_no_more_sms_leave_when_all_are_asked_for_at_once(by_sms: BySms) -> None:
    who, more, arrived = Person(), threading.Condition(), list[str]()

    def answer(connection: socket.socket, asked: dict[str, Any]) -> None:
        # Each of the first seven found room for its SMS before one of them took it.
        with more:
            arrived.append(asked["token"])
            more.notify_all()
            more.wait_for(lambda: len(arrived) >= 7, timeout=2)
        solved_answer(asked)(connection, asked)

    by_sms.api.answers["verify"] = answer
    with ThreadPoolExecutor(12) as visitors:
        answers = list(visitors.map(lambda n: by_sms.submit(who, token=f"389a7cfd-{who.n}-{n}").status_code, range(12)))
    assert (sorted(answers), len(arrived) >= 7) == ([200] * 5 + [429] * 7, True)
    assert len(by_sms.api.bodies("send")) == 5


@pytest.mark.parametrize("right_first", [True, False], ids=["the right one first", "the failed one first"])
def test_two_tries_at_a_code_at_once_end_in_one_account(by_sms: BySms, right_first: bool) -> None:
    who, other, at_the_vendor, settled = Person(), "111111", threading.Barrier(2), threading.Event()
    first, second = (SMS_CODE, other) if right_first else (other, SMS_CODE)
    done, failed = http_answer('{"status":"SUCCESS"}'), status("500 Internal Server Error")

    def answer(connection: socket.socket, asked: dict[str, Any]) -> None:
        at_the_vendor.wait(2)
        assert asked["verify_code"] == first or settled.wait(2)
        (done if asked["verify_code"] == SMS_CODE else failed)(connection, asked)

    registration = by_sms.submit(who).json()["registration"]
    by_sms.api.answers["code"] = answer
    with ThreadPoolExecutor(2) as tries:
        late = tries.submit(by_sms.sms, who, registration, second)
        early = tries.submit(by_sms.sms, who, registration, first).result(10)
        settled.set()
        answers = [early.status_code, late.result(10).status_code]
    assert answers == ([201, 403] if right_first else [202, 202])
    (row,) = by_sms.gained(who)
    if right_first:
        assert (row["state"], row["verified"], row["ticket"], by_sms.mails(who)) == ("registered", True, None, [])
        return
    (mail,) = by_sms.mails(who)
    assert (row["state"], row["verified"]) == ("pending", False)
    assert late.result().json()["ticket"] == early.json()["ticket"] == row["ticket"]
    assert by_sms.mail(who, registration, mail["code"], ticket=row["ticket"]).status_code == 201
    assert [(row["state"], row["verified"]) for row in by_sms.gained(who)] == [("registered", False)]
