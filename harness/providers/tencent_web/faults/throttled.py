"""The API answers ``RequestLimitExceeded`` (domain/tencent-api.md 1.6; its message is not documented)."""

from __future__ import annotations

from harness.faults.rewriting import add
from harness.providers.tencent_web.faults.gateway import at_the_api, erring

ANSWER = erring("RequestLimitExceeded", "The number of requests exceeds the frequency limit.")

add(at_the_api("throttled", "The verdict API throttles", ANSWER))
