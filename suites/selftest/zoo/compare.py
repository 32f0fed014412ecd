"""Compare what a run on the documents' pages found with what was written down before, and differences that are explained."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.catalog import Side
from harness.journal.model import Judgement, Scenario, Verdict

NOT_BEHIND_ENTRY = frozenset({"entry", "page", "submit"})
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Difference:
    """``scenario`` has ``oracle`` (a slug, or ``unknown``) ``missing`` or ``extra``, against what was written down."""

    scenario: str
    kind: str
    oracle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one table of a TOML file speaks of; an empty tuple is everything, the link ``*`` is all behind the entry script."""

    oracle: str
    kind: str
    of_kind: str
    links: tuple[str, ...]
    modes: tuple[int, ...]
    faults: tuple[str, ...]
    flows: tuple[str, ...]

    def speaks_of(self, scenario: Scenario) -> bool:
        """Whether the row is about this scenario."""
        fault = scenario.fault.name if scenario.fault else ""
        return (
            scenario.kind == self.of_kind
            and self._link(scenario)
            and (not self.modes or scenario.mode in self.modes)
            and (not self.faults or fault in self.faults)
            and (not self.flows or scenario.flow in self.flows)
        )

    def _link(self, scenario: Scenario) -> bool:
        if "*" in self.links:
            return scenario.link_side is Side.BROWSER and scenario.link not in NOT_BEHIND_ENTRY
        return not self.links or scenario.link in self.links


def expected_rows(folder: Path) -> tuple[Row, ...]:
    """What ``expected.toml`` wants found, and where it says that nothing can be said."""
    told = _read(folder / "expected.toml")
    unknowns = ({**table, "oracle": UNKNOWN} for table in told.get("unknown", ()))
    return tuple(_row(table, "expected") for table in (*told.get("findings", ()), *unknowns))


def explained_rows(folder: Path) -> tuple[Row, ...]:
    """The differences that RESULTS.md explains: ``[[missing]]`` and ``[[extra]]`` tables of ``explained.toml``."""
    told = _read(folder / "explained.toml")
    return tuple(_row(table, kind) for kind in ("missing", "extra") for table in told.get(kind, ()))


def innocent(folder: Path) -> frozenset[str]:
    """The oracles that must find nothing at all."""
    return frozenset(_read(folder / "expected.toml").get("innocent", {}).get("oracles", ()))


def differences(scenarios: Sequence[Scenario], judgements: Mapping[str, Judgement], rows: Sequence[Row]) -> list[Difference]:
    """Every scenario's oracles that were expected and silent, or not expected and heard."""
    return sorted(found for scenario in scenarios for found in _of(scenario, judgements[scenario.id], rows))


def unexplained(found: Sequence[Difference], scenarios: Sequence[Scenario], rows: Sequence[Row]) -> list[Difference]:
    """The differences that no row explains."""
    by_id = {scenario.id: scenario for scenario in scenarios}
    return [one for one in found if not any(_explains(row, one, by_id[one.scenario]) for row in rows)]


def unused(found: Sequence[Difference], scenarios: Sequence[Scenario], rows: Sequence[Row]) -> list[Row]:
    """Explanations of what did not happen, among those that speak of these scenarios."""
    by_id = {scenario.id: scenario for scenario in scenarios}
    spoken_of = [row for row in rows if any(row.speaks_of(scenario) for scenario in scenarios)]
    return [row for row in spoken_of if not any(_explains(row, one, by_id[one.scenario]) for one in found)]


def heard(judgement: Judgement) -> frozenset[str]:
    """The slugs of a judgement's findings, or ``unknown`` alone."""
    if judgement.verdict is Verdict.UNKNOWN:
        return frozenset({UNKNOWN})
    return frozenset(finding.oracle for finding in judgement.findings)


def _of(scenario: Scenario, judgement: Judgement, rows: Sequence[Row]) -> Iterator[Difference]:
    wanted = {row.oracle for row in rows if row.speaks_of(scenario)}
    if UNKNOWN in wanted:
        wanted = {UNKNOWN}
    found = heard(judgement)
    for kind, slugs in (("missing", wanted - found), ("extra", found - wanted)):
        for slug in slugs:
            yield Difference(scenario=scenario.id, kind=kind, oracle=slug)


def _explains(row: Row, one: Difference, scenario: Scenario) -> bool:
    return (row.kind, row.oracle) == (one.kind, one.oracle) and row.speaks_of(scenario)


def _row(table: Mapping[str, Any], kind: str) -> Row:
    link = table.get("link")
    return Row(
        oracle=table["oracle"],
        kind=kind,
        of_kind=table.get("kind", "fault"),
        links=(link,) if link else (),
        modes=tuple(table.get("modes", ())),
        faults=tuple(table.get("faults", ())),
        flows=tuple(table.get("flows", ())),
    )


def _read(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
