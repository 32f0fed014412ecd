"""Faults that are a wrong answer: a function from the provider's answer to the one that is sent instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.catalog import Answer, Asked, Family, Place, Rewrite
from harness.errors import LaboratoryError
from harness.faults.base import FAULTS, Edge, Receipt
from harness.faults.parameters import Parameter, choose
from harness.faults.receipts import says

# The provider's log has the rewrite; the client meets a status, a failure or a missing effect.
SEEN_BY_BOTH_ENDS = (Place.PROVIDER, Place.BROWSER, Place.SERVER_CLIENT)
# An answer that stalls also shows in the router's silence and in how late the target answers its own client.
STALLS = (Place.PROVIDER, Place.ROUTER, Place.BROWSER, Place.ORIGIN, Place.SERVER_CLIENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFault:
    """One rewrite of every answer on the link; ``make`` builds it from the chosen parameters."""

    name: str
    title: str
    make: Callable[[Mapping[str, int]], Rewrite]
    parameters: tuple[Parameter, ...] = ()
    felt_at: tuple[Place, ...] = SEEN_BY_BOTH_ENDS
    hangs: bool = False
    needs_cold: bool = False
    family: Family = Family.RESPONSE

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        """Put the rewrite into the provider's table; read back by its label."""
        rewrite = self.make(choose(self.name, self.parameters, edge.parameters))
        return [says(self.name, edge, edge.responses.set(edge.link, rewrite, self.name), self.name)]

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        """Take the rewrite off; read back that none stands."""
        receipt = edge.responses.clear(edge.link)
        if self.name in receipt.read_back:
            raise LaboratoryError(f"the fault {self.name!r} still stands on the link {edge.link!r}: {receipt.read_back!r}")
        return [receipt]


def add(fault: ResponseFault) -> None:
    """Register a response fault under its name."""
    FAULTS.add(fault.name, fault)


def always(rewrite: Rewrite) -> Callable[[Mapping[str, int]], Rewrite]:
    """Make a rewrite that takes no parameters."""
    return lambda _chosen: rewrite


def instead(answer: Answer, *, body: bytes, content_type: str | None = None, status: int = 200) -> Answer:
    """Keep the answer's headers (its CORS and cache rules are not what is broken) and replace what is given."""
    headers = answer.headers
    if content_type is not None:
        headers = (*(pair for pair in headers if pair[0].lower() != "content-type"), ("content-type", content_type))
    return replace(answer, status=status, headers=headers, body=body)


def saying(body: bytes, *, content_type: str | None = None, status: int = 200) -> Callable[[Mapping[str, int]], Rewrite]:
    """Make a rewrite that always answers the same; without a content type the answer's own stays."""

    def rewrite(answer: Answer, asked: Asked) -> Answer:
        return instead(answer, body=body, content_type=content_type, status=status)

    return always(rewrite)
