"""The first requests are lost with their connections, and those after them are answered: how many tries does a client have?

Losing is ``reset-unanswered``: the request that was lost was acted on, so that whoever sends a ticket again uses it twice.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.catalog import Answer, Asked, Rewrite
from harness.faults.hung_up import reset
from harness.faults.parameters import Parameter
from harness.faults.rewriting import STALLS, ResponseFault, add

TIMES = Parameter(name="times", default=1, least=1, meaning="requests in a row that are lost")


def make(chosen: Mapping[str, int]) -> Rewrite:
    """Make a rewrite that counts for itself: each application begins anew."""
    left = iter(range(chosen[TIMES.name]))

    def lose(answer: Answer, asked: Asked) -> Answer:
        return answer if next(left, None) is None else reset(answer, asked)

    return lose


add(
    ResponseFault(
        name="first-lost", title="The first requests are lost by a reset", make=make, parameters=(TIMES,), felt_at=STALLS
    )
)
