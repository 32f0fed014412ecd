"""How long users took after a fault had ended, for each kind of visitor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from harness.judge.storms import next_verified
from harness.report.view import RECOVERY_VISITS, RunView

AFTER_A_CROWD = "after-a-crowd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """One kind of visitor: how many came, how many were verified, and their times from click to done, in page time.

    After a crowd the times are real, from the outage's end until somebody was verified, and one came for each crowd.
    """

    who: str
    came: int
    verified: int
    middle_ms: float | None
    longest_ms: float | None


def recoveries(view: RunView) -> tuple[Recovery, ...]:
    """The kinds of visitors that came after a fault which was felt; empty where none did."""
    return tuple(_recoveries(view))


def _recoveries(view: RunView) -> Iterator[Recovery]:
    felt = [one.record for one in view.judged if one.judgement.fault_felt]
    for who in RECOVERY_VISITS:
        came = [visit for record in felt for visit in record.evidence.visits if visit.name == who]
        if came:
            done = [visit.business_ms for visit in came if visit.outcome == "verified"]
            yield _summed(who, len(came), [spent_ms for spent_ms in done if spent_ms is not None])
    if storms := [record for record in felt if record.scenario.kind == "storm"]:
        first = [one for one in map(next_verified, storms) if one is not None]
        yield _summed(AFTER_A_CROWD, len(storms), [one.after_ms + one.real_ms for one in first])


def _summed(who: str, came: int, times: Sequence[float]) -> Recovery:
    return Recovery(
        who=who,
        came=came,
        verified=len(times),
        middle_ms=round(median(times), 1) if times else None,
        longest_ms=max(times, default=None),
    )
