"""The admin endpoint of a provider that runs alone: faults, tickets and counts as JSON, for this machine's programs only.

It has no password, so it must not be reachable by anything that a password would keep out: it listens on loopback, refuses
every client and every Host header that is not loopback (a name that an attacker points at 127.0.0.1: DNS rebinding), and
refuses every request that a web page could have caused.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from harness.alone.faults import Wanted
from harness.alone.mint import HONEST
from harness.alone.standin import StandIn
from harness.errors import HarnessError, UsageError

MAX_BODY_BYTES = 64 << 10
_HOST = re.compile(r"(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
# What browsers say of a request that no page caused: an address typed in by hand.
_BY_HAND = "none"

Headers = Mapping[str, list[str]]
Handler = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]


class _RefusedError(Exception):
    """An answer that is not 200: its status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class _HungUpError(Exception):
    """The client has gone before its request was whole: nobody is there to be answered."""


class Admin:
    """The endpoint as an ASGI application."""

    def __init__(self, standin: StandIn) -> None:
        self._standin = standin
        self._routes: Mapping[str, Mapping[str, Handler]] = {
            "": {"GET": self._help},
            "counts": {"GET": self._counts},
            "faults": {"GET": self._faults, "PUT": self._put_fault, "DELETE": self._clear_fault},
            "tickets": {"POST": self._ticket},
        }

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
        """Answer one request; whatever is wrong with it is a plain 4xx with one sentence."""
        if scope["type"] != "http":
            return
        try:
            status, told = 200, await self._answer(scope, receive)
        except _HungUpError:
            return
        except _RefusedError as refused:
            status, told = refused.status, {"error": str(refused)}
        except UsageError as error:
            status, told = 400, {"error": str(error)}
        except HarnessError as error:
            status, told = 500, {"error": str(error)}
        await _send(send, status, told)

    async def _answer(self, scope: Any, receive: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
        headers = _headers(scope)
        _demand_loopback(scope, headers)
        place, _, rest = scope["path"].removeprefix("/").partition("/")
        if place not in self._routes or (rest and place != "faults"):
            raise _RefusedError(404, "there is nothing here: GET / says what there is")
        methods = self._routes[place]
        if scope["method"] not in methods:
            raise _RefusedError(405, f"/{place} takes {' and '.join(methods)}")
        return await methods[scope["method"]](rest, await _body(headers, receive))

    async def _help(self, _rest: str, _given: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "GET /counts": "requests by link, verdicts given, what the vendor would have billed",
            "GET /faults": "which response fault stands on which link",
            "PUT /faults/LINK": 'put a fault on a link: {"fault": NAME, "parameters": {NAME: NUMBER}}',
            "DELETE /faults/LINK": "take it off; without LINK all of them",
            "POST /tickets": f'mint a ticket: {{"cause": "{HONEST}"}}, or the cause of a verdict that blocks',
        }

    async def _counts(self, _rest: str, _given: Mapping[str, Any]) -> dict[str, Any]:
        return {**self._standin.counted(), "faults": self._standin.faults.shown()}

    async def _faults(self, _rest: str, _given: Mapping[str, Any]) -> dict[str, Any]:
        return self._standin.faults.shown()

    async def _put_fault(self, link: str, given: Mapping[str, Any]) -> dict[str, Any]:
        fault, parameters = given.get("fault"), given.get("parameters", {})
        if not isinstance(fault, str) or not isinstance(parameters, dict):
            raise UsageError('a fault is put on by {"fault": NAME} or {"fault": NAME, "parameters": {NAME: NUMBER}}')
        await self._standin.faults.put(Wanted(link=link, fault=fault, parameters=parameters))
        return self._standin.faults.shown()

    async def _clear_fault(self, link: str, _given: Mapping[str, Any]) -> dict[str, Any]:
        await (self._standin.faults.clear(link) if link else self._standin.faults.clear_all())
        return self._standin.faults.shown()

    async def _ticket(self, _rest: str, given: Mapping[str, Any]) -> dict[str, Any]:
        cause = given.get("cause", HONEST)
        if not isinstance(cause, str):
            raise UsageError(f'a ticket is asked for by {{"cause": NAME}}; without one it is {HONEST!r}')
        minted = self._standin.mint.ticket(cause)
        return {"cause": minted.cause, "code": minted.code, "ticket": minted.ticket, "randstr": minted.randstr}


def _headers(scope: Any) -> Headers:
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip())
    return headers


def _demand_loopback(scope: Any, headers: Headers) -> None:
    client = scope.get("client")
    if client is None or not ipaddress.ip_address(client[0]).is_loopback:
        raise _RefusedError(403, "only this machine may ask")
    hosts = headers.get("host", [])
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        raise _RefusedError(403, "only 127.0.0.1 and localhost are names of this endpoint")
    if "origin" in headers or any(site != _BY_HAND for site in headers.get("sec-fetch-site", [])):
        raise _RefusedError(403, "no web page may ask")


async def _body(headers: Headers, receive: Callable[[], Awaitable[Any]]) -> Mapping[str, Any]:
    raw = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _HungUpError
        raw += message.get("body", b"")
        if len(raw) > MAX_BODY_BYTES:
            raise _RefusedError(413, f"a body may have {MAX_BODY_BYTES} bytes")
        more = message.get("more_body", False)
    if not raw:
        return {}
    if headers.get("content-type", [""])[0].partition(";")[0].strip().lower() != "application/json":
        raise _RefusedError(415, "a body is application/json")
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise UsageError("the body must be one JSON object")
    return given


async def _send(send: Callable[[Any], Awaitable[None]], status: int, told: Mapping[str, Any]) -> None:
    body = json.dumps(told, ensure_ascii=True, indent=1).encode() + b"\n"
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
