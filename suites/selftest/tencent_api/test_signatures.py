"""Each official client signs a little differently on a local endpoint, and all of them are accepted.

Expected values: the table "Signing" of the notes on the official SDKs, and the list of common error codes.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from suites.selftest.tencent_api.raw import FORM, PARAMETERS, body_for, said, send, signed_headers

ACTION_SIGNED = "content-type;host;x-tc-action"


def host_of(vendor: Any) -> str:
    return f"127.0.0.1:{vendor.port}"


def test_python_and_go_sign_the_host_with_its_port(vendor: Any) -> None:
    body = body_for(vendor.ticket())
    assert said(send(vendor, signed_headers(host_of(vendor), body), body)) == 1


def test_node_signs_the_host_without_its_port_and_calls_the_service_127(vendor: Any) -> None:
    body = body_for(vendor.ticket())
    assert said(send(vendor, signed_headers("127.0.0.1", body, service="127"), body)) == 1


def test_java_sends_a_charset_and_calls_the_service_by_host_and_port(vendor: Any) -> None:
    body = body_for(vendor.ticket())
    content_type = "application/json; charset=utf-8"
    headers = signed_headers(host_of(vendor), body, service=f"localhost:{vendor.port}", content_type=content_type)
    assert said(send(vendor, headers, body)) == 1


def test_an_action_header_that_was_signed_too_is_checked_in_lower_case_or_as_sent(vendor: Any) -> None:
    for signed in ("DescribeCaptchaResult", "describecaptcharesult"):
        body = body_for(vendor.ticket())
        headers = signed_headers(host_of(vendor), body, names=ACTION_SIGNED, **{"x-tc-action": signed})
        assert said(send(vendor, headers | {"x-tc-action": "DescribeCaptchaResult"}, body)) == 1


def test_a_get_signs_its_query_unsorted_as_it_came(vendor: Any) -> None:
    query = urlencode(PARAMETERS | {"Ticket": vendor.ticket()})
    headers = signed_headers("127.0.0.1", b"", method="GET", query=query, content_type=FORM, service="127")
    assert said(send(vendor, headers, method="GET", target=f"/?{query}")) == 1


def test_an_unsigned_payload_is_accepted_where_the_client_says_so(vendor: Any) -> None:
    body, extra = body_for(vendor.ticket()), {"x-tc-content-sha256": "UNSIGNED-PAYLOAD"}
    headers = signed_headers(host_of(vendor), body, payload=b"UNSIGNED-PAYLOAD", **extra)
    assert said(send(vendor, headers, body)) == 1


def test_the_asyncio_clients_question_mark_and_an_endpoint_with_a_path_are_accepted(vendor: Any) -> None:
    for target in ("/?", "/fault/x/"):
        body = body_for(vendor.ticket())
        assert said(send(vendor, signed_headers(host_of(vendor), body), body, target=target)) == 1


def test_a_body_changed_on_the_way_is_refused(vendor: Any) -> None:
    body = body_for(vendor.ticket())
    headers = signed_headers(host_of(vendor), body)
    assert said(send(vendor, headers, body + b" ")) == "AuthFailure.SignatureFailure"


def test_a_query_in_another_order_than_signed_is_refused(vendor: Any) -> None:
    pairs = list((PARAMETERS | {"Ticket": vendor.ticket()}).items())
    headers = signed_headers("127.0.0.1", b"", method="GET", query=urlencode(pairs), content_type=FORM)
    target = "/?" + urlencode(pairs[::-1])
    assert said(send(vendor, headers, method="GET", target=target)) == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize("host", ["captcha.tencentcloudapi.com", "127.0.0.1:1", ""])
def test_a_signature_made_for_another_host_is_refused(vendor: Any, host: str) -> None:
    body = body_for(vendor.ticket())
    assert said(send(vendor, signed_headers(host, body), body)) == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize("names", ["host", "content-type", "content-type;host;x-absent"])
def test_host_and_content_type_must_be_among_the_signed_headers_that_were_sent(vendor: Any, names: str) -> None:
    body = body_for(vendor.ticket())
    headers = signed_headers(host_of(vendor), body, names=names, **{"x-absent": "1"})
    del headers["x-absent"]
    assert said(send(vendor, headers, body)) == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize(
    ("header", "value", "error"),
    [
        ("x-tc-action", None, "MissingParameter"),
        ("x-tc-action", "DescribeEverything", "InvalidAction"),
        ("x-tc-version", None, "MissingParameter"),
        ("x-tc-version", "2017-03-12", "NoSuchVersion"),
        ("x-tc-timestamp", None, "MissingParameter"),
        ("x-tc-timestamp", "yesterday", "InvalidParameter"),
        ("x-tc-timestamp", "-1", "InvalidParameter"),
        ("x-tc-timestamp", "1", "AuthFailure.SignatureExpire"),
        ("authorization", None, "MissingParameter"),
        ("authorization", "SKIP", "AuthFailure.InvalidAuthorization"),
        ("authorization", "TC3-HMAC-SHA256 Credential=", "AuthFailure.InvalidAuthorization"),
    ],
)
def test_a_missing_or_wrong_header_has_its_own_error(vendor: Any, header: str, value: str | None, error: str) -> None:
    body = body_for(vendor.ticket())
    headers = signed_headers(host_of(vendor), body)
    del headers[header]
    assert said(send(vendor, headers | ({header: value} if value else {}), body)) == error


def test_a_scope_of_another_day_is_refused(vendor: Any) -> None:
    body = body_for(vendor.ticket())
    headers = signed_headers(host_of(vendor), body, days_off=-1)
    assert said(send(vendor, headers, body)) == "AuthFailure.SignatureFailure"
