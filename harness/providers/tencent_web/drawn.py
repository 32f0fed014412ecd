"""The vendor's client with its results in somebody else's hands: it shows no challenge and calls the page's callback as told.

What it is told comes as an event of the page's window, ``tcaptcha:next``, and what it did goes out as ``tcaptcha:callback``:
no page knows either, and nothing of it names a test.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from harness.catalog import Answer, Asked

_SCRIPT = Path(__file__).parent / "client" / "drawn" / "TCaptcha.js"


@cache
def _body() -> bytes:
    return _SCRIPT.read_bytes()


def drawn_client(answer: Answer, asked: Asked) -> Answer:
    """Answer for the entry script with the client that calls back as it is told: a rewrite, as response faults are."""
    return Answer(status=200, headers=answer.headers, body=_body())
