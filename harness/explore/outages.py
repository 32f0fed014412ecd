"""The outages of the verdict API that a search puts a target through: those of its plan in which no verdict comes at all."""

from __future__ import annotations

from dataclasses import dataclass

from harness.catalog import Family, Warmth
from harness.errors import ConfigurationError, closest
from harness.faults.base import FAULTS
from harness.plan.build import Plan

VERDICT = "verdict"
HEALTHY = "health"
# The other faults of connections let an answer through late or by a certificate: whether it is heard is the target's patience.
_TRANSPORT = ("refused", "reset", "hang")
# These come late, or answer with where to ask again.
_NOT_SILENT = ("redirect", "drip", "late", "slow", "clock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One fault on the verdict link; ``parameters`` are those of the plan."""

    fault: str
    parameters: tuple[tuple[str, int], ...] = ()


def outages_of(plan: Plan, flow: str) -> tuple[Outage, ...]:
    """Every outage of a flow: the quickest to tell come first, what hangs last."""
    found: dict[str, Outage] = {}
    for scenario in plan.scenarios:
        if scenario.flow != flow or scenario.kind != "fault" or scenario.link != VERDICT or scenario.fault is None:
            continue
        name = scenario.fault.name
        if scenario.warmth is Warmth.COLD and _silences(name):
            found.setdefault(name, Outage(fault=name, parameters=tuple(scenario.parameters)))
    return tuple(sorted(found.values(), key=_order))


def outage_named(plan: Plan, flow: str, health: str) -> Outage | None:
    """The outage that a case names, None for health; raises :class:`ConfigurationError` where the flow has none."""
    if health == HEALTHY:
        return None
    found = {outage.fault: outage for outage in outages_of(plan, flow)}
    if health not in found:
        raise ConfigurationError(f"the flow {flow!r} has no outage {health!r}{closest(health, (HEALTHY, *found))}")
    return found[health]


def _order(outage: Outage) -> tuple[bool, bool, bool]:
    """Refused first, then what is answered wrongly, each in its own way; what hangs takes longest."""
    fault = FAULTS.get(outage.fault)
    return fault.hangs, outage.fault != "refused", fault.family is Family.TRANSPORT


def _silences(name: str) -> bool:
    fault = FAULTS.get(name)
    if any(word in name for word in _NOT_SILENT):
        return False
    return fault.family is Family.RESPONSE or name in _TRANSPORT
