"""A stand-in and its admin endpoint in this process, asked over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from harness.alone.admin import Admin
from harness.alone.standin import StandIn, Wish
from harness.providers.listening import Listener

JSON = {"content-type": "application/json"}


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The admin endpoint, and the provider behind it."""

    standin: StandIn
    port: int
    http: httpx.AsyncClient

    async def ask(
        self, method: str, path: str, given: object = None, *, raw: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, Any]]:
        body = json.dumps(given).encode() if given is not None else raw
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = (JSON if body else {}) | named
        answer = await self.http.request(method, f"http://127.0.0.1:{self.port}{path}", content=body, headers=sent)
        assert answer.headers["content-type"] == "application/json"
        return answer.status_code, answer.json()

    async def provider(self, method: str, path: str, **more: Any) -> httpx.Response:
        return await self.http.request(method, f"http://127.0.0.1:{self.standin.server.plain_port}{path}", **more)


def at_the_desk(folder: Path, work: Callable[[Desk], Awaitable[None]], **wish: Any) -> None:
    """Serve a provider with its admin endpoint for as long as the work takes."""

    async def serve() -> None:
        standin = StandIn(Wish(**{"provider": "tencent_web", **wish}), folder)
        await standin.start()
        listener = await Listener.open(Admin(standin))
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
                await work(Desk(standin=standin, port=listener.port, http=http))
        finally:
            await listener.close()
            await standin.stop()

    asyncio.run(serve())
