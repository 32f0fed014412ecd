"""Faults that are one toxic on every proxy of the link.

Determinism is ours, for the server's ``-seed`` has no effect: toxicity is 1.0, jitter and variation are 0
(PITFALLS.md, "Toxiproxy").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.catalog import Family, Place
from harness.faults.base import FAULTS, Edge, Receipt
from harness.faults.parameters import Parameter, choose
from harness.faults.receipts import proven

DOWNSTREAM = "downstream"
UPSTREAM = "upstream"
# A connection that fails or goes dead is known all along its way; at its far end by what never came, or came again.
ENDS_CONNECTION = (Place.TOXIPROXY, Place.ROUTER, Place.PROVIDER, Place.BROWSER, Place.ORIGIN, Place.SERVER_CLIENT)
# Nothing is lost here, so no byte count tells: it shows in the time that everyone waited.
TAKES_TIME = (Place.ROUTER, Place.BROWSER, Place.ORIGIN, Place.SERVER_CLIENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToxicFault:
    """One toxic of ``kind`` on ``stream``. ``attributes``: the toxic's attribute → our parameter, or a fixed number."""

    name: str
    title: str
    kind: str
    stream: str
    attributes: Mapping[str, Parameter | int]
    felt_at: tuple[Place, ...]
    hangs: bool = False
    needs_cold: bool = False
    family: Family = Family.TRANSPORT

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The numbers this fault takes."""
        return tuple(value for value in self.attributes.values() if isinstance(value, Parameter))

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        """Add the toxic to every proxy of the link, each read back."""
        chosen = choose(self.name, self.parameters, edge.parameters)
        attributes = {
            key: chosen[value.name] if isinstance(value, Parameter) else value for key, value in self.attributes.items()
        }
        receipts = [await proxy.add_toxic(self.kind, self.stream, attributes) for proxy in edge.proxies]
        return proven(self.name, edge, receipts)

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        """Remove the toxic from every proxy of the link, each read back."""
        receipts = [await proxy.remove_toxic(self.kind, self.stream) for proxy in edge.proxies]
        return proven(self.name, edge, receipts)


def add_both_ways(fault: ToxicFault, *, upstream_title: str) -> None:
    """Register a downstream fault, and its twin for what the client sends as ``<name>-upstream``."""
    FAULTS.add(fault.name, fault)
    twin = replace(fault, name=f"{fault.name}-upstream", stream=UPSTREAM, title=upstream_title)
    FAULTS.add(twin.name, twin)
