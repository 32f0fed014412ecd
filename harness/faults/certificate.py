"""Faults of the certificate that the provider shows; felt by connections that are opened after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.catalog import Family, Place
from harness.faults.base import Edge, Receipt
from harness.faults.parameters import Parameter, choose
from harness.faults.receipts import proven, says


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFault:
    """Show a certificate of ``kind`` on every host of the link.

    The handshake is seen to begin and no request follows it; one that does comes from a client that does not look.
    """

    name: str
    title: str
    kind: str
    family: Family = Family.TRANSPORT
    felt_at: tuple[Place, ...] = (Place.ROUTER, Place.PROVIDER, Place.BROWSER, Place.SERVER_CLIENT)
    hangs: bool = False
    needs_cold: bool = True
    parameters: tuple[Parameter, ...] = ()

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        """Show the bad certificate on every host of the link, read back."""
        choose(self.name, self.parameters, edge.parameters)
        return self._show(edge, self.kind)

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        """Show the good certificate again."""
        return self._show(edge, "good")

    def _show(self, edge: Edge, kind: str) -> Sequence[Receipt]:
        receipts = [says(self.name, edge, edge.certificates.show(host, kind), kind) for host in edge.hosts]
        return proven(self.name, edge, receipts)
