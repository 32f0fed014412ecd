"""What the run covered, counted from felt faults only, and the heat map mode × flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.catalog import Family, Phase
from harness.journal.model import RunInfo, Verdict
from harness.report.view import ScenarioView

# What journals mean that do not say it: they were written when Tencent's client was the only one.
_TENCENT = (*range(1001, 1015), *range(2001, 2007))
_WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WAIVED, Verdict.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One link × family × phase; ``felt`` when a fault there was felt at least once."""

    link: str
    family: Family
    phase: Phase
    felt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """``documented``: the providers' modes; ``exercised``: those with a felt fault; ``survived``: all their scenarios pass."""

    cells: tuple[Cell, ...]
    documented: tuple[int, ...]
    exercised: tuple[int, ...]
    survived: tuple[int, ...]

    @property
    def felt(self) -> int:
        """How many distinct cells had a felt fault."""
        return sum(cell.felt for cell in self.cells)

    @property
    def missing(self) -> tuple[int, ...]:
        """Documented modes that nothing exercised."""
        return tuple(mode for mode in self.documented if mode not in self.exercised)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatCell:
    """The scenarios of one mode on one flow; ``worst`` is one with the worst verdict, None where there is none."""

    worst: ScenarioView | None
    passed: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """One mode over all flows; ``mode`` None gathers what has no documented code."""

    mode: int | None
    title: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """Modes × flows."""

    flows: tuple[str, ...]
    rows: tuple[HeatRow, ...]


def documented_in(run: RunInfo) -> tuple[int, ...]:
    """The codes of the failure modes that the run's providers document."""
    return run.documented or _TENCENT


def cover(scenarios: Sequence[ScenarioView], documented: tuple[int, ...]) -> Coverage:
    """Count what was really struck; what breaks no link, and twins that differ in a status code only, are left out."""
    cells: dict[tuple[str, Family, Phase], bool] = {}
    modes: dict[int, list[ScenarioView]] = {}
    for one in scenarios:
        scenario = one.record.scenario
        if scenario.fault is None or scenario.kind == "schedule":
            # Of a schedule other lists tell which pairs it covers: that any of it was felt says nothing of its first fault.
            continue
        if scenario.mode is not None and scenario.mode in documented:
            modes.setdefault(scenario.mode, []).append(one)
        if not scenario.twin_of:
            key = (scenario.link, scenario.fault.family, scenario.phase)
            cells[key] = cells.get(key, False) or one.judgement.fault_felt
    exercised = tuple(mode for mode in sorted(modes) if any(one.judgement.fault_felt for one in modes[mode]))
    survived = tuple(mode for mode in exercised if all(one.verdict is Verdict.PASS for one in modes[mode]))
    return Coverage(
        documented=documented,
        cells=tuple(Cell(link=link, family=family, phase=phase, felt=felt) for (link, family, phase), felt in cells.items()),
        exercised=exercised,
        survived=survived,
    )


def heat(scenarios: Sequence[ScenarioView], documented: tuple[int, ...]) -> HeatMap:
    """Gather verdicts by mode and flow; every documented mode has its row, run or not."""
    faulty = [one for one in scenarios if one.record.scenario.kind != "control"]
    flows = tuple(sorted({one.record.scenario.flow for one in faulty}))
    found = {one.record.scenario.mode for one in faulty}
    modes = sorted({*documented, *(mode for mode in found if mode is not None)})
    rows = [_heat_row(mode, flows, faulty) for mode in (*modes, *([None] if None in found else []))]
    return HeatMap(flows=flows, rows=tuple(rows))


def _heat_row(mode: int | None, flows: Sequence[str], faulty: Sequence[ScenarioView]) -> HeatRow:
    mine = [one for one in faulty if one.record.scenario.mode == mode]
    # Providers have words of their own for what goes wrong behind a server. What comes and goes is called by its course.
    named = [one for one in mine if one.record.scenario.kind == "fault"] or mine
    titles = dict.fromkeys(one.record.scenario.mode_title for one in named if mode is not None)
    return HeatRow(mode=mode, title=" / ".join(filter(None, titles)), cells=tuple(_heat_cell(mine, flow) for flow in flows))


def _heat_cell(mine: Sequence[ScenarioView], flow: str) -> HeatCell:
    here = [one for one in mine if one.record.scenario.flow == flow]
    worst = min(here, key=lambda one: _WORST_FIRST.index(one.verdict), default=None)
    return HeatCell(worst=worst, passed=sum(one.verdict is Verdict.PASS for one in here), total=len(here))
