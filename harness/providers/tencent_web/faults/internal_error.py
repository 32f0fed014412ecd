"""The API answers ``InternalError``: the business must go on (seeds 000 and 001; message from seed 001)."""

from __future__ import annotations

from harness.faults.rewriting import add
from harness.providers.tencent_web.faults.gateway import at_the_api, erring

MESSAGE = "An internal error has occurred. Retry your request, but if the problem persists, contact us."

add(at_the_api("internal-error", "The verdict API answers InternalError", erring("InternalError", MESSAGE)))
