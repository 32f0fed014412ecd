"""The provider as a lab serves it, whole: both ports, certificates, and a router that maps the vendor's host names to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from harness.certificates import Authority, CertificateBook
from harness.lab.router import Router
from harness.providers.serving import ProviderServer
from harness.providers.tencent_web.emulator import TencentEmulator

T = TypeVar("T")
APP_ID = "199999164"
HOSTS = ("captcha.tencentcloudapi.com", "captcha.intl.tencentcloudapi.com", "ssl.captcha.qq.com")
LIMIT_S = 20


class Whole:
    """A provider and its router in a loop of their own thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, folder: Path, emulator: TencentEmulator) -> None:
        self._loop = loop
        self.authority = Authority(folder)
        self.emulator = emulator
        self.server = ProviderServer(self.emulator, CertificateBook(self.authority))
        self.router = Router()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the provider's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=LIMIT_S)

    async def start(self) -> None:
        await self.server.start()
        await self.router.start()
        for host in HOSTS:
            self.router.route(host, 443, self.server.port)

    async def stop(self) -> None:
        await self.router.stop()
        await self.server.stop()

    def reset(self) -> None:
        """A new account, and nothing logged."""
        self.do(self._reset())

    async def _reset(self) -> None:
        self.server.reset(build="classic")

    def ticket(self, *, app_id: str = APP_ID, randstr: str = "@Vki", age_s: float = 0, user_ip: str = "203.0.113.7") -> str:
        now = self.emulator.now() - age_s
        return self.emulator.tickets.issue(app_id=app_id, randstr=randstr, user_ip=user_ip, now=now)


@contextmanager
def whole_vendor(folder: Path, emulator: TencentEmulator | None = None) -> Iterator[Whole]:
    """Serve the provider until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    whole = Whole(loop, folder, emulator or TencentEmulator(app_id=APP_ID, prefix="terror"))
    whole.do(whole.start())
    try:
        yield whole
    finally:
        whole.do(whole.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=LIMIT_S)
        loop.close()
