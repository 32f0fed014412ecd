"""Somebody else's hosts answered from what was recorded of them, and while it is recorded by themselves, each URL once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx

from harness.catalog import Answer
from harness.errors import ConfigurationError, HarnessError
from harness.providers.base import Request
from harness.target.recordings import (
    HEADERS,
    MAX_ANSWER_BYTES,
    MAX_ANSWERS,
    MAX_HOST_BYTES,
    WHO_ASKS,
    Kept,
    add_to_record,
    clean,
    read_record,
    sayable,
)

LIMIT_S = 30.0
NOT_RECORDED = "not recorded: "
_ORIGIN = "access-control-allow-origin"
# All that a host is told of who asks: no cookie, no authorization, no address of a page.
_ASKED_WITH = ("accept", "accept-language", "user-agent", "origin")
_UNPACKED = ("", "identity", "gzip", "deflate")
_FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError, OSError, ImportError, ValueError)


class NotKeptError(HarnessError):
    """An answer could not be had, or is none that a record keeps."""


class Recordings:
    """The records of a target's hosts, one for all of its slots.

    With ``asks`` a request that the record lacks goes to the real host, once, and its answer is added; without, nothing leaves
    the machine. ``troubles`` are what could not be recorded, a sentence each. Raises ConfigurationError for a damaged record.
    """

    def __init__(self, hosts: Iterable[str], target_folder: Path, *, asks: bool = False) -> None:
        self.troubles: list[str] = []
        self._folder = target_folder
        self._asks = asks
        self._kept = {host: read_record(target_folder, host) for host in hosts}
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def answer(self, request: Request) -> Answer:
        """Answer from the record, or say in a sentence what it lacks."""
        url = f"{request.path}?{request.raw_query}" if request.raw_query else request.path
        kept = self._kept[request.host].get(url)
        if kept is None and self._asks:
            # One after the other: who asks for the same at the same time is answered from the record.
            async with self._turns[request.host]:
                kept = self._kept[request.host].get(url) or await self._recorded(request, url)
        if kept is None:
            said = f"{NOT_RECORDED}GET https://{request.host}{url}; `captchaos discover --record` asks the host for it"
            return Answer(status=502, headers=(("content-type", "text/plain"), *_FRESH), body=said.encode("ascii", "replace"))
        return Answer(status=kept.status, headers=(*_told(kept, request), *_FRESH), body=kept.body)

    def lacks(self, request: Request) -> str:
        """What of a request the record does not hold, in words; "" where it does."""
        url = f"{request.path}?{request.raw_query}" if request.raw_query else request.path
        return "" if url in self._kept[request.host] else f"{NOT_RECORDED}GET https://{request.host}{url}"

    async def _recorded(self, request: Request, url: str) -> Kept | None:
        host, known = request.host, self._kept[request.host]
        try:
            _demand_room(len(known) + 1, 0)
            answer = await _asked(request, url)
            _demand_room(len(known) + 1, sum(len(one.body) for one in known.values()) + len(answer.body))
            await asyncio.to_thread(add_to_record, self._folder, host, known.values(), answer)
        except (NotKeptError, ConfigurationError) as error:
            self.troubles.append(f"GET https://{host}{url[:200]} is not recorded: {error}")
            return None
        known[url] = answer
        return answer


def _demand_room(answers: int, size: int) -> None:
    if answers > MAX_ANSWERS or size > MAX_HOST_BYTES:
        most = f"{MAX_ANSWERS} answers and {MAX_HOST_BYTES >> 20} MiB"
        raise NotKeptError(f"a host's record has at most {most}; name a folder with a copy")


# What a browser kept would never meet a fault.
_FRESH = (("cache-control", "no-store"),)


def _told(kept: Kept, request: Request) -> Iterator[tuple[str, str]]:
    for name, value in kept.headers:
        told = request.headers.get("origin", "null") if value == WHO_ASKS else value
        yield name, told


async def _asked(request: Request, url: str) -> Kept:
    """Ask the real host at port 443, by the proxy and the authorities of this process' environment; raises NotKeptError."""
    if not sayable(url):
        raise NotKeptError("that is no path of a host")
    headers = {name: request.headers[name] for name in _ASKED_WITH if name in request.headers}
    try:
        # A client for each: one that is kept would keep cookies.
        async with asyncio.timeout(LIMIT_S), httpx.AsyncClient(timeout=LIMIT_S, follow_redirects=False) as client:
            client.headers = httpx.Headers({**headers, "accept-encoding": "identity"})
            async with client.stream("GET", f"https://{request.host}{url}") as answer:
                if answer.headers.get("content-encoding", "").strip().lower() not in _UNPACKED:
                    raise NotKeptError("its answer is packed in a way that nobody asked for: name a folder with a copy")
                body = await _whole(answer)
    except _FAILURES as error:
        why = str(error) or type(error).__name__
        raise NotKeptError(f"the host gave no answer ({why[:200]}); try again, or name a folder with a copy") from error
    if answer.status_code >= 500:
        raise NotKeptError(f"the host answered {answer.status_code}, which is no answer to keep; try again later")
    return Kept(url=url, status=answer.status_code, headers=tuple(_headers(answer, request)), body=body)


async def _whole(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise NotKeptError(f"its answer has more than {MAX_ANSWER_BYTES >> 20} MiB; name a folder with a copy")
    return bytes(body)


def _headers(answer: httpx.Response, request: Request) -> Iterator[tuple[str, str]]:
    for name in HEADERS:
        value = answer.headers.get(name)
        if value is not None and clean(value):
            asked_by = name == _ORIGIN and value == request.headers.get("origin")
            yield name, WHO_ASKS if asked_by else value
