"""The table of docs/faults.md is the registry's, and every fault keeps the contract."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.catalog import Family
from harness.errors import UsageError
from harness.faults.base import FAULTS, Fault
from harness.providers.base import PROVIDERS

# Each provider registers the faults of its own vendor.
PROVIDERS.all()

DOCUMENT = Path(__file__).parents[3] / "docs" / "faults.md"
ROW = re.compile(r"\| `([a-z0-9-]+)` \| (\w+) \| .+ \| (.+) \| ([a-z, -]+) \| .+ \|")


def rows() -> dict[str, tuple[str, str, str]]:
    found = [match.groups() for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if (match := ROW.fullmatch(line))]
    return {name: (family, parameters, places) for name, family, parameters, places in found}


def test_every_fault_is_documented_with_its_family_parameters_and_places() -> None:
    told = {
        name: (
            str(fault.family),
            "; ".join(f"`{p.name}` = {p.default}" for p in getattr(fault, "parameters", ())) or "–",
            ", ".join(fault.felt_at),
        )
        for name, fault in FAULTS.all().items()
    }
    assert rows() == told


@pytest.mark.parametrize("name", FAULTS.all())
def test_a_fault_names_at_least_two_places_and_speaks_plainly(name: str) -> None:
    fault = FAULTS.get(name)
    assert isinstance(fault, Fault)
    assert fault.name == name
    assert len(set(fault.felt_at)) >= 2
    assert re.fullmatch(r"[A-Z][^_`]{10,90}[^.]", fault.title)
    assert isinstance(fault.family, Family)


def test_titles_tell_the_faults_apart() -> None:
    titles = [fault.title for fault in FAULTS]
    assert len(set(titles)) == len(titles)


def test_every_toxic_kind_is_there_in_both_directions() -> None:
    kinds = {(fault.kind, fault.stream) for fault in FAULTS if hasattr(fault, "kind") and hasattr(fault, "stream")}
    names = ("bandwidth", "latency", "limit_data", "reset_peer", "slicer", "slow_close", "timeout")
    assert kinds == {(kind, stream) for kind in names for stream in ("downstream", "upstream")}


def test_an_unknown_fault_is_answered_with_the_closest_one() -> None:
    with pytest.raises(UsageError, match="did you mean 'latency'"):
        FAULTS.get("latncy")
