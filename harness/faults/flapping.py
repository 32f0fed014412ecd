"""The other side fails every other time, the first time first: a retry helps, and using a ticket twice shows.

Failing is ``reset-unanswered``: the request that failed was acted on. Source: domain/oracles.md 8.2, "flapping (fail, ok)".
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

from harness.catalog import Answer, Asked, Rewrite
from harness.faults.hung_up import reset
from harness.faults.rewriting import STALLS, ResponseFault, add


def make(chosen: Mapping[str, int]) -> Rewrite:
    """Make a rewrite that counts for itself: each application begins with a failure."""
    fails = cycle((True, False))

    def flap(answer: Answer, asked: Asked) -> Answer:
        return reset(answer, asked) if next(fails) else answer

    return flap


add(ResponseFault(name="flapping", title="Every other request fails by a reset", make=make, felt_at=STALLS))
