"""How long a code of the SMS serves, how many tries it has, and what takes its place."""

from __future__ import annotations

import pytest

from suites.selftest.shop.by_sms import BySms, Person, asked_for_mail

pytestmark = pytest.mark.storage


def test_three_wrong_sms_codes_end_it_even_for_the_right_one_and_the_e_mail_takes_its_place(by_sms: BySms) -> None:
    who = Person()
    registration = by_sms.submit(who).json()["registration"]
    wrong = [by_sms.sms(who, registration, "000000").json() for _ in range(3)]
    assert [(said["state"], said.get("left"), said.get("retry")) for said in wrong] == [
        ("refused", 2, True), ("refused", 1, True), ("step-up", None, None),
    ]  # fmt: skip
    _is_over(by_sms, who, registration)
    assert len(by_sms.api.bodies("code")) == 3


def test_an_sms_code_serves_as_long_as_the_vendor_keeps_it_and_then_the_e_mail_takes_its_place(by_sms: BySms) -> None:
    who, in_time = Person(), Person()
    registrations = [by_sms.submit(one).json()["registration"] for one in (who, in_time)]
    aged = [{"age": age_s, "id": one} for one, age_s in zip(registrations, (301, 270), strict=True)]
    by_sms.shop.alter("UPDATE registrations SET at_s = at_s - :age WHERE id = :id", *aged)
    assert by_sms.sms(in_time, registrations[1]).status_code == 201
    assert by_sms.sms(who, registrations[0]).status_code == 202
    _is_over(by_sms, who, registrations[0])
    assert len(by_sms.api.bodies("code")) == 1


def test_a_code_that_is_over_is_not_asked_about_even_where_no_mail_may_go(by_sms: BySms) -> None:
    who, registered = Person(), Person()
    for _ in range(5):
        asked_for_mail(by_sms, who)
    registration = by_sms.submit(who).json()["registration"]
    wrong = [by_sms.sms(who, registration, "000000").status_code for _ in range(3)]
    assert (wrong, by_sms.sms(who, registration).status_code) == ([403, 403, 429], 429)
    assert len(by_sms.api.bodies("code")) == 3
    registration = by_sms.submit(registered).json()["registration"]
    assert [by_sms.sms(registered, registration).status_code for _ in range(2)] == [201, 403]
    assert len(by_sms.api.bodies("code")) == 4


def _is_over(by_sms: BySms, who: Person, registration: str) -> None:
    """No code of the SMS serves any more; one mail came, whose code makes an account that says so."""
    degraded = by_sms.shop.client.get("/metrics").text
    said = by_sms.sms(who, registration).json()
    assert (said["state"], said["verified"], said["ticket"]) == ("step-up", False, None)
    assert "The code from the SMS can no longer be used" in said["message"]
    (mail,) = by_sms.mails(who)
    assert by_sms.mail(who, registration, mail["code"], ticket=None).status_code == 201
    assert [(row["state"], row["verified"], row["ticket"]) for row in by_sms.gained(who)] == [("registered", False, None)]
    assert by_sms.shop.client.get("/metrics").text == degraded, "the visitor's own doing is no failure of OneAccess"
