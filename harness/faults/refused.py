"""Nobody listens: connections are refused, and open ones are dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.catalog import Family, Place
from harness.faults.base import FAULTS, Edge, Receipt
from harness.faults.parameters import Parameter, choose
from harness.faults.receipts import proven
from harness.faults.toxic import ENDS_CONNECTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Disable every proxy of the link: it closes its port and every connection.

    A script's ``error`` fires at once, cold and warm (PITFALLS.md).
    """

    name: str = "refused"
    title: str = "Every connection is refused"
    family: Family = Family.TRANSPORT
    felt_at: tuple[Place, ...] = ENDS_CONNECTION
    hangs: bool = False
    needs_cold: bool = False
    parameters: tuple[Parameter, ...] = ()

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        """Disable every proxy of the link, each read back."""
        choose(self.name, self.parameters, edge.parameters)
        return proven(self.name, edge, [await proxy.set_enabled(False) for proxy in edge.proxies])

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        """Enable every proxy of the link again, each read back on its old port."""
        return proven(self.name, edge, [await proxy.set_enabled(True) for proxy in edge.proxies])


FAULTS.add("refused", Refused())
