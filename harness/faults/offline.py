"""The visitor's device loses its network: every request of the page fails at once, to the target as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.catalog import Family, Place
from harness.faults.base import FAULTS, Edge, Receipt
from harness.faults.parameters import Parameter, choose
from harness.faults.receipts import says


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """Take the browser context off the network."""

    name: str = "offline"
    title: str = "The visitor's device is offline"
    family: Family = Family.BROWSER
    felt_at: tuple[Place, ...] = (Place.BROWSER, Place.PROVIDER, Place.ROUTER)
    hangs: bool = False
    needs_cold: bool = False
    parameters: tuple[Parameter, ...] = ()

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        """Take the network away; read back from the pages."""
        choose(self.name, self.parameters, edge.parameters)
        return [says(self.name, edge, await edge.browser.set_offline(True), "True")]

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        """Give the network back; read back from the pages."""
        return [says(self.name, edge, await edge.browser.set_offline(False), "False")]


FAULTS.add("offline", Offline())
