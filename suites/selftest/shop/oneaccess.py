"""A small OneAccess on a real socket: answers as its documents say, or as it is told, and remembers what it was asked."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from suites.selftest.shop.parts import Answer, http_answer
from suites.selftest.standins import Request, answering

# Seed 004 and the vendor's pages on ValidateCaptcha, SendSmsVerifyCode and RegisterByMobile.
CALLS = {
    "picture": ("GET", "/api/v2/sdk/captcha"),
    "verify": ("POST", "/api/v2/sdk/captcha/verify"),
    "send": ("POST", "/api/v2/sdk/sms/send"),
    "code": ("POST", "/api/v2/sdk/register/mobile-verify-code"),
}
CLIENT_ID, APP_ID = "DRrYIqauawN0I8myTMoDTPys6ezGZxnm", "2000000001"
SMS_CODE = "482916"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nand so on").decode()


def refusal(code: str, message: str = "…") -> Answer:
    """A 400 as the documents have it."""
    return http_answer(json.dumps({"error_code": code, "error_msg": message}), status="400 Bad Request")


def picture(**changed: object) -> Answer:
    """A 200 of ShowCaptcha, with these fields changed."""
    shown = {"originalImageBase64": PNG, "jigsawImageBase64": PNG, "token": "389a7cfd1", "result": False, "secretKey": None}
    return http_answer(json.dumps(shown | changed))


def solved_answer(asked: dict[str, Any]) -> Answer:
    """A 200 of ValidateCaptcha, for what was asked."""
    return http_answer(json.dumps({"captcha_token": f"{asked['token']}---{asked['point_json']}"}))


def _registered(asked: dict[str, Any]) -> Answer:
    if asked["verify_code"] != SMS_CODE:
        return refusal("CAPTCHA.0001")
    return http_answer(json.dumps({"status": "SUCCESS", "session_token": "bts1", "expire": 604800}))


@dataclass(slots=True)
class FakeOneAccess:
    """``answers`` take the place of the documented ones, by call; ``asked`` is each call with its body and headers."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def bodies(self, call: str) -> list[dict[str, Any]]:
        """What was sent with a call, in order."""
        return [body for name, body, _headers in self.asked if name == call]

    def answer(self, call: str, body: dict[str, Any]) -> Answer:
        """What comes next."""
        if call in self.answers:
            return self.answers[call]
        documented = {"picture": picture, "send": lambda: http_answer("")}
        return documented[call]() if call in documented else {"verify": solved_answer, "code": _registered}[call](body)


@contextmanager
def fake_oneaccess() -> Iterator[FakeOneAccess]:
    """Serve it on a free port."""
    api = FakeOneAccess()

    def answer(connection: socket.socket, request: Request) -> None:
        call = next(name for name, known in CALLS.items() if known == (request.method, request.target))
        body = json.loads(request.body) if request.body else {}
        api.asked.append((call, body, request.headers))
        api.answer(call, body)(connection, body)

    with answering(answer) as api.port:
        yield api


def environment(api: FakeOneAccess) -> dict[str, str]:
    """What the shop is told of it."""
    return {
        "ONEACCESS_API": f"http://127.0.0.1:{api.port}", "ONEACCESS_CLIENT_ID": CLIENT_ID, "ONEACCESS_APP_ID": APP_ID,
    }  # fmt: skip
