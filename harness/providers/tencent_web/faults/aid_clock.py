"""Clocks that ``aidEncrypted`` does not survive: the vendor checks a value's time by its own (seed 003).

Nothing is rewritten: the vendor's clock is set, and its own check refuses. Its signature check compares clocks too, so a server
that is far off also gets no verdict while the fault stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.catalog import Family, Place
from harness.faults.base import FAULTS, Edge, Receipt
from harness.faults.parameters import Parameter, choose
from harness.faults.receipts import says

_AT_BOTH_ENDS = (Place.PROVIDER, Place.BROWSER)


@dataclass(frozen=True, slots=True, kw_only=True)
class AidClock:
    """Set the vendor's clock ``sign`` × the parameter's seconds apart from the server's."""

    name: str
    title: str
    parameter: Parameter
    sign: int
    family: Family = Family.RESPONSE
    felt_at: tuple[Place, ...] = _AT_BOTH_ENDS
    hangs: bool = False
    needs_cold: bool = False

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The number this fault takes."""
        return (self.parameter,)

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        """Set the clock; read back where it stands."""
        apart_s = self.sign * choose(self.name, self.parameters, edge.parameters)[self.parameter.name]
        return [says(self.name, edge, edge.clock.skew(apart_s), str(apart_s))]

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        """Set the clock right again."""
        return [says(self.name, edge, edge.clock.skew(0), "0")]


for _fault in (
    AidClock(
        name="server-clock-ahead",
        title="The server's clock is an hour ahead of the vendor's",
        parameter=Parameter(name="ahead_s", default=3600, least=1, meaning="seconds the server's clock is ahead"),
        sign=-1,
    ),
    AidClock(
        name="aid-expires",
        title="The page's aidEncrypted expires while the captcha is open",
        parameter=Parameter(name="late_s", default=90_000, least=1, meaning="seconds that pass for the vendor"),
        sign=1,
    ),
):
    FAULTS.add(_fault.name, _fault)
