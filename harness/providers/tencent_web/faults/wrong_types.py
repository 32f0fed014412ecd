"""A passing verdict whose numbers are strings: some SDKs hand them on, one converts, one refuses (domain/sdk-behaviour.md)."""

from __future__ import annotations

from harness.faults.rewriting import add
from harness.providers.tencent_web.faults.gateway import answering, at_the_api

ANSWER = answering({"CaptchaCode": "1", "CaptchaMsg": "OK", "EvilLevel": "0", "GetCaptchaTime": "0"})

add(at_the_api("wrong-types", "The verdict's numbers are strings", ANSWER))
