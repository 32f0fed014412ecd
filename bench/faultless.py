"""The same steps with nothing broken: every fault becomes one that does nothing, and nobody waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.catalog import Family, Place
from harness.faults.base import Edge, Fault, Receipt
from harness.journal.model import Scenario

# Nothing is judged here, so nothing may be repeated for a time near its budget either.
AMPLE_MS = 120_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """A fault of the same name that changes nothing, at the moment at which the real one would strike."""

    name: str
    title: str
    family: Family
    felt_at: tuple[Place, ...]
    needs_cold: bool
    hangs: bool = False

    async def apply(self, _edge: Edge) -> Sequence[Receipt]:
        """Do nothing."""
        return ()

    async def heal(self, _edge: Edge) -> Sequence[Receipt]:
        """Have nothing to undo."""
        return ()


def nothing(fault: Fault) -> Fault:
    """Put a :class:`Nothing` in a fault's place."""
    return Nothing(
        name=fault.name, title=fault.title, family=fault.family, felt_at=fault.felt_at, needs_cold=fault.needs_cold
    )


def faultless(scenario: Scenario) -> Scenario:
    """The scenario with its user's acts and visits kept, and every wait that only the fault is the reason for taken away."""
    fault = replace(scenario.fault, hangs=False) if scenario.fault is not None else None
    behaviour = replace(scenario.behaviour, pause_before_show_ms=0, solve_ms=0)
    expect = replace(
        scenario.expect, fallback_budget_ms=AMPLE_MS, business_budget_ms=AMPLE_MS, server_budget_ms=AMPLE_MS,
        recovery_budget_ms=AMPLE_MS,
    )
    return replace(scenario, fault=fault, behaviour=behaviour, expect=expect, wait_ms=0)
