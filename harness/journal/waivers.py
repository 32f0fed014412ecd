"""What a run's waivers did, from its journal's types alone. Days are UTC days, and the day that counts is the run's first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from harness.catalog import Waiver
from harness.journal.model import Judgement, RunInfo


class WaiverState(StrEnum):
    """Used: it waived something. Stale: what it waives never occurred. Expired: its day is past. Untried: nobody looked."""

    USED = "used"
    STALE = "stale"
    EXPIRED = "expired"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverUse:
    """One waiver, what became of it, and the ids of the scenarios in which it waived a finding."""

    waiver: Waiver
    state: WaiverState
    scenarios: tuple[str, ...] = ()


def in_force(run: RunInfo) -> tuple[Waiver, ...]:
    """The waivers that hold on the UTC day on which the run began; so the same journal gives the same verdicts for ever."""
    day = datetime.fromtimestamp(run.began_unix_s, UTC).date().isoformat()
    return tuple(waiver for waiver in run.waivers if day <= waiver.until)


def covers(waiver: Waiver, scenario_id: str) -> bool:
    """Say whether a waiver is about a scenario."""
    return not waiver.scenarios or fnmatchcase(scenario_id, waiver.scenarios)


def uses_of(run: RunInfo, judgements: Mapping[str, Judgement]) -> tuple[WaiverUse, ...]:
    """Say what became of each waiver of a run, in the target file's order."""
    holding = in_force(run)
    return tuple(_use(waiver, judgements, holds=waiver in holding) for waiver in run.waivers)


def _use(waiver: Waiver, judgements: Mapping[str, Judgement], *, holds: bool) -> WaiverUse:
    if not holds:
        return WaiverUse(waiver=waiver, state=WaiverState.EXPIRED)
    hit = tuple(id_ for id_, judgement in judgements.items() if any(one.waiver == waiver for one in judgement.waived))
    if hit:
        return WaiverUse(waiver=waiver, state=WaiverState.USED, scenarios=hit)
    idle = any(waiver in judgement.idle_waivers for judgement in judgements.values())
    return WaiverUse(waiver=waiver, state=WaiverState.STALE if idle else WaiverState.UNTRIED)
