"""The signature of the 3.0 SDK line, which travels in a form or a query, made by hand where no SDK makes it that way.

What is signed is what the vendor's own signing code is handed: method, endpoint, ``/?`` and the parameters by name.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from tencentcloud.common.sign import Sign

from harness.providers.base import Request
from suites.selftest.tencent_api.calls import HOST, request, told
from suites.selftest.tencent_api.raw import FORM, PARAMETERS


def by_form(ticket: str, *, host: str = HOST, sent_host: str = HOST, method: str = "POST", **changes: Any) -> Request:
    common: dict[str, Any] = {
        "Action": "DescribeCaptchaResult", "Version": "2019-07-22", "Timestamp": int(time.time()), "Nonce": 4711,
        "SecretId": "AKIDtest", "SignatureMethod": "HmacSHA256", "Region": "", "RequestClient": "SDK_NODEJS_3.0.1",
    }  # fmt: skip
    given = {name: value for name, value in (PARAMETERS | {"Ticket": ticket} | common | changes).items() if value is not None}
    pairs = "&".join(f"{name}={given[name]}" for name in sorted(given))
    hashing = given.get("SignatureMethod", "HmacSHA1")
    if "Signature" not in changes and hashing in ("HmacSHA1", "HmacSHA256"):
        given["Signature"] = Sign.sign("thesecretkey", f"{method}{host}/?{pairs}", hashing)
    sent = {name: str(value) for name, value in given.items() if value is not None}
    if method == "GET":
        return request(method="GET", query=sent, raw_query=urlencode(sent), headers={"host": sent_host})
    return request(headers={"host": sent_host, "content-type": FORM}, body=urlencode(sent).encode())


def said(vendor: Any, asked: Request) -> int | str:
    response = told(asyncio.run(vendor.api.answer(asked)))
    return response["Error"]["Code"] if "Error" in response else response["CaptchaCode"]


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("hashing", ["HmacSHA1", "HmacSHA256", None])
def test_it_is_taken_without_any_x_tc_header(vendor: Any, hashing: str | None, method: str) -> None:
    """Without a SignatureMethod it is HmacSHA1."""
    assert said(vendor, by_form(vendor.ticket(), SignatureMethod=hashing, method=method)) == 1


@pytest.mark.parametrize("signed", ["127.0.0.1", "127.0.0.1:8080"])
def test_the_host_may_be_signed_with_or_without_its_port(vendor: Any, signed: str) -> None:
    assert said(vendor, by_form(vendor.ticket(), host=signed, sent_host="127.0.0.1:8080")) == 1


def test_the_mini_action_is_reached_by_it_too(vendor: Any) -> None:
    assert said(vendor, by_form(vendor.ticket(), Action="DescribeCaptchaMiniResult", Randstr=None)) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"Action": None}, "MissingParameter"),
        ({"Action": "DescribeEverything"}, "InvalidAction"),
        ({"Version": None}, "MissingParameter"),
        ({"Version": "2017-03-12"}, "NoSuchVersion"),
        ({"Timestamp": None}, "MissingParameter"),
        ({"Timestamp": "yesterday"}, "InvalidParameter"),
        ({"Timestamp": 1}, "AuthFailure.SignatureExpire"),
        ({"Nonce": None}, "MissingParameter"),
        ({"Nonce": "often"}, "InvalidParameter"),
        ({"SecretId": None}, "MissingParameter"),
        ({"SecretId": "AKIDsomebodyelse"}, "AuthFailure.SecretIdNotFound"),
        ({"SignatureMethod": "MD5", "Signature": "x"}, "InvalidParameter"),
        ({"Signature": None}, "MissingParameter"),
        ({"Signature": "x"}, "AuthFailure.SignatureFailure"),
        ({"Signature": "签名"}, "AuthFailure.SignatureFailure"),
        ({"Token": "a token of nobody"}, "AuthFailure.TokenFailure"),
        ({"Surprise": 1}, "UnknownParameter"),
        ({"UserIp": None}, "MissingParameter"),
        ({"CaptchaAppId": "not a number"}, "InvalidParameter"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_mistake_has_its_own_error(vendor: Any, changes: dict[str, Any], error: str, method: str) -> None:
    assert said(vendor, by_form(vendor.ticket(), method=method, **changes)) == error


def test_a_parameter_changed_on_the_way_is_refused(vendor: Any) -> None:
    asked = by_form(vendor.ticket())
    changed = asked.body.replace(b"203.0.113.7", b"203.0.113.8")
    assert changed != asked.body
    assert said(vendor, request(headers=asked.headers, body=changed)) == "AuthFailure.SignatureFailure"


def test_a_signature_for_another_host_is_refused(vendor: Any) -> None:
    assert said(vendor, by_form(vendor.ticket(), host="cvm.tencentcloudapi.com")) == "AuthFailure.SignatureFailure"


def test_another_product_of_the_vendor_is_not_here(vendor: Any) -> None:
    asked = by_form(vendor.ticket())
    elsewhere = request(host="cvm.tencentcloudapi.com", headers=asked.headers, body=asked.body)
    assert said(vendor, elsewhere) == "NoSuchProduct"


def test_evidence_knows_its_ticket(vendor: Any) -> None:
    for method in ("POST", "GET"):
        assert vendor.api.ticket_of(by_form("terror_1001_199999164_1", method=method)) == "terror_1001_199999164_1"
