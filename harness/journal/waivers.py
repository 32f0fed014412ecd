"""What a run's waivers did, from its journal's types alone. Days are UTC days, and the day that counts is the run's first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from harness.catalog import Waiver
from harness.journal.model import Finding, Judgement, RunInfo


class WaiverState(StrEnum):
    """What became of a waiver.

    Used: it waived something. Worse: what it waives came worse than it covers, and counts. Stale: every scenario that could
    show it was judged, and none did. Expired: its day is past. Untried: it never occurred, and not all of them were judged.
    """

    USED = "used"
    WORSE = "worse"
    STALE = "stale"
    EXPIRED = "expired"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverUse:
    """One waiver, what became of it, the ids of the scenarios in which it waived a finding, and those where one was worse."""

    waiver: Waiver
    state: WaiverState
    scenarios: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()


def in_force(run: RunInfo) -> tuple[Waiver, ...]:
    """The waivers that hold on the UTC day on which the run began; so the same journal gives the same verdicts for ever."""
    day = datetime.fromtimestamp(run.began_unix_s, UTC).date().isoformat()
    return tuple(waiver for waiver in run.waivers if day <= waiver.until)


def covers(waiver: Waiver, scenario_id: str) -> bool:
    """Say whether a waiver is about a scenario."""
    return not waiver.scenarios or fnmatchcase(scenario_id, waiver.scenarios)


def means(waiver: Waiver, finding: Finding) -> bool:
    """Say whether a waiver is about a finding, however severe it is; runs of white space count as one space."""
    text = _plain(waiver.text)
    return waiver.finding == finding.oracle and (text in _plain(finding.expected) or text in _plain(finding.seen))


def _plain(text: str) -> str:
    return " ".join(text.split())


def uses_of(run: RunInfo, judgements: Mapping[str, Judgement]) -> tuple[WaiverUse, ...]:
    """Say what became of each waiver of a run, in the target file's order."""
    holding, reach = in_force(run), dict(zip(run.waivers, run.waivers_reach, strict=False))
    return tuple(
        _use(waiver, judgements, reach=reach.get(waiver, 0))
        if waiver in holding
        else WaiverUse(waiver=waiver, state=WaiverState.EXPIRED)
        for waiver in run.waivers
    )


def _use(waiver: Waiver, judgements: Mapping[str, Judgement], *, reach: int) -> WaiverUse:
    """``reach``: how many scenarios of the whole plan could show what it waives; 0 in a journal that does not say."""
    hit = tuple(id_ for id_, judgement in judgements.items() if any(one.waiver == waiver for one in judgement.waived))
    worse = tuple(id_ for id_, judgement in judgements.items() if waiver in judgement.outgrown_waivers)
    idle = sum(waiver in judgement.idle_waivers for judgement in judgements.values())
    if worse:
        state = WaiverState.WORSE
    elif hit:
        state = WaiverState.USED
    else:
        state = WaiverState.STALE if idle and idle == reach else WaiverState.UNTRIED
    return WaiverUse(waiver=waiver, state=state, scenarios=hit, worse=worse)
