"""The config answers state 217: the newer client mints 1014 ``rate_limit`` at once (domain/tencent-client.md 3.2)."""

from __future__ import annotations

import json
import re

from harness.catalog import Answer, Asked, Place
from harness.faults.rewriting import ResponseFault, add, always, instead

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,99}", re.ASCII)
_REFUSAL = {"state": 217, "ticket": "", "capclass": "", "subcapclass": "", "sess": "", "randstr": "", "sid": ""}


def limit(answer: Answer, asked: Asked) -> Answer:
    """Call the callback that was asked for with state 217; a request without a callback's name keeps its answer."""
    callback = asked.query.get("callback", "")
    if not _NAME.fullmatch(callback):
        return answer
    return instead(answer, body=f"{callback}({json.dumps(_REFUSAL)})".encode())


add(
    ResponseFault(
        name="config-rate-limited",
        title="The config answers that the rate limit is reached",
        make=always(limit),
        felt_at=(Place.PROVIDER, Place.BROWSER),
    )
)
