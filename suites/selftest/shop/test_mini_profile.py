"""The back end of the mini program, on the wire: its own action and table. Codes: domain/tencent-api.md 1.3 and 1.5."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from suites.selftest.shop.parts import (
    FIXTURES,
    SECRETS,
    FakeApi,
    Shop,
    api_error,
    captcha_code,
    fake_api,
    fallback,
    issued,
    running,
)

MINI_APP_ID = "199999210"
PHONE = "13800138000"
ENVIRONMENT = {name.replace("CAPTCHA_", "CAPTCHA_MINI_"): f"mini-{value}" for name, value in SECRETS.items()}
ENVIRONMENT["CAPTCHA_MINI_APP_ID"] = MINI_APP_ID
# What the plug-in mints itself carries this prefix, and no errorCode comes with it.
OWN = {"prefix": "trerror", "app_id": MINI_APP_ID}


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with fake_api() as api, running(FIXTURES / "shop", api, tmp_path_factory.mktemp("mini"), **ENVIRONMENT) as shop:
        yield shop


def change(shop: Shop, ticket: str, *, n: int, word: str = "correct horse", **said: str) -> httpx.Response:
    """Change user n's phone number, or what else is ``said``."""
    what = said or {"phone": PHONE}
    account = {"username": f"user-{n}@shop.test", "password": word, "ticket": ticket}
    return shop.client.post("/mini/profile", json=account | what)


def changes(shop: Shop, n: int) -> list[tuple[str, bool, bool, str | None]]:
    """What was changed of user n: phone, verified, review, ticket."""
    made = shop.client.get("/admin/profiles.json").json()["changes"]
    mine = [one for one in made if one["account"] == f"user-{n}@shop.test"]
    return [(one["phone"], one["verified"], one["review"], one["ticket"]) for one in mine]


def test_the_mini_programs_action_is_asked_without_a_randstr(mini: Shop) -> None:
    mini.api.answer = captcha_code(1)
    answer = change(mini, issued("a"), n=1)
    assert (answer.status_code, answer.json()["state"], answer.json()["verified"]) == (200, "done", True)
    asked, headers = mini.api.asked[-1], mini.api.headers[-1]
    assert headers["x-tc-action"] == "DescribeCaptchaMiniResult"
    assert {"CaptchaType": 9, "CaptchaAppId": int(MINI_APP_ID), "AppSecretKey": "mini-app-secret-0"}.items() <= asked.items()
    assert "Randstr" not in asked


@pytest.mark.parametrize("code", [7, 8, 10, 15, 16, 21, 25, 100, 999])
def test_a_verdict_on_a_ticket_of_the_vendors_is_obeyed(mini: Shop, code: int) -> None:
    mini.api.answer = captcha_code(code)
    answer = change(mini, issued(f"no{code}"), n=2)
    assert (answer.status_code, answer.json()["code"], answer.json()["retry"]) == (403, code, True)


# 26: system internal error. 31: no package or in arrears, a code here and no Error. Neither is a word on the ticket.
@pytest.mark.parametrize(("code", "minted"), [(26, 2004), (31, 2006)])
def test_what_is_no_verdict_asks_for_a_code_by_mail_with_a_ticket_of_the_servers(mini: Shop, code: int, minted: int) -> None:
    mini.api.answer = captcha_code(code)
    answer = change(mini, issued(f"none{code}"), n=code)
    assert (answer.status_code, answer.json()["state"]) == (202, "step-up")
    assert answer.json()["ticket"].startswith(f"terror_{minted}_{MINI_APP_ID}_")


def test_the_plug_ins_own_ticket_buys_a_code_by_mail_and_the_code_the_change_once(mini: Shop) -> None:
    mini.api.answer = captcha_code(21)
    ticket = fallback(1006, **OWN)  # type: ignore[arg-type]  # texts only
    offer = change(mini, ticket, n=3)
    assert (offer.status_code, offer.json()["ticket"]) == (202, ticket)
    where, mail = f"/mini/profile/{offer.json()['change']}/code", mini.outbox()[-1]
    assert mail["email"] == "user-3@shop.test"
    wrong = mini.client.post(where, json={"code": "000000" if mail["code"] != "000000" else "000001"})
    right = mini.client.post(where, json={"code": mail["code"]})
    again = mini.client.post(where, json={"code": mail["code"]})
    assert [wrong.status_code, right.status_code, again.status_code] == [403, 200, 403]
    assert changes(mini, 3) == [(PHONE, False, False, ticket)]


def test_two_users_may_bring_the_same_fallback_ticket_and_one_may_not_bring_it_twice(mini: Shop) -> None:
    mini.api.answer = captcha_code(21)
    ticket = fallback(1012, **OWN)  # type: ignore[arg-type]  # texts only
    assert [change(mini, ticket, n=n).status_code for n in (4, 5, 5)] == [202, 202, 403]


NO_TICKETS = {
    "no app id": fallback(1006, prefix="trerror", app_id=""),  # as the plug-in writes it whose app id was given as a property
    "the Web's app": fallback(1006, prefix="trerror", app_id="199999164"),
    "stale": fallback(1006, prefix="trerror", app_id=MINI_APP_ID, age_s=3600),
    "empty": "",
}


