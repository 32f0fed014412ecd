"""The plug-in's component: asks for a configuration, another picture, a verification; tells of it by four events.

Source: domain/tencent-client.md 4, which also names the bugs that are kept here.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.providers.scripted import Clock, Heard
from harness.providers.tencent_mini.hosts import DEFAULT_HOST
from harness.providers.tencent_mini.plugin.wx_request import WxRequests
from harness.providers.tencent_web.hosts import CONFIG_PATH, REFRESH_PATH, VERIFY_PATH

MAX_FAILURES = 3
WRONG_APP_TYPE = "请升级插件版本2.0,并且使用小程序类型的CaptchaAppId"

_BASE36 = string.digits + string.ascii_lowercase
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """``emit_ms``: from a failure to the event that hands over its ticket. ``retry_ms``: before a try is repeated (unknown)."""

    emit_ms: int = 600
    retry_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the mini program gives the component: its app id as ``data.appId`` or as the ``appid`` property, and the rest."""

    data_app_id: str = ""
    appid_property: str = ""
    aid_encrypted: str = ""
    host: str = DEFAULT_HOST

    @property
    def app_id(self) -> str:
        """The one that is sent."""
        return self.data_app_id or self.appid_property


class Component:
    """One component on one page. ``emit`` is handed each event: ``ready``, ``verify``, ``close``, ``error``, and its detail.

    ``challenge`` is the picture on the screen, None before the first. The two counts live as long as the component.
    """

    def __init__(self, settings: Settings, requests: WxRequests, clock: Clock, emit: Heard, timers: Timers) -> None:
        self.challenge: Mapping[str, int] | None = None
        self._settings = settings
        self._requests = requests
        self._clock = clock
        self._emit = emit
        self._timers = timers
        self._sess = ""
        self._refresh_http_errors = 0
        self._verify_http_errors = 0

    async def show(self) -> None:
        """Ask for a configuration, three times at most; no answer leaves 1006."""
        asked = {"aid": self._settings.app_id, "accver": "1", "showtype": "popup", "protocol": "https"}
        if self._settings.aid_encrypted:
            asked["aidEncrypted"] = self._settings.aid_encrypted
        failures = 0
        while (told := await self._ask("GET", CONFIG_PATH, asked)) is None:
            failures += 1
            if failures == MAX_FAILURES:
                # The plug-in's slip: only here it looks at data.appId alone, which is empty when the property was used.
                await self._fall_back(1006, self._settings.data_app_id)
                return
            await self._before_retry()
        self._configured(told)

    async def refresh(self) -> None:
        """Ask for another picture; the third failure in a row leaves 1012."""
        while (told := await self._ask("POST", REFRESH_PATH, {"sess": self._sess})) is None:
            self._refresh_http_errors += 1
            if self._refresh_http_errors >= MAX_FAILURES:
                await self._fall_back(1012, self._settings.app_id)
                return
            await self._before_retry()
        self._refresh_http_errors = 0
        self._draw(told, told.get("challenge"))

    async def verify(self, x: int) -> None:
        """Have a drag that ended at ``x`` px checked; fails again and again for ever, unless refreshing had failed before."""
        asked = {"sess": self._sess, "ans": f"{x},{(self.challenge or {}).get('gap_y', 0)}"}
        while (told := await self._ask("POST", VERIFY_PATH, asked)) is None:
            self._verify_http_errors += 1
            # The plug-in's slip: it counts one thing and tests the other.
            if not self._refresh_http_errors < MAX_FAILURES:
                await self._fall_back(1013, self._settings.app_id)
                return
            await self._before_retry()
        self._verify_http_errors = 0
        self._verified(told)

    def close(self) -> None:
        """Be closed by the user."""
        self.challenge = None
        self._emit("close", {"ret": 2})

    async def _ask(self, method: str, path: str, data: Mapping[str, str]) -> dict[str, Any] | None:
        """None is a failure that counts. A body that says nothing is none: it is an empty answer, which leads nowhere."""
        answer = await self._requests.send(method, f"https://{self._settings.host}{path}", data)
        if answer is None or answer.status != _OK:
            return None
        return _object(answer.body)

    async def _before_retry(self) -> None:
        if self._timers.retry_ms:
            await self._clock.sleep(self._timers.retry_ms)

    def _configured(self, told: Mapping[str, Any]) -> None:
        if not told:
            return
        if told.get("state") != 1:
            self._emit("error", {"errMsg": WRONG_APP_TYPE})
            return
        data = told.get("data")
        if self._draw(told, data.get("challenge") if isinstance(data, dict) else None):
            self._emit("ready", {})

    def _verified(self, told: Mapping[str, Any]) -> None:
        if told.get("errorCode") == "0":
            self._emit("verify", {"ret": 0, "ticket": told.get("ticket"), "randstr": told.get("randstr")})
            return
        self._draw(told, told.get("challenge"))

    def _draw(self, told: Mapping[str, Any], challenge: object) -> bool:
        """Put a picture on the screen; an answer without one changes nothing, and nobody is told."""
        if not isinstance(challenge, dict) or not all(type(challenge.get(name)) is int for name in ("gap_x", "gap_y")):
            return False
        self._sess, self.challenge = str(told.get("sess", "")), challenge
        return True

    async def _fall_back(self, code: int, app_id: str) -> None:
        """Hand over a ticket of the plug-in's own making; the errorCode is dropped, so that the ticket alone tells it."""
        ticket = f"trerror_{code}_{app_id}_{int(self._clock.now_s())}"
        randstr = "@" + "".join(secrets.choice(_BASE36) for _ in range(11))
        await self._clock.sleep(self._timers.emit_ms)
        self._emit("verify", {"ret": 0, "ticket": ticket, "randstr": randstr})


def _object(body: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}
