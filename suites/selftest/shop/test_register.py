"""Registering by SMS: each call of OneAccess when it works, refuses, and fails.

Codes 2001–2006: DESIGN.md; what each call says and answers: the vendor's pages.
"""

from __future__ import annotations

import itertools
import json
import re
import socket
import sqlite3
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from suites.selftest.shop.oneaccess import (
    APP_ID,
    CLIENT_ID,
    PNG,
    SMS_CODE,
    FakeOneAccess,
    environment,
    fake_oneaccess,
    picture,
    refusal,
    solved_answer,
)
from suites.selftest.shop.parts import FIXTURES, Answer, FakeApi, Shop, fallback, http_answer, running

POINT = '{"x":237.0,"y":5.0}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n"
_people = itertools.count(1)


@dataclass(slots=True)
class Person:
    """Somebody new: a number, an address of e-mail, one of the network, and a picture's token that nobody has used.

    ``mailbox`` is theirs where it is not new.
    """

    n: int = field(default_factory=lambda: next(_people))
    mailbox: str = ""

    @property
    def mobile(self) -> str:
        return f"138{self.n:08}"

    @property
    def email(self) -> str:
        return self.mailbox or f"new-{self.n}@shop.test"

    @property
    def address(self) -> str:
        return f"203.0.113.{self.n % 250}"


@dataclass(slots=True)
class BySms:
    """The shop as somebody who registers sees it, and the OneAccess behind it."""

    shop: Shop
    api: FakeOneAccess

    def picture(self, who: Person, *, key: str = "") -> httpx.Response:
        return self._post("/register/captcha", {}, who, key)

    def submit(self, who: Person, *, token: str = "", point: str = POINT, key: str = "", **more: Any) -> httpx.Response:
        return self._post("/register", {"token": token or f"389a7cfd{who.n}", "point": point} | more, who, key)

    def sms(self, who: Person, registration: str, code: str = SMS_CODE, *, key: str = "") -> httpx.Response:
        return self._post(f"/register/{registration}/sms", {"code": code}, who, key)

    def mail(self, who: Person, registration: str, code: str, **more: Any) -> httpx.Response:
        return self._post(f"/register/{registration}/code", {"code": code} | more, who, "")

    def as_far_as(self, call: str, who: Person) -> httpx.Response:
        """Go on until the answer in which this call's outcome shows."""
        if call == "picture":
            return self.picture(who)
        answer = self.submit(who)
        return self.sms(who, answer.json()["registration"]) if call == "code" else answer

    @contextmanager
    def elsewhere(self) -> Iterator[BySms]:
        """The same shop in another browser, which has none of this one's cookies."""
        with httpx.Client(base_url=self.shop.url, timeout=20, trust_env=False) as client:
            yield BySms(shop=replace(self.shop, client=client), api=self.api)

    def gained(self, who: Person) -> list[dict[str, Any]]:
        rows = self.shop.client.get("/admin/registrations.json").json()["registrations"]
        return [row for row in rows if row["mobile"] == who.mobile]

    def mails(self, who: Person) -> list[dict[str, Any]]:
        return [mail for mail in self.shop.outbox() if mail["email"] == who.email]

    def counted(self, reason: str) -> int:
        metrics = self.shop.client.get("/metrics").text
        found = re.search(rf'oneaccess_degraded_total{{reason="{reason}"}} (\d+)', metrics)
        return int(found[1]) if found else 0

    def _post(self, path: str, said: dict[str, Any], who: Person, key: str) -> httpx.Response:
        person = {"mobile": who.mobile, "email": who.email}
        headers = {"Content-Type": "application/json", "X-Forwarded-For": who.address, "User-Agent": "Browser/1 (a; b)"}
        headers |= {"Idempotency-Key": key} if key else {}
        return self.shop.client.post(path, content=json.dumps(person | said), headers=headers)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BySms]:
    scratch = tmp_path_factory.mktemp("shop")
    with fake_oneaccess() as api, running(FIXTURES / "shop", FakeApi(), scratch, **environment(api)) as shop:
        yield BySms(shop=shop, api=api)


