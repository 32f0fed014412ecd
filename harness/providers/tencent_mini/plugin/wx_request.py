"""``wx.request`` as the plug-in uses it: one total time limit, and either an answer of any status or a failure."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from harness.providers.tencent_mini.plugin.clock import Clock

TIMEOUT_MS = 15_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WxAnswer:
    """What the success callback is given."""

    status: int
    body: bytes


class WxRequests:
    """Requests over an HTTP proxy (``http://127.0.0.1:port``), trusting only the authority in ``ca_file``.

    Connections are kept alive; a request that fails is not sent again here.
    """

    def __init__(self, *, proxy: str, ca_file: str, clock: Clock, timeout_ms: int = TIMEOUT_MS) -> None:
        self._clock = clock
        self._timeout_ms = timeout_ms
        trusted = ssl.create_default_context(cafile=ca_file)
        # No limit of the client's own, which would be for each read: the one that counts is for the whole request.
        self._client = httpx.AsyncClient(proxy=proxy, verify=trusted, timeout=None, trust_env=False)  # noqa: S113 - see above

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

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _ask(self, method: str, url: str, data: Mapping[str, str]) -> WxAnswer | None:
        try:
            if method == "GET":
                answer = await self._client.get(url, params=dict(data))
            else:
                answer = await self._client.post(url, data=dict(data))
        except httpx.HTTPError:
            return None
        return WxAnswer(status=answer.status_code, body=answer.content)
