"""``wx.request`` as the plug-in uses it: one total time limit, and either an answer of any status or a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from harness.providers.scripted import Clock, Wire

TIMEOUT_MS = 15_000
_FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WxAnswer:
    """What the success callback is given."""

    status: int
    body: bytes


class WxRequests:
    """Requests over a device's network; one that fails is not sent again here."""

    def __init__(self, *, wire: Wire, clock: Clock, timeout_ms: int = TIMEOUT_MS) -> None:
        self._wire = wire
        self._clock = clock
        self._timeout_ms = timeout_ms

    async def send(self, method: str, url: str, data: Mapping[str, str]) -> WxAnswer | None:
        """Send ``data`` as the query of a GET or the form of a POST; None is the fail callback: no answer, or none in time."""
        asked = asyncio.ensure_future(self._ask(method, url, data))
        limit = asyncio.ensure_future(self._clock.sleep(self._timeout_ms))
        try:
            await asyncio.wait((asked, limit), return_when=asyncio.FIRST_COMPLETED)
            return asked.result() if asked.done() else None
        finally:
            for task in (asked, limit):
                task.cancel()
            await asyncio.gather(asked, limit, return_exceptions=True)

    async def _ask(self, method: str, url: str, data: Mapping[str, str]) -> WxAnswer | None:
        if method == "GET":
            answer = await self._wire.send(method, f"{url}?{urlencode(data)}")
        else:
            answer = await self._wire.send(method, url, headers=_FORM, content=urlencode(data).encode())
        return None if answer.status is None else WxAnswer(status=answer.status, body=answer.body)
