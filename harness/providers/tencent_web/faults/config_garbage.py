"""The config answer is binary: a compressed body whose encoding header was lost on the way.

The script cannot be parsed, so its callback is never called (domain/tencent-client.md 3.4 e).
"""

from __future__ import annotations

import gzip

from harness.catalog import Answer, Asked, Place
from harness.faults.rewriting import ResponseFault, add, always, instead


def squeeze(answer: Answer, asked: Asked) -> Answer:
    """Send the body compressed, without saying so."""
    return instead(answer, body=gzip.compress(answer.body, mtime=0))


add(
    ResponseFault(
        name="config-garbage",
        title="The config answer is garbage",
        make=always(squeeze),
        felt_at=(Place.PROVIDER, Place.BROWSER),
    )
)
