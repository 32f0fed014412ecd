"""A crowd in a table: for each wave and kind of user how many came, how it ended for them, and how long that took.

And what nobody of it did, so that no pass is read as a word on that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from harness.catalog import Policy
from harness.journal.model import CrowdCall, Evidence, Record

WAVES = ("before", "outage", "after")
WHO = ("honest", "forger", "page")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdRow:
    """One kind of user in one wave; times in milliseconds, None where nobody was answered."""

    wave: str
    who: str
    came: int
    completed: int
    offered: int
    failed: int
    median_ms: float | None
    nearly_all_ms: float | None
    longest_ms: float | None


def crowd_rows(evidence: Evidence) -> Iterator[CrowdRow]:
    """Sum the crowd up; who did not come has no row."""
    for wave in WAVES:
        for who in WHO:
            calls = [call for call in evidence.crowd if (call.wave, call.who) == (wave, who)]
            if calls:
                yield _row(wave, who, calls)


def untried(record: Record) -> tuple[str, ...]:
    """Name the ways that an outage left to honest users, and that nobody of a crowd took: "other-way", "second-factor".

    A crowd sends submits alone, under load as in a storm: an offer is as far as it comes, and under ``block`` not even that.
    """
    if record.scenario.kind not in ("load", "storm"):
        return ()
    offered = [call.offered for call in record.evidence.crowd if call.who == "honest"]
    offered += [attempt.offered for attempt in record.evidence.attempts]
    ways = {
        "other-way": bool(offered) and record.scenario.expect.policy is Policy.BLOCK,
        "second-factor": any(offered),
    }
    return tuple(way for way, left in ways.items() if left)


def _row(wave: str, who: str, calls: list[CrowdCall]) -> CrowdRow:
    times = sorted(call.real_ms for call in calls if call.status is not None)
    return CrowdRow(
        wave=wave,
        who=who,
        came=len(calls),
        completed=sum(call.completed for call in calls),
        offered=sum(call.offered for call in calls),
        failed=sum(call.status is None or call.status >= 500 for call in calls),
        median_ms=_within(times, 0.5),
        nearly_all_ms=_within(times, 0.95),
        longest_ms=_within(times, 1.0),
    )


def _within(times: list[float], share: float) -> float | None:
    return times[math.ceil(share * len(times)) - 1] if times else None