# Ids of their own: one made from a ticket holds the time, and two test workers would not agree on it.
@pytest.mark.parametrize("ticket", NO_TICKETS.values(), ids=NO_TICKETS)
def test_what_can_be_no_ticket_of_this_app_is_refused_before_anybody_is_asked(mini: Shop, ticket: str) -> None:
    before = len(mini.api.asked)
    assert change(mini, ticket, n=6).status_code == 403
    assert len(mini.api.asked) == before


def test_a_fallback_ticket_is_no_way_to_guess_passwords(mini: Shop) -> None:
    mini.api.answer = captcha_code(21)
    told = []
    for tries in range(6):
        ticket = fallback(1006, suffix=f"_{tries}", **OWN)  # type: ignore[arg-type]  # texts only
        told.append(change(mini, ticket, n=7, word="wrong").status_code)
    assert told == [401] * 5 + [429]


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "请稍候"), ("en", "One moment")])
def test_the_page_is_told_its_app_id_and_its_words(mini: Shop, language: str, word: str) -> None:
    told = mini.client.get("/mini/config", headers={"Accept-Language": language}).json()
    assert told["app_id"] == MINI_APP_ID
    assert told["words"]["checking"].startswith(word)


def test_without_an_app_of_its_own_there_is_no_mini_program(shared: Shop) -> None:
    assert shared.client.post("/mini/profile", content=json.dumps({})).status_code == 404


@pytest.mark.parametrize(
    ("lacks", "answer"),
    [
        ({"CAPTCHA_MINI_SECRET_KEY": ""}, "needs CAPTCHA_MINI_SECRET_KEY"),
        ({"CAPTCHA_MINI_APP_ID": "x"}, "CAPTCHA_MINI_APP_ID must be the decimal app id"),
    ],
)
def test_half_an_app_is_refused_at_the_start(api: FakeApi, tmp_path: Path, lacks: dict[str, str], answer: str) -> None:
    environment: dict[str, Any] = ENVIRONMENT | lacks
    with pytest.raises(AssertionError, match=answer), running(FIXTURES / "shop", api, tmp_path, **environment):
        raise AssertionError("it started")


def test_a_verified_change_is_made_at_once_and_needs_no_second_look(mini: Shop) -> None:
    mini.api.answer = captcha_code(1)
    assert change(mini, issued("home"), n=8, phone="", deliver_to="7 Tea Street").json()["verified"] is True
    assert changes(mini, 8) == [("", True, False, None)]


@pytest.mark.parametrize("said", [{"phone": ""}, {"phone": "12"}, {"phone": "１" * 11}, {"deliver_to": "x" * 201}])
def test_what_changes_nothing_sensible_burns_no_ticket(mini: Shop, said: dict[str, str]) -> None:
    before = len(mini.api.asked)
    assert change(mini, issued("odd"), n=9, **said).status_code == 400
    assert len(mini.api.asked) == before


def test_a_claim_of_an_outage_is_worth_a_code_while_the_api_answers_and_a_change_when_the_shop_sees_it_down(
    api: FakeApi, tmp_path: Path
) -> None:
    api.answer = captcha_code(21)
    with running(FIXTURES / "shop", api, tmp_path, **ENVIRONMENT) as mini:
        claim = [fallback(1006, suffix=f"_{n}", **OWN) for n in range(20)]  # type: ignore[arg-type]  # texts only
        assert [change(mini, claim[n], n=n).status_code for n in range(1, 6)] == [202] * 5
        api.answer = api_error("InternalError")
        # Three calls in a row without an answer are an outage; until then nobody's word is.
        assert [change(mini, claim[n], n=n).status_code for n in range(6, 9)] == [202, 202, 200]
        ((_phone, verified, review, ticket),) = changes(mini, 8)
        assert (verified, review) == (False, True)
        assert ticket is not None
        assert ticket.startswith(f"terror_2003_{MINI_APP_ID}_")
        # One for an account, five for an address; beyond them it is the code again.
        assert [change(mini, issued(f"more{i}"), n=8).status_code for i in range(2)] == [202, 202]
        assert [change(mini, issued(f"many{n}"), n=n).status_code for n in range(10, 16)] == [200] * 4 + [202] * 2
        api.answer = captcha_code(1)
        assert change(mini, issued("healed"), n=16).json()["verified"] is True
        api.answer = captcha_code(21)
        assert change(mini, claim[17], n=17).status_code == 202


def test_who_asks_so_often_that_the_api_cannot_keep_up_has_made_no_outage(api: FakeApi, tmp_path: Path) -> None:
    api.answer = lambda *_: time.sleep(6)  # longer than the shop waits
    with running(FIXTURES / "shop", api, tmp_path, **ENVIRONMENT) as mini, ThreadPoolExecutor(40) as crowd:
        claim = fallback(1006, **OWN)  # type: ignore[arg-type]  # texts only
        assert {answer.status_code for answer in crowd.map(lambda n: change(mini, claim, n=n), range(1, 41))} == {202}
        assert change(mini, claim, n=41).status_code == 202
        assert [changes(mini, n) for n in range(1, 42)] == [[]] * 41
