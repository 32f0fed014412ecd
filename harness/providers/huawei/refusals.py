"""Every HTTP 400 of the API, with its sentence to the letter. Source: domain/huawei-oneaccess.md, "Error codes"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from harness.catalog import Answer
from harness.providers.huawei.settings import Settings

JSON = (("content-type", "application/json"), ("cache-control", "no-store"))
QUOTA_EXHAUSTED = "消息余量不足"

MESSAGES: Mapping[str, str] = {
    "CAPTCHA.0002": "Invalid CAPTCHA code.",
    "CAPTCHA.0003": "CAPTCHA token expired.",
    "CAPTCHA.0004": "Invalid CAPTCHA token.",
    "PARAM.0004": "Coordinates required.",
    "PARAM.0005": "Token required.",
    "APP.0001": "Application does not exist.",
    "APP.0002": "Application ID required.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A 400: ``{"error_code": …, "error_msg": …}``."""

    code: str
    message: str

    def answer(self) -> Answer:
        """Make the HTTP answer."""
        body = json.dumps({"error_code": self.code, "error_msg": self.message}, ensure_ascii=False)
        return Answer(status=400, headers=JSON, body=body.encode("utf-8", "replace"))


def refusal(code: str) -> Refusal:
    """A documented refusal by its code."""
    return Refusal(code=code, message=MESSAGES[code])


def invalid_parameter(settings: Settings) -> Refusal:
    """The refusal of what no document gives a code for; code and text are the target owner's to set."""
    return Refusal(code=settings.invalid_parameter_code, message=settings.captcha_0001)


def quota_exhausted(settings: Settings) -> Refusal:
    """The refusal of sms/send when no SMS is left; its code is not documented."""
    return Refusal(code=settings.sms_quota_code, message=QUOTA_EXHAUSTED)
