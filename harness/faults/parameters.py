"""The numbers a fault takes: named with their unit, each with a default that is documented in docs/faults.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.errors import UsageError, closest
from harness.faults.base import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One number. ``name`` ends in its unit, ``default`` is used when nobody gives one, ``least`` is the smallest allowed."""

    name: str
    default: int
    meaning: str
    least: int = 0


def choose(fault: str, known: Sequence[Parameter], given: Mapping[str, int]) -> Mapping[str, int]:
    """Fill in the defaults; raises UsageError for a parameter the fault does not have, or a value it cannot take."""
    by_name = {parameter.name: parameter for parameter in known}
    for name, value in given.items():
        if name not in by_name:
            hint = closest(name, by_name) if by_name else "; it takes none"
            raise UsageError(f"the fault {fault!r} has no parameter {name!r}{hint}")
        if isinstance(value, bool) or not isinstance(value, int) or value < by_name[name].least:
            raise UsageError(f"{name} of the fault {fault!r} must be a whole number from {by_name[name].least}, not {value!r}")
    return {name: given.get(name, parameter.default) for name, parameter in by_name.items()}


def demand_taken(fault: Fault, given: Mapping[str, int]) -> None:
    """Raise UsageError for what a fault does not take.

    One of another package's may have no parameters to ask for, and then says itself what it cannot take.
    """
    if (known := getattr(fault, "parameters", None)) is not None:
        choose(fault.name, known, given)
