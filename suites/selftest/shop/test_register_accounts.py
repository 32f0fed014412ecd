"""Whose a registration is: its own ticket, its own browser, and no way into an account that exists."""

from __future__ import annotations

import pytest

from suites.selftest.shop.by_sms import BySms, Person, asked_for_mail, status

pytestmark = pytest.mark.storage


def test_a_servers_ticket_serves_its_own_registration_alone(by_sms: BySms) -> None:
    by_sms.api.answers["picture"] = status("500 Internal Server Error")
    (one, mine), (other, theirs) = [(who := Person(), by_sms.picture(who).json()) for _ in range(2)]
    code = by_sms.mails(one)[0]["code"]
    assert by_sms.mail(one, mine["registration"], code, ticket=theirs["ticket"]).status_code == 403
    assert by_sms.mail(one, mine["registration"], code, ticket=mine["ticket"]).status_code == 201
    assert by_sms.mail(one, mine["registration"], code, ticket=mine["ticket"]).status_code == 403, "a code is single-use"
    assert by_sms.gained(other) == []


@pytest.mark.parametrize("mailbox", ["user-1@shop.test", "User-2@Shop.Test"])
def test_an_outage_opens_no_second_door_to_an_account_that_exists(by_sms: BySms, mailbox: str) -> None:
    sessions = by_sms.shop.sessions()
    new, owner = asked_for_mail(by_sms, Person()), Person(mailbox=mailbox)
    said = asked_for_mail(by_sms, owner)
    own = ("registration", "ticket")
    assert {name: text for name, text in said.items() if name not in own} == {
        name: text for name, text in new.items() if name not in own
    }, "whoever asks is not told who has an account"
    assert said["ticket"].split("_")[:3] == new["ticket"].split("_")[:3]
    mail = by_sms.shop.outbox()[-1]
    assert (mail["email"], mail["says"], mail["code"]) == (mailbox.lower(), "have-account", "")
    tries = [by_sms.mail(owner, said["registration"], code) for code in ("", "000000", "999999", "111111", "222222")]
    assert [one.json()["left"] for one in tries] == [4, 3, 2, 1, 0]
    assert (by_sms.gained(owner), by_sms.shop.sessions()) == ([], sessions)


def test_an_account_by_e_mail_is_registered_once_and_is_nobodys_way_in_afterwards(by_sms: BySms) -> None:
    first = Person()
    second = Person(mailbox=first.email)
    one, other = asked_for_mail(by_sms, first), asked_for_mail(by_sms, second)
    codes = [mail["code"] for mail in by_sms.mails(first)]
    assert by_sms.mail(first, one["registration"], codes[0]).status_code == 201
    assert by_sms.mail(second, other["registration"], codes[1]).status_code == 403
    asked_for_mail(by_sms, Person(mailbox=first.email))
    assert [mail["says"] for mail in by_sms.mails(first)] == ["code", "code", "have-account"]


def test_only_the_browser_that_began_a_registration_can_finish_it(by_sms: BySms) -> None:
    who = Person()
    said = asked_for_mail(by_sms, who)
    (mail,) = by_sms.mails(who)
    sent = by_sms.submit(Person()).json()["registration"]
    with by_sms.elsewhere() as thief:
        assert thief.mail(who, said["registration"], mail["code"]).status_code == 404
        assert thief.mail(who, said["registration"], mail["code"], ticket=said["ticket"]).status_code == 404
        assert thief.sms(who, sent).status_code == 403
    assert by_sms.api.bodies("code") == []
    assert by_sms.mail(who, said["registration"], mail["code"]).status_code == 201


def test_a_browser_that_lost_the_first_answer_still_finishes_what_it_began(by_sms: BySms) -> None:
    who = Person()
    with by_sms.elsewhere() as browser:
        browser.shop.client.get("/register")
        stands = dict(browser.shop.client.cookies)
        browser.submit(who, key=f"lost-{who.n:05}")
        browser.shop.client.cookies.clear()
        browser.shop.client.cookies.update(stands)
        again = browser.submit(who, key=f"lost-{who.n:05}").json()
        assert browser.sms(who, again["registration"]).status_code == 201
