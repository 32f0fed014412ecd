"""How long users took after a fault had ended, for each kind of visitor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from harness.report.view import RECOVERY_VISITS, RunView


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """One kind of visitor: how many came, how many were verified, and their times from click to done, in page time."""

    who: str
    came: int
    verified: int
    middle_ms: float | None
    longest_ms: float | None


def recoveries(view: RunView) -> tuple[Recovery, ...]:
    """The kinds of visitors that came after a fault which was felt; empty where none did."""
    return tuple(_recoveries(view))


def _recoveries(view: RunView) -> Iterator[Recovery]:
    felt = [one.record.evidence.visits for one in view.judged if one.judgement.fault_felt]
    for who in RECOVERY_VISITS:
        came = [visit for visits in felt for visit in visits if visit.name == who]
        times = [visit.business_ms for visit in came if visit.outcome == "verified" and visit.business_ms is not None]
        if came:
            yield Recovery(
                who=who,
                came=len(came),
                verified=len(times),
                middle_ms=round(median(times), 1) if times else None,
                longest_ms=max(times, default=None),
            )
