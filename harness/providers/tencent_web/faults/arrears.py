"""The API answers ``UnauthorizedOperation.Unauthorized``: not enabled, no package, or arrears (domain/tencent-api.md 1.6)."""

from __future__ import annotations

from harness.faults.rewriting import add
from harness.providers.tencent_web.faults.gateway import at_the_api, erring

MESSAGE = "No permission is granted, no valid package is left, or payment is overdue."
ANSWER = erring("UnauthorizedOperation.Unauthorized", MESSAGE)

add(at_the_api("arrears", "The account is in arrears", ANSWER))
