"""A tenant of the vendor's behind the real provider server on loopback, and a back end that calls it as seed 004 does."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Coroutine, Mapping
from typing import Any

import httpx

from harness.certificates import Authority, CertificateBook
from harness.faults.base import FAULTS
from harness.providers.base import PROVIDERS
from harness.providers.huawei.eyes import find_gap
from harness.providers.serving import ProviderServer
from suites.selftest.faults.fault_parts import edge_at

APP_ID, HOST = "199999164", "captchaos.huaweioneaccess.example"
MOBILE = "12345678901"
# Seed 004, "Example Requests": the value has semicolons, parentheses and a comma.
AGENT = (
    "Mozilla/5.0 (Linux; Android 10; Redmi K30 Build/QKQ1.190825.002; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/80.0.3987.99 Mobile Safari/537.36"
)


class Tenant:
    """One provider server for many tests; :meth:`renew` puts a new emulator behind it."""

    def __init__(self, authority: Authority) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        emulator = PROVIDERS.get("huawei").emulator(app_id=APP_ID, prefix="terror", options={})
        self.server = ProviderServer(emulator, CertificateBook(authority))
        self._run(self.server.start())
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{self.server.plain_port}", trust_env=False, timeout=5)

    def close(self) -> None:
        """Stop the server and its thread."""
        self._http.close()
        self._run(self.server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def renew(self, **options: object) -> Tenant:
        """Begin again with these options of ``[provider.options]``."""
        self.server.emulator = PROVIDERS.get("huawei").emulator(app_id=APP_ID, prefix="terror", options=options)
        self.server.reset(build="classic")
        return self

    @property
    def emulator(self) -> Any:
        """The emulator behind the server."""
        return self.server.emulator

    def strike(self, link: str, fault: str) -> None:
        """Put a response fault on a link."""
        self._run(FAULTS.get(fault).apply(edge_at(self.server, link, HOST)))

    def heal(self, link: str, fault: str) -> None:
        """Take it off again."""
        self._run(FAULTS.get(fault).heal(edge_at(self.server, link, HOST)))

    def headers(self, **changed: str | None) -> dict[str, str]:
        """Seed 004's example headers with this tenant's application; a changed one that is None is left out."""
        example: dict[str, str | None] = {
            "X-operating-sys-version": "Android 10",
            "X-device-fingerprint": "156aysdna213sac",
            "X-device-ip": "10.10.10.1",
            "X-agent": AGENT,
            "X-L": "zh",
            "X-client-id": self.emulator.credentials.more["client_id"],
        }
        merged = example | {name.replace("_", "-"): value for name, value in changed.items()}
        return {name: value for name, value in merged.items() if value is not None}

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Ask with GET."""
        return self._http.get(path, headers=headers or self.headers())

    def post(self, path: str, fields: Mapping[str, object] | bytes, **headers: str | None) -> httpx.Response:
        """Ask with POST, as ``application/json;charset=utf8``."""
        body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        typed = {"Content-Type": "application/json;charset=utf8"} | headers
        return self._http.post(path, content=body, headers=self.headers(**typed))

    def picture(self) -> dict[str, Any]:
        """Obtain a picture."""
        shown: dict[str, Any] = self.get("/api/v2/sdk/captcha").json()
        return shown

    def validate(self, token: object, point_json: object, sender: object = MOBILE) -> httpx.Response:
        """Send a drag."""
        return self.post("/api/v2/sdk/captcha/verify", {"point_json": point_json, "token": token, "sender": sender})

    def send_sms(self, captcha_token: object, mobile: object = MOBILE, kind: object = "BIND_MOBILE_SMS") -> httpx.Response:
        """Ask for an SMS."""
        return self.post("/api/v2/sdk/sms/send", {"mobile": mobile, "type": kind, "captcha_token": captcha_token})

    def register(self, code: object, mobile: object = MOBILE) -> httpx.Response:
        """Register a number with the code that was sent to it."""
        return self.post("/api/v2/sdk/register/mobile-verify-code", {"mobile": mobile, "verify_code": code})

    def solved(self) -> str:
        """Obtain a captcha_token by looking at the pictures."""
        shown = self.picture()
        told: dict[str, str] = self.validate(shown["token"], point(seen_gap(shown))).json()
        return told["captcha_token"]

    def said(self) -> list[str]:
        """What the evidence says of each request, in order."""
        return [arrival.said for arrival in self.server.log]

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)


def seen_gap(shown: Mapping[str, Any]) -> int:
    """Where the piece belongs, judged by the two pictures alone."""
    return find_gap(shown["originalImageBase64"], shown["jigsawImageBase64"])


def point(x: float) -> str:
    """A drag's end as the documents write it: ``{"x":237.0,"y":5.0}``."""
    return f'{{"x":{float(x)},"y":5.0}}'


def error(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, error_code and error_msg; anything beside the two fails here."""
    told = answer.json()
    assert set(told) == {"error_code", "error_msg"}
    return answer.status_code, told["error_code"], told["error_msg"]
