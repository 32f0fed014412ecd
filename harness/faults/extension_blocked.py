"""A content blocker in the visitor's browser: requests to the link's hosts end before they leave (ERR_BLOCKED_BY_CLIENT)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.catalog import Family, Place
from harness.faults.base import FAULTS, Edge, Receipt
from harness.faults.parameters import Parameter, choose
from harness.faults.receipts import says


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionBlocked:
    """Block every URL of the link's hosts in this visitor's browser."""

    name: str = "extension-blocked"
    title: str = "The visitor's content blocker blocks it"
    family: Family = Family.BROWSER
    felt_at: tuple[Place, ...] = (Place.BROWSER, Place.PROVIDER)
    hangs: bool = False
    needs_cold: bool = False
    parameters: tuple[Parameter, ...] = ()

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        """Block ``https://<host>/`` for every host of the link, each read back."""
        choose(self.name, self.parameters, edge.parameters)
        patterns = [f"https://{host}/" for host in edge.hosts]
        receipt = await edge.browser.block(patterns)
        for pattern in patterns:
            says(self.name, edge, receipt, pattern)
        return [receipt]

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        """Take the blocks away."""
        return [await edge.browser.unblock()]


FAULTS.add("extension-blocked", ExtensionBlocked())
