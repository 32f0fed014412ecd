"""Whatever arrives is answered in the vendor's envelope: never an exception, and never a free code 1."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.catalog import Answer
from harness.providers.base import Request
from harness.providers.tencent_web.tickets_store import TicketStore
from harness.providers.tencent_web.verdict_api import VerdictApi
from suites.selftest.tencent_api.raw import PARAMETERS, body_for, said, send, signed_headers
from suites.selftest.tencent_api.vendor_site import CREDENTIALS

FALLBACK = "terror_1001_199999164_1712345678"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "InvalidParameter"),
        (b"{", "InvalidParameter"),
        (b"[]", "InvalidParameter"),
        (b"null", "InvalidParameter"),
        (b'"text"', "InvalidParameter"),
        (b"\xff\xfe{}", "InvalidParameter"),
        (b"[" * 100_000, "InvalidParameter"),
        (b'{"CaptchaAppId":' + b"9" * 10_000 + b"}", "InvalidParameter"),
        (b'{"CaptchaType":NaN}', "InvalidParameter"),
        (b"{}", "MissingParameter"),
        (body_for(FALLBACK, Surprise=1), "UnknownParameter"),
        (body_for(FALLBACK, Imei="?").replace(b"?", b"\xff"), "InvalidParameter"),
        (body_for(FALLBACK, NeedGetCaptchaTime=True), "InvalidParameter"),
        (body_for(FALLBACK, CaptchaType="9"), "InvalidParameter"),
        (body_for(FALLBACK, CaptchaType=9.0), "InvalidParameter"),
        (body_for(FALLBACK, UserIp=["203.0.113.7"]), "InvalidParameter"),
        (body_for(FALLBACK, Randstr=None), "MissingParameter"),
        (body_for(FALLBACK, SceneId="1"), "InvalidParameter"),
        (body_for(FALLBACK, SceneId=None), 21),
        (body_for("x" * 900_000), 15),
        (body_for("\ud800", Randstr="\udfff", UserIp="\ud800"), 15),
        (body_for("\0" * 20), 15),
    ],
)
def test_a_signed_body_that_is_wrong_gets_the_documented_error(vendor: Any, body: bytes, error: str | int) -> None:
    assert said(send(vendor, signed_headers(f"127.0.0.1:{vendor.port}", body), body)) == error


def test_a_query_over_32_kib_is_too_large(vendor: Any) -> None:
    query = "Ticket=" + "x" * 33_000
    headers = signed_headers("127.0.0.1", b"", method="GET", query=query)
    assert said(send(vendor, headers, method="GET", target=f"/?{query}")) == "RequestSizeLimitExceeded"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_only_get_and_post_are_spoken(vendor: Any, method: str) -> None:
    assert said(send(vendor, {}, method=method)) == "UnsupportedProtocol"


def test_no_other_spelling_of_a_ticket_is_a_ticket(vendor: Any) -> None:
    """A used ticket must not come to life again by changing a character that the decoder ignores."""
    ticket = vendor.ticket()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    variants = {ticket[:at] + other + ticket[at + 1 :] for at in (4, 80, len(ticket) - 2) for other in alphabet} - {ticket}
    variants |= {ticket + "\n", ticket[:-1], ticket + "*", ticket[:-1] + "=*", " " + ticket, ticket.replace("tr03", "TR03")}
    judged = {vendor.store.redeem(v, app_id="199999164", randstr="@Vki", user_ip="", now=vendor.now()) for v in variants}
    assert judged == {15}


def test_a_ticket_of_another_vendor_key_is_undecryptable(vendor: Any) -> None:
    foreign = TicketStore().issue(app_id="199999164", randstr="@Vki", user_ip="203.0.113.7", now=vendor.now())
    assert vendor.store.redeem(foreign, app_id="199999164", randstr="@Vki", user_ip="", now=vendor.now()) == 15


def test_a_ticket_looks_like_the_vendors_and_shows_nothing_of_what_it_holds(vendor: Any) -> None:
    ticket = vendor.ticket()
    assert ticket.startswith("tr03")
    assert ticket.endswith("*")
    assert 120 <= len(ticket) <= 200
    assert vendor.ticket() != ticket
    assert "@Vki" not in ticket
    assert "199999164" not in ticket


def test_evidence_names_the_ticket_and_the_answer(vendor: Any) -> None:
    body = body_for(FALLBACK)
    send(vendor, signed_headers(f"127.0.0.1:{vendor.port}", body), body)
    request = vendor.requests[-1]
    assert vendor.api.ticket_of(request) == FALLBACK
    assert vendor.api.describe(request, asyncio.run(vendor.api.answer(request))) == "code 21"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"Response":{"CaptchaCode":26,"CaptchaMsg":"system busy"},"retcode":0,"retmsg":"ok"}', "code 26"),
        (b'{"Response":{"Error":{"Code":"InternalServerError","Message":"x"}}}', "error InternalServerError"),
        (b'{"Response":{"Error":{"Code":"<script>","Message":"x"}}}', "unreadable"),
        (b'{"Response":{"CaptchaCode":"1"}}', "unreadable"),
        (b'{"Response":{"CaptchaCode":true}}', "unreadable"),
        (b'{"Response":null}', "unreadable"),
        (b"{}", "unreadable"),
        (b"<html>", "unreadable"),
        (b"", "unreadable"),
        (b"\xff", "unreadable"),
    ],
)
def test_any_answer_can_be_described(body: bytes, expected: str) -> None:
    assert VerdictApi.describe(_request(), Answer(body=body)) == expected


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["@Vki", FALLBACK, 9, 199999164]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from([*PARAMETERS, "Ticket", "NeedGetCaptchaTime"]) | st.text(max_size=5)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=8)
BODIES = st.binary(max_size=200) | OBJECTS.map(lambda fields: json.dumps(PARAMETERS | fields).encode())
NAMES = ["x-tc-action", "x-tc-version", "x-tc-timestamp", "authorization", "host", "content-type"]
SAID = st.text(max_size=40) | st.sampled_from(["DescribeCaptchaResult", "2019-07-22"])
HEADERS = st.dictionaries(st.sampled_from(NAMES), SAID)


@settings(max_examples=150, deadline=None)
@given(body=BODIES, changed=HEADERS, dropped=st.sets(st.sampled_from(NAMES), max_size=2), signs=st.booleans())
def test_arbitrary_bodies_and_headers_never_raise_and_never_pass(
    body: bytes, changed: dict[str, str], dropped: set[str], signs: bool
) -> None:
    api, store = _account()
    headers = signed_headers("captcha.tencentcloudapi.com", body) | {"host": "captcha.tencentcloudapi.com"}
    if not signs:
        headers = {name: value for name, value in (headers | changed).items() if name not in dropped}
    _never_passes(api, store, _request(body=body, headers=headers))


@settings(max_examples=50, deadline=None)
@given(query=st.dictionaries(st.sampled_from([*PARAMETERS, "Ticket"]), st.text(max_size=20)), raw=st.text(max_size=40))
def test_arbitrary_queries_never_raise_and_never_pass(query: dict[str, str], raw: str) -> None:
    api, store = _account()
    headers = signed_headers("captcha.tencentcloudapi.com", b"", method="GET") | {"host": "captcha.tencentcloudapi.com"}
    for raw_query in ("", raw):
        _never_passes(api, store, _request(method="GET", query=query, raw_query=raw_query, headers=headers))


def _account() -> tuple[VerdictApi, TicketStore]:
    store = TicketStore()
    return VerdictApi(store, CREDENTIALS, time.time), store


def _never_passes(api: VerdictApi, store: TicketStore, request: Request) -> None:
    answer = asyncio.run(api.answer(request))
    assert (answer.status, answer.headers) == (200, (("content-type", "application/json"),))
    told = json.loads(answer.body)["Response"]
    assert told["RequestId"]
    assert told.get("CaptchaCode") != 1
    assert api.describe(request, answer).split()[0] in {"code", "error"}
    assert isinstance(api.ticket_of(request), str)
    assert store.billed == 0


def _request(**parts: Any) -> Request:
    plain: dict[str, Any] = {
        "link": "verdict", "host": "captcha.tencentcloudapi.com", "method": "POST", "path": "/", "query": {}, "raw_query": "",
        "headers": {}, "body": b"", "client": "test",
    }  # fmt: skip
    return Request(**plain | parts)
