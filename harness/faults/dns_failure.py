"""The link's names do not resolve. Felt by connections that are opened after it; the router's log has the refused name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.catalog import Family, Place
from harness.faults.base import FAULTS, Edge, Receipt
from harness.faults.parameters import Parameter, choose


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsFailure:
    """Refuse every host name of the link, for browser and server alike."""

    name: str = "dns-failure"
    title: str = "The name cannot be resolved"
    family: Family = Family.BROWSER
    felt_at: tuple[Place, ...] = (Place.ROUTER, Place.PROVIDER, Place.BROWSER, Place.SERVER_CLIENT)
    hangs: bool = False
    needs_cold: bool = True
    parameters: tuple[Parameter, ...] = ()

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        """Refuse the names of every host of the link."""
        choose(self.name, self.parameters, edge.parameters)
        return [await edge.browser.refuse_names(edge.hosts)]

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        """Let them resolve again."""
        return [await edge.browser.restore_names(edge.hosts)]


FAULTS.add("dns-failure", DnsFailure())
