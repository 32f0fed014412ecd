"""What an account's owner, or the vendor's risk control, decides: the older table, a package, a rate, a risk.

Expected values: ``vendor_tables``, and the documented rate of 1000 requests a second.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from harness.errors import UsageError
from harness.providers.tencent_web.api_settings import API_OPTIONS, settings_from
from harness.providers.tencent_web.tickets_store import TicketStore
from harness.providers.tencent_web.verdict_api import VerdictApi
from suites.selftest.tencent_api.calls import mini, signed, told, verdict, web
from suites.selftest.tencent_api.vendor_site import APP_ID, CREDENTIALS
from suites.selftest.tencent_api.vendor_tables import LEGACY, MINI

FALLBACK = "terror_1001_199999164_1712345678"


class Account:
    def __init__(self, **options: Any) -> None:
        self.store = TicketStore()
        self.elapsed_s = 0.0
        self.api = VerdictApi(
            self.store, CREDENTIALS, time.time, settings=settings_from(options), elapsed=lambda: self.elapsed_s
        )

    def ticket(self, *, app_id: str = APP_ID, randstr: str = "@Vki", age_s: float = 0, user_ip: str = "203.0.113.7") -> str:
        return self.store.issue(app_id=app_id, randstr=randstr, user_ip=user_ip, now=time.time() - age_s)


def test_the_older_table_answers_in_its_own_words_when_it_is_asked_for() -> None:
    account = Account(captcha_codes="legacy")
    used = account.ticket()
    web(account.api, used)
    answered = {
        1: web(account.api, account.ticket()),
        6: web(account.api, account.ticket(), Randstr="@vKI"),
        7: web(account.api, account.ticket(), Randstr="@other"),
        8: web(account.api, account.ticket(age_s=301)),
        9: web(account.api, used),
        10: web(account.api, "not a ticket"),
        12: web(account.api, "tr03AAAA*"),
        13: web(account.api, account.ticket(user_ip="198.51.100.1")),
        15: web(account.api, "tr03" + "A" * 156 + "*"),
        16: web(account.api, account.ticket(app_id="2000000001")),
        21: web(account.api, FALLBACK),
        22: web(account.api, account.ticket(), CaptchaType=8),
        100: web(account.api, account.ticket(), AppSecretKey="not the secret"),
    }
    assert {code: verdict(response) for code, response in answered.items()} == {
        code: (code, text) for code, text in LEGACY.items() if code != 104
    }


def test_an_empty_randstr_is_a_code_of_the_older_table_and_a_used_ticket_may_be_104() -> None:
    account = Account(captcha_codes="legacy", legacy_reuse_code=104)
    ticket = account.ticket()
    assert verdict(web(account.api, account.ticket(), Randstr="")) == (6, LEGACY[6])
    assert [verdict(web(account.api, ticket))[0] for _ in range(2)] == [1, 104]


def test_codes_of_the_older_table_are_never_answered_by_default() -> None:
    account = Account()
    used = account.ticket()
    web(account.api, used)
    asked = [
        web(account.api, account.ticket(), Randstr="@vKI"),
        web(account.api, account.ticket(user_ip="198.51.100.1")),
        web(account.api, "not a ticket"),
        web(account.api, "tr03AAAA*"),
        web(account.api, used),
    ]
    assert [verdict(response)[0] for response in asked] == [7, 1, 15, 15, 9]


def test_without_a_package_the_web_gets_an_error_and_the_mini_program_a_code() -> None:
    account = Account(package=False)
    assert web(account.api, account.ticket())["Error"]["Code"] == "UnauthorizedOperation.Unauthorized"
    assert verdict(mini(account.api, account.ticket())) == (31, MINI[31])
    assert account.store.billed == 0


def test_a_passing_ticket_carries_the_accounts_risk_and_a_failing_one_none() -> None:
    account = Account(evil_level=100, evil_bitmap=5, score=87, device_risk_category="emulator")
    passed = web(account.api, account.ticket())
    names = ("CaptchaCode", "EvilLevel", "EvilBitmap", "Score", "DeviceRiskCategory")
    assert [passed[name] for name in names] == [1, 100, 5, 87, "emulator"]
    failed = web(account.api, "garbage")
    assert [failed[name] for name in names] == [15, 0, None, 0, None]


def test_risk_control_refuses_an_honest_ticket_with_21_and_bills_it() -> None:
    account = Account(risk_blocks=True)
    assert verdict(web(account.api, account.ticket())) == (21, "diff")
    assert account.store.billed == 1


@pytest.mark.parametrize("asked", [1, None, 0])
def test_the_times_of_a_passed_challenge_are_told(asked: int | None) -> None:
    account = Account()
    now = time.time()
    ticket = account.store.issue(app_id=APP_ID, randstr="@Vki", user_ip="203.0.113.7", now=now, fetched=now - 12)
    times = web(account.api, ticket, NeedGetCaptchaTime=asked)
    assert times["GetCaptchaTime"] == (int(now - 12) if asked == 1 else 0)
    assert times["SubmitCaptchaTime"] == int(now)


def test_the_thousand_and_first_request_in_a_second_is_one_too_many() -> None:
    account = Account()
    assert {web(account.api, FALLBACK).get("CaptchaCode") for _ in range(1000)} == {21}
    assert web(account.api, FALLBACK)["Error"]["Code"] == "RequestLimitExceeded"
    account.elapsed_s = 0.999
    assert web(account.api, FALLBACK)["Error"]["Code"] == "RequestLimitExceeded"
    account.elapsed_s = 1.0
    assert verdict(web(account.api, FALLBACK))[0] == 21


def test_a_refused_request_uses_up_no_ticket() -> None:
    account = Account(requests_per_s=1)
    ticket = account.ticket()
    assert web(account.api, "garbage")["CaptchaCode"] == 15
    assert web(account.api, ticket)["Error"]["Code"] == "RequestLimitExceeded"
    account.elapsed_s = 1.0
    assert verdict(web(account.api, ticket))[0] == 1


def test_strangers_use_up_nobodys_rate() -> None:
    account = Account(requests_per_s=1)
    forged = replace(signed("DescribeCaptchaResult", {}), body=b"{} ")
    for _ in range(5):
        assert told(asyncio.run(account.api.answer(forged)))["Error"]["Code"] == "AuthFailure.SignatureFailure"
    assert verdict(web(account.api, account.ticket()))[0] == 1


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("captcha_codes", "legcy"), ("legacy_reuse_code", 8), ("legacy_reuse_code", True), ("package", 1),
        ("requests_per_s", 0), ("risk_blocks", "no"), ("evil_level", 101), ("evil_bitmap", -1), ("score", 0.5),
        ("device_risk_category", 3),
    ],
)  # fmt: skip
def test_an_option_with_a_wrong_value_is_refused_by_name(option: str, value: object) -> None:
    with pytest.raises(UsageError, match=f"provider option {option} must be"):
        settings_from({option: value})


def test_options_of_others_are_left_alone_and_every_option_is_described() -> None:
    assert settings_from({"retired_hosts": True}) == settings_from({})
    assert all(API_OPTIONS[name] for name in ("captcha_codes", "package", "requests_per_s", "score"))
    assert len(API_OPTIONS) == 9
