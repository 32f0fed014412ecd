"""A vendor account of its own for each test, and the site that serves it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from harness.providers.base import Credentials, Request
from harness.providers.tencent_web.tickets_store import TicketStore
from harness.providers.tencent_web.verdict_api import VerdictApi

APP_ID = "199999164"
CREDENTIALS = Credentials(app_id=APP_ID, app_secret="appsecret0123456", secret_id="AKIDtest", secret_key="thesecretkey")


@dataclass(kw_only=True)
class Vendor:
    """A fresh account: its tickets, its API, and a clock that can be set apart from the world's."""

    port: int = 0
    skew_s: float = 0
    store: TicketStore = field(default_factory=TicketStore)
    requests: list[Request] = field(default_factory=list)
    api: VerdictApi = field(init=False)

    def __post_init__(self) -> None:
        self.api = VerdictApi(self.store, CREDENTIALS, self.now)

    def now(self) -> float:
        return time.time() + self.skew_s

    def ticket(self, *, app_id: str = APP_ID, randstr: str = "@Vki", age_s: float = 0) -> str:
        return self.store.issue(app_id=app_id, randstr=randstr, user_ip="203.0.113.7", now=self.now() - age_s)


def request_from(scope: Mapping[str, Any], body: bytes) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    raw_query = scope["query_string"].decode("latin-1")
    return Request(
        link="verdict",
        host=headers["host"].split(":")[0],
        method=scope["method"],
        path=scope["path"],
        query=dict(parse_qsl(raw_query, keep_blank_values=True)),
        raw_query=raw_query,
        headers=headers,
        body=body,
        client="test",
    )


class Site:
    """An ASGI application that hands each request to the vendor of the running test."""

    vendor: Vendor

    async def __call__(self, scope: Mapping[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        request = request_from(scope, body + message["body"])
        self.vendor.requests.append(request)
        answer = await self.vendor.api.answer(request)
        headers = [(name.encode(), value.encode()) for name, value in answer.headers]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
