"""The real provider server in a thread of its own, with faults put on its verdict link as the lab puts them there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

from harness.certificates import Authority, CertificateBook
from harness.faults.base import FAULTS
from harness.providers.base import PROVIDERS
from harness.providers.serving import Arrival, ProviderServer
from suites.selftest.faults.fault_parts import edge_at

APP_ID, RANDSTR, USER_IP = "199999164", "@Vki", "203.0.113.7"


class Served:
    """A vendor account behind a server on loopback; :meth:`renew` makes both new for the next test."""

    def __init__(self, authority: Authority) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.emulator: Any = PROVIDERS.get("tencent_web").emulator(app_id=APP_ID, prefix="terror")
        self.server = ProviderServer(self.emulator, CertificateBook(authority))
        self._run(self.server.start())

    def close(self) -> None:
        """Stop the server and its thread."""
        self._run(self.server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def renew(self) -> None:
        """Heal everything and forget what was."""

        async def reset() -> None:
            self.server.reset(build="classic")

        self._run(reset())

    def strike(self, fault: str, **parameters: int) -> None:
        """Put a fault on the verdict link."""
        edge = edge_at(self.server, "verdict", "captcha.tencentcloudapi.com", parameters)
        self._run(FAULTS.get(fault).apply(edge))

    def question(self, *, method: str = "POST", tls: bool = False, limit_s: float = 1) -> dict[str, Any]:
        """Everything that a client needs to ask about a fresh ticket which would pass."""
        account = self.emulator.credentials
        ticket = self.emulator.tickets.issue(app_id=APP_ID, randstr=RANDSTR, user_ip=USER_IP, now=self.emulator.now())
        port = self.server.port if tls else self.server.plain_port
        return {
            "credential": {"secretId": account.secret_id, "secretKey": account.secret_key},
            "http": {
                "protocol": "https" if tls else "http",
                "endpoint": f"127.0.0.1:{port}",
                "reqMethod": method,
                "reqTimeout": limit_s,
            },
            "fields": {
                "CaptchaType": 9,
                "Ticket": ticket,
                "UserIp": USER_IP,
                "Randstr": RANDSTR,
                "CaptchaAppId": int(APP_ID),
                "AppSecretKey": account.app_secret,
            },
        }

    def asked(self) -> list[Arrival]:
        """The requests that reached the verdict link."""
        return list(self.server.arrivals("verdict"))

    def elsewhere(self) -> list[Arrival]:
        """The requests that came to a place where nothing lives."""
        return list(self.server.arrivals(""))

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)
