"""How often, and for how long, OneAccess and the mail are used for one number, one address, and one submit."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from suites.selftest.shop.by_sms import BySms, Person, status
from suites.selftest.shop.oneaccess import (
    solved_answer,
)


@pytest.mark.storage
def test_five_sms_go_to_a_number_in_an_hour_and_not_one_more(by_sms: BySms) -> None:
    who = Person()
    answers = [by_sms.submit(who, token=f"389a7cfd-{who.n}-{n}").status_code for n in range(6)]
    assert answers == [200] * 5 + [429]
    assert (len(by_sms.api.bodies("verify")), len(by_sms.api.bodies("send"))) == (5, 5)


def test_thirty_pictures_are_fetched_for_a_number_in_an_hour_and_not_one_more(by_sms: BySms) -> None:
    who = Person()
    assert [by_sms.picture(who).status_code for _ in range(31)] == [200] * 30 + [429]
    assert len(by_sms.api.bodies("picture")) == 30


@pytest.mark.storage
def test_one_address_has_no_more_than_three_hundred_pictures_fetched_for_whatever_numbers(by_sms: BySms) -> None:
    who, before = Person(), "INSERT INTO unverified (kind, account, address, at_s) VALUES ('picture', :account, :there, :now)"
    by_sms.shop.alter(before, *[{"account": f"139{n:08}", "there": "198.51.100.7", "now": time.time()} for n in range(299)])
    there = {"X-Forwarded-For": "198.51.100.7", "Content-Type": "application/json"}
    numbers = [{"mobile": Person().mobile, "email": who.email} for _ in range(2)]
    client = by_sms.shop.client
    asked = [client.post("/register/captcha", content=json.dumps(one), headers=there) for one in numbers]
    assert [answer.status_code for answer in asked] == [200, 429]
    assert len(by_sms.api.bodies("picture")) == 1


def test_five_e_mail_codes_go_to_an_address_in_an_hour_and_not_one_more(by_sms: BySms) -> None:
    who = Person()
    by_sms.api.answers["picture"] = status("503 Service Unavailable")
    assert [by_sms.picture(who).status_code for _ in range(6)] == [202] * 5 + [429]
    assert len(by_sms.mails(who)) == 5


def test_two_slow_calls_together_take_no_longer_than_a_submit_may(by_sms: BySms) -> None:
    times_s: list[float] = []

    def slow(connection: socket.socket, asked: dict[str, Any]) -> None:
        times_s.append(time.monotonic())
        time.sleep(2.2)  # the slowness itself
        solved_answer(asked)(connection, asked)

    def until_the_shop_hangs_up(connection: socket.socket, _asked: dict[str, Any]) -> None:
        connection.settimeout(6)
        while connection.recv(1024):
            pass
        times_s.append(time.monotonic())

    by_sms.api.answers |= {"verify": slow, "send": until_the_shop_hangs_up}
    offer = by_sms.submit(Person())
    assert (offer.status_code, offer.json()["ticket"].split("_")[1]) == (202, "2001")
    began_s, ended_s = times_s
    assert ended_s - began_s < 4.3, "four seconds for both, and 2.5 for each"
