"""A target file's ``[provider.options]`` reach the API."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from harness.errors import UsageError
from harness.providers.base import PROVIDERS
from suites.selftest.tencent_api.calls import HOST, request, told
from suites.selftest.tencent_api.raw import signed_headers
from suites.selftest.tencent_api.whole_vendor import APP_ID


def emulator(**options: Any) -> Any:
    return PROVIDERS.get("tencent_web").emulator(app_id=APP_ID, prefix="terror", options=options)


def asked_the_old_way(vendor: Any) -> bytes:
    account, ticket = vendor.credentials, vendor.tickets.issue(app_id=APP_ID, randstr="@a", user_ip="", now=vendor.now())
    query = {"aid": APP_ID, "AppSecretKey": account.app_secret, "Ticket": ticket, "Randstr": "@A", "UserIP": "203.0.113.7"}
    body: bytes = asyncio.run(vendor.answer(request(path="/ticket/verify", method="GET", query=query))).body
    return body


def test_an_option_changes_what_the_api_says_and_outlives_a_reset() -> None:
    vendor = emulator(captcha_codes="legacy")
    for _ in range(2):
        assert b"user code len error" in asked_the_old_way(vendor)
        vendor.reset(build="classic")
    assert b"captcha no match" in asked_the_old_way(emulator())


@pytest.mark.parametrize("options", [{}, {"captcha_codes": "legacy"}, {"captcha_codes": "legacy", "legacy_reuse_code": 104}])
def test_a_ticket_made_to_get_a_code_gets_it_by_whichever_table(options: dict[str, Any]) -> None:
    vendor = emulator(**options)
    account = vendor.credentials
    by_their_cause = [case for case in PROVIDERS.get("tencent_web").verdict_cases(vendor) if case.rewrite is None]
    assert {case.code for case in by_their_cause} >= {7, 8, 15, 16}
    for case in by_their_cause:
        fields = {
            "CaptchaType": 9, "Ticket": case.ticket, "UserIp": "127.0.0.1", "Randstr": case.randstr,
            "CaptchaAppId": int(APP_ID), "AppSecretKey": account.app_secret,
        }  # fmt: skip
        body = json.dumps(fields).encode()
        headers = signed_headers(HOST, body, account=(account.secret_id, account.secret_key)) | {"host": HOST}
        answer = asyncio.run(vendor.answer(request(headers=headers, body=body)))
        assert told(answer)["CaptchaCode"] == case.code, case.cause


def test_every_option_is_listed_with_what_it_means() -> None:
    provider = PROVIDERS.get("tencent_web")
    assert {"captcha_codes", "legacy_reuse_code", "package", "requests_per_s", "risk_blocks"} <= provider.options.keys()


def test_a_wrong_value_is_refused_before_anything_is_served() -> None:
    with pytest.raises(UsageError, match="captcha_codes must be current or legacy"):
        emulator(captcha_codes="older")


def test_the_host_of_the_old_api_resolves_only_on_request() -> None:
    provider = PROVIDERS.get("tencent_web")

    def verdict_hosts(**options: Any) -> tuple[str, ...]:
        return next(link.hosts for link in provider.links_with(options) if link.name == "verdict")

    assert verdict_hosts() == ("captcha.tencentcloudapi.com", "captcha.intl.tencentcloudapi.com")
    assert verdict_hosts(retired_hosts=True)[-1] == "ssl.captcha.qq.com"