@pytest.fixture
def by_sms(served: BySms) -> BySms:
    served.api.answers.clear()
    served.api.asked.clear()
    return served


def _hang(_connection: socket.socket, _asked: dict[str, Any]) -> None:
    time.sleep(6)


def _drip(connection: socket.socket, _asked: dict[str, Any]) -> None:
    connection.sendall(HEAD)
    for _ in range(60):
        connection.sendall(b" ")
        time.sleep(0.1)


def _reset(connection: socket.socket, _asked: dict[str, Any]) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _status(line: str) -> Answer:
    return http_answer(f"<h1>{line}</h1>", status=line, content_type="text/html")


PAGE = http_answer("<html>login to the wifi</html>", content_type="text/html")
ANY_CALL: list[tuple[str, int, str, Answer]] = [
    ("no answer at all", 2001, "timed-out", _hang),
    ("a reset", 2002, "connection-failed", _reset),
    ("a closed connection", 2002, "connection-failed", lambda *_: None),
    ("500", 2003, "server-error", _status("500 Internal Server Error")),
    ("502", 2003, "server-error", _status("502 Bad Gateway")),
    ("503", 2003, "server-error", _status("503 Service Unavailable")),
    ("401", 2006, "not-served", _status("401 Unauthorized")),
    ("403", 2006, "not-served", _status("403 Forbidden")),
    ("429", 2006, "not-served", _status("429 Too Many Requests")),
    ("an application that does not exist", 2006, "not-served", refusal("APP.0001", "Application does not exist.")),
    ("an application that is not named", 2006, "not-served", refusal("APP.0002", "Application ID required.")),
    ("404", 2005, "unreadable", _status("404 Not Found")),
    ("a redirect", 2005, "unreadable", http_answer("", status="302 Found")),
    ("a page", 2005, "unreadable", PAGE),
    ("a sentence", 2005, "unreadable", http_answer("upstream connect error")),
    ("a 400 that is no JSON", 2005, "unreadable", _status("400 Bad Request")),
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
    ("verify", "a body dripped byte by byte", 2001, "timed-out", _drip),
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
    answer = by_sms._post("/register", {"token": token, "point": point}, who, "")
    assert (answer.status_code, answer.json()["retry"]) == (403, True)
    assert (by_sms.api.asked, by_sms.gained(who)) == ([], [])


@pytest.mark.parametrize(
    "changed",
    [{"mobile": "23800138000"}, {"mobile": "1380013800"}, {"mobile": "+8613800138000"}, {"mobile": ""}, {"email": "nobody"}],
)
def test_who_names_no_number_or_address_is_asked_again(by_sms: BySms, changed: dict[str, str]) -> None:
    for path in ("/register/captcha", "/register"):
        answer = by_sms._post(path, {"token": "389a7cfd", "point": POINT} | changed, Person(), "")
        assert (answer.status_code, answer.json()["retry"]) == (400, True)
    assert by_sms.api.asked == []


def test_a_submit_that_is_sent_again_sends_one_sms(by_sms: BySms) -> None:
    who = Person()
    answers = [by_sms.submit(who, key=f"again-{who.n:04}").json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert (len(by_sms.api.bodies("verify")), len(by_sms.api.bodies("send")), len(by_sms.gained(who))) == (1, 1, 1)
    codes = [by_sms.sms(who, answers[0]["registration"], key=f"code-{who.n:05}").status_code for _ in range(3)]
    assert (codes, len(by_sms.api.bodies("code"))) == ([201, 201, 201], 1)


def test_a_solution_that_was_used_is_not_asked_about_again_whoever_brings_it(by_sms: BySms) -> None:
    who, other = Person(), Person()
    assert by_sms.submit(who).status_code == 200
    assert by_sms.submit(other, token=f"389a7cfd{who.n}").status_code == 403
    assert (len(by_sms.api.bodies("verify")), by_sms.gained(other)) == (1, [])


def test_a_picture_that_failed_is_answered_once_for_each_asking(by_sms: BySms) -> None:
    who = Person()
    by_sms.api.answers["picture"] = _status("500 Internal Server Error")
    tickets = {by_sms.picture(who, key=f"picture-{who.n}").json()["ticket"] for _ in range(3)}
    assert (len(tickets), len(by_sms.mails(who))) == (1, 1)


def test_five_sms_go_to_a_number_in_an_hour_and_not_one_more(by_sms: BySms) -> None:
    who = Person()
    answers = [by_sms.submit(who, token=f"389a7cfd-{who.n}-{n}").status_code for n in range(6)]
    assert answers == [200] * 5 + [429]
    assert (len(by_sms.api.bodies("verify")), len(by_sms.api.bodies("send"))) == (5, 5)


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


def test_two_slow_calls_together_take_no_longer_than_a_submit_may(by_sms: BySms) -> None:
    times_s: list[float] = []

    def slow(connection: socket.socket, asked: dict[str, Any]) -> None:
        times_s.append(time.monotonic())
        time.sleep(2.2)
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


def test_thirty_pictures_are_fetched_for_a_number_in_an_hour_and_not_one_more(by_sms: BySms) -> None:
    who = Person()
    assert [by_sms.picture(who).status_code for _ in range(31)] == [200] * 30 + [429]
    assert len(by_sms.api.bodies("picture")) == 30


def test_one_address_has_no_more_than_three_hundred_pictures_fetched_for_whatever_numbers(by_sms: BySms) -> None:
    who, before = Person(), "INSERT INTO unverified (kind, account, address, at_s) VALUES ('picture', ?, ?, ?)"
    with closing(sqlite3.connect(by_sms.shop.output.parent / "shop.db")) as rows, rows:
        rows.executemany(before, [(f"139{n:08}", "198.51.100.7", time.time()) for n in range(299)])
    there = {"X-Forwarded-For": "198.51.100.7", "Content-Type": "application/json"}
    numbers = [{"mobile": Person().mobile, "email": who.email} for _ in range(2)]
    client = by_sms.shop.client
    asked = [client.post("/register/captcha", content=json.dumps(one), headers=there) for one in numbers]
    assert [answer.status_code for answer in asked] == [200, 429]
    assert len(by_sms.api.bodies("picture")) == 1


def test_five_e_mail_codes_go_to_an_address_in_an_hour_and_not_one_more(by_sms: BySms) -> None:
    who = Person()
    by_sms.api.answers["picture"] = _status("503 Service Unavailable")
    assert [by_sms.picture(who).status_code for _ in range(6)] == [202] * 5 + [429]
    assert len(by_sms.mails(who)) == 5


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
    with closing(sqlite3.connect(by_sms.shop.output.parent / "shop.db")) as rows, rows:
        for registration, age_s in zip(registrations, (301, 270), strict=True):
            rows.execute("UPDATE registrations SET at_s = at_s - ? WHERE id = ?", (age_s, registration))
    assert by_sms.sms(in_time, registrations[1]).status_code == 201
    assert by_sms.sms(who, registrations[0]).status_code == 202
    _is_over(by_sms, who, registrations[0])
    assert len(by_sms.api.bodies("code")) == 1


def test_a_code_that_is_over_is_not_asked_about_even_where_no_mail_may_go(by_sms: BySms) -> None:
    who, registered = Person(), Person()
    for _ in range(5):
        _asked_for_mail(by_sms, who)
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


@pytest.mark.parametrize("right_first", [True, False], ids=["the right one first", "the failed one first"])
def test_two_tries_at_a_code_at_once_end_in_one_account(by_sms: BySms, right_first: bool) -> None:
    who, other, at_the_vendor, settled = Person(), "111111", threading.Barrier(2), threading.Event()
    first, second = (SMS_CODE, other) if right_first else (other, SMS_CODE)
    done, failed = http_answer('{"status":"SUCCESS"}'), _status("500 Internal Server Error")

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


def test_a_servers_ticket_serves_its_own_registration_alone(by_sms: BySms) -> None:
    by_sms.api.answers["picture"] = _status("500 Internal Server Error")
    (one, mine), (other, theirs) = [(who := Person(), by_sms.picture(who).json()) for _ in range(2)]
    code = by_sms.mails(one)[0]["code"]
    assert by_sms.mail(one, mine["registration"], code, ticket=theirs["ticket"]).status_code == 403
    assert by_sms.mail(one, mine["registration"], code, ticket=mine["ticket"]).status_code == 201
    assert by_sms.mail(one, mine["registration"], code, ticket=mine["ticket"]).status_code == 403, "a code is single-use"
    assert by_sms.gained(other) == []


def _asked_for_mail(by_sms: BySms, who: Person) -> dict[str, Any]:
    """What somebody is told whom OneAccess cannot send an SMS; it works again afterwards."""
    by_sms.api.answers["picture"] = _status("500 Internal Server Error")
    offer = by_sms.picture(who)
    by_sms.api.answers.clear()
    assert (offer.status_code, offer.json()["state"]) == (202, "step-up")
    return offer.json()


@pytest.mark.parametrize("mailbox", ["user-1@shop.test", "User-2@Shop.Test"])
def test_an_outage_opens_no_second_door_to_an_account_that_exists(by_sms: BySms, mailbox: str) -> None:
    sessions = by_sms.shop.sessions()
    new, owner = _asked_for_mail(by_sms, Person()), Person(mailbox=mailbox)
    said = _asked_for_mail(by_sms, owner)
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
    one, other = _asked_for_mail(by_sms, first), _asked_for_mail(by_sms, second)
    codes = [mail["code"] for mail in by_sms.mails(first)]
    assert by_sms.mail(first, one["registration"], codes[0]).status_code == 201
    assert by_sms.mail(second, other["registration"], codes[1]).status_code == 403
    _asked_for_mail(by_sms, Person(mailbox=first.email))
    assert [mail["says"] for mail in by_sms.mails(first)] == ["code", "code", "have-account"]


def test_only_the_browser_that_began_a_registration_can_finish_it(by_sms: BySms) -> None:
    who = Person()
    said = _asked_for_mail(by_sms, who)
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


def test_degradation_is_logged_and_ends_when_somebody_is_verified(by_sms: BySms) -> None:
    by_sms.api.answers["verify"] = _status("500 Internal Server Error")
    by_sms.submit(who := Person())
    assert "\noneaccess_degraded 1\n" in by_sms.shop.client.get("/metrics").text
    lines = [json.loads(line) for line in by_sms.shop.output.read_text().splitlines() if line.startswith("{")]
    assert (lines[-1]["event"], lines[-1]["reason"], lines[-1]["flow"]) == ("captcha.degraded", "server-error", "register")
    by_sms.api.answers.clear()
    by_sms.submit(Person())
    assert "\noneaccess_degraded 0\n" in by_sms.shop.client.get("/metrics").text
    assert not any(secret in by_sms.shop.output.read_text() for secret in ("---", who.mobile, who.email))


@pytest.mark.parametrize(("language", "button", "way"), [
    ("en", "Send me a code by SMS", "Sign in with your password"), ("zh-CN", "获取短信验证码", "使用密码登录"),
])  # fmt: skip
def test_the_page_speaks_both_languages_and_keeps_the_password_open(
    by_sms: BySms, language: str, button: str, way: str
) -> None:
    for call in ("picture", "verify", "send", "code"):
        by_sms.api.answers[call] = _status("500 Internal Server Error")
    page = by_sms.shop.client.get("/register", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert button in page.text
    assert f'<a href="/login">{way}</a>' in page.text
    assert by_sms.shop.client.get("/login").status_code == 200
    assert by_sms.api.asked == [], "no page waits for the captcha"


def test_a_fallback_ticket_of_the_web_captcha_buys_nothing_here(by_sms: BySms) -> None:
    assert by_sms.submit(Person(), token=fallback(1001, app_id=APP_ID)).status_code == 403


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
