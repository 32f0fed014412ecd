"""Calls on an account without a network: signed with the vendor's own key derivation, and answered at once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from harness.catalog import Answer
from harness.providers.base import Request
from suites.selftest.tencent_api.raw import PARAMETERS, signed_headers

HOST = "captcha.tencentcloudapi.com"


def request(**parts: Any) -> Request:
    plain: dict[str, Any] = {
        "link": "verdict", "host": HOST, "method": "POST", "path": "/", "query": {}, "raw_query": "", "headers": {},
        "body": b"", "client": "test",
    }  # fmt: skip
    return Request(**plain | parts)


def signed(action: str, fields: dict[str, Any], **headers: str) -> Request:
    """A TC3 request whose signature is right now."""
    body = json.dumps(fields).encode()
    sent = signed_headers(HOST, body, **{"x-tc-action": action}) | {"host": HOST} | headers
    return request(headers=sent, body=body)


def told(answer: Answer) -> dict[str, Any]:
    response: dict[str, Any] = json.loads(answer.body)["Response"]
    return response


def web(api: Any, ticket: str, **changes: Any) -> dict[str, Any]:
    fields = {name: value for name, value in (PARAMETERS | {"Ticket": ticket} | changes).items() if value is not None}
    return told(asyncio.run(api.answer(signed("DescribeCaptchaResult", fields))))


def mini(api: Any, ticket: str, **changes: Any) -> dict[str, Any]:
    fields = {name: value for name, value in (PARAMETERS | {"Ticket": ticket} | changes).items() if name != "Randstr"}
    return told(asyncio.run(api.answer(signed("DescribeCaptchaMiniResult", fields))))


def verdict(response: dict[str, Any]) -> tuple[int, str]:
    return response["CaptchaCode"], response["CaptchaMsg"]
