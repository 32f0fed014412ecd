"""The vendor's clock and the server's are ten minutes apart, so the signature check answers ``AuthFailure.SignatureExpire``.

It refuses more than five minutes (domain/tencent-api.md 1.6), by its own check: nothing is rewritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.catalog import Family, Place
from harness.faults.base import FAULTS, Edge, Receipt
from harness.faults.parameters import Parameter, choose
from harness.faults.receipts import says
from harness.providers.tencent_web.faults.gateway import AT_THE_API

SKEW = Parameter(name="skew_s", default=600, least=301, meaning="seconds the vendor's clock is ahead")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSkew:
    """Set the provider's clock ahead."""

    name: str = "clock-skew"
    title: str = "The server's clock is ten minutes behind the vendor's"
    family: Family = Family.RESPONSE
    felt_at: tuple[Place, ...] = AT_THE_API
    hangs: bool = False
    needs_cold: bool = False
    parameters: tuple[Parameter, ...] = (SKEW,)

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        """Set the clock ahead; read back by how much."""
        ahead_s = choose(self.name, self.parameters, edge.parameters)[SKEW.name]
        return [says(self.name, edge, edge.clock.skew(ahead_s), str(ahead_s))]

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        """Set the clock right again."""
        return [says(self.name, edge, edge.clock.skew(0), "0")]


FAULTS.add("clock-skew", ClockSkew())
