"""A CaptchaCode that no table has: a verdict, and not a pass (domain/tencent-api.md 1.4)."""

from __future__ import annotations

from harness.faults.rewriting import add
from harness.providers.tencent_web.faults.gateway import answering, at_the_api

ANSWER = answering({"CaptchaCode": 999, "CaptchaMsg": "", "EvilLevel": 0, "GetCaptchaTime": 0})

add(at_the_api("unknown-code", "The verdict is a code that nobody documented", ANSWER))
