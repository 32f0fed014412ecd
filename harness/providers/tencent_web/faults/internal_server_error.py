"""The API answers ``InternalServerError``, as the sample of seed 001 shows where its text says InternalError."""

from __future__ import annotations

from harness.faults.rewriting import add
from harness.providers.tencent_web.faults.gateway import at_the_api, erring

MESSAGE = "An internal error has occurred. Retry your request, but if the problem persists, contact us."

add(
    at_the_api(
        "internal-server-error", "The verdict API answers InternalServerError", erring("InternalServerError", MESSAGE)
    )
)
