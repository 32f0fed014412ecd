"""The API before 3.0: ``ticket/verify``, by GET and POST, with numbers as strings.

Source: domain/tencent-api.md 1.6: ``{"response":"1|0|100","evil_level":"70","err_msg":""}``.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from harness.providers.tencent_web import hosts
from harness.providers.tencent_web.api_settings import settings_from
from harness.providers.tencent_web.tickets_store import TicketStore
from harness.providers.tencent_web.verdict_api import VerdictApi
from suites.selftest.tencent_api.calls import request
from suites.selftest.tencent_api.vendor_site import APP_ID, CREDENTIALS
from suites.selftest.tencent_api.whole_vendor import whole_vendor

FALLBACK = "terror_1001_199999164_1712345678"


class Old:
    def __init__(self, **options: Any) -> None:
        self.store = TicketStore()
        self.api = VerdictApi(self.store, CREDENTIALS, time.time, settings=settings_from(options))

    def ticket(self, age_s: float = 0) -> str:
        return self.store.issue(app_id=APP_ID, randstr="@Vki", user_ip="203.0.113.7", now=time.time() - age_s)

    def ask(self, ticket: str, *, method: str = "GET", **changes: str | None) -> dict[str, str]:
        sample = {"aid": APP_ID, "AppSecretKey": CREDENTIALS.app_secret, "Randstr": "@Vki", "UserIP": "203.0.113.7"}
        asked = {name: value for name, value in (sample | {"Ticket": ticket} | changes).items() if value is not None}
        sent: dict[str, Any] = {"query": asked} if method == "GET" else {"body": urlencode(asked).encode()}
        self.request = request(host="ssl.captcha.qq.com", path="/ticket/verify", method=method, **sent)
        self.answer = asyncio.run(self.api.answer(self.request))
        assert self.answer.status == 200
        told: dict[str, str] = json.loads(self.answer.body)
        return told


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_ticket_passes_once_and_every_number_is_a_string(method: str) -> None:
    old = Old(evil_level=70)
    ticket = old.ticket()
    assert old.ask(ticket, method=method) == {"response": "1", "evil_level": "70", "err_msg": ""}
    again = old.ask(ticket, method=method)
    assert (again["response"], again["evil_level"]) == ("0", "0")


@pytest.mark.parametrize(
    ("changes", "response"),
    [
        ({"Randstr": "@other"}, "0"),
        ({"AppSecretKey": "not the secret"}, "100"),
        ({"Randstr": None}, "100"),
        ({"Randstr": ""}, "100"),
        ({"aid": None}, "100"),
        ({"aid": "199999165"}, "0"),
    ],
)
def test_a_mistake_in_the_parameters_is_100_and_any_other_verdict_0(changes: dict[str, str | None], response: str) -> None:
    old = Old()
    assert old.ask(old.ticket(), **changes)["response"] == response


def test_a_fallback_ticket_does_not_pass_and_costs_nothing() -> None:
    old = Old()
    assert old.ask(FALLBACK)["response"] == "0"
    assert old.store.billed == 0


def test_an_expired_or_unreadable_ticket_does_not_pass() -> None:
    old = Old()
    assert [old.ask(ticket)["response"] for ticket in (old.ticket(age_s=301), "garbage")] == ["0", "0"]


def test_evidence_reads_it_like_any_verdict() -> None:
    old = Old()
    for ticket, said in ((FALLBACK, "code 0"), (old.ticket(), "code 1")):
        old.ask(ticket, method="POST")
        assert (old.api.describe(old.request, old.answer), old.api.ticket_of(old.request)) == (said, ticket)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"Ticket=%ff", b"&" * 5000, b""])
def test_bytes_that_are_no_form_are_a_parameter_error(body: bytes) -> None:
    answer = asyncio.run(Old().api.answer(request(path="/ticket/verify", body=body)))
    assert json.loads(answer.body)["response"] == "100"


def test_other_methods_are_a_plain_405() -> None:
    assert asyncio.run(Old().api.answer(request(path="/ticket/verify", method="PUT"))).status == 405


def test_it_is_spoken_by_its_own_name_over_tls(tmp_path: Path) -> None:
    with whole_vendor(tmp_path) as vendor:
        account = vendor.emulator.credentials
        trusted = ssl.create_default_context(cafile=str(vendor.authority.ca_file))
        asked = {"aid": APP_ID, "AppSecretKey": account.app_secret, "Randstr": "@Vki", "UserIP": "203.0.113.7"}
        with httpx.Client(proxy=f"http://127.0.0.1:{vendor.router.port}", verify=trusted, trust_env=False) as client:
            address = "https://ssl.captcha.qq.com/ticket/verify"
            told = [
                client.get(address, params=asked | {"Ticket": vendor.ticket()}).json(),
                client.post(address, data=asked | {"Ticket": FALLBACK}).json(),
            ]
        assert [answer["response"] for answer in told] == ["1", "0"]
        assert [(seen.link, seen.said) for seen in vendor.server.log] == [("verdict", "code 1"), ("verdict", "code 0")]


@pytest.mark.parametrize("retired", [True, False])
def test_its_path_is_the_verdict_link_on_its_own_host_and_by_address(retired: bool) -> None:
    for host in ("ssl.captcha.qq.com", "127.0.0.1"):
        assert hosts.link_of(host, "/ticket/verify", {}, retired_hosts=retired) == "verdict"
