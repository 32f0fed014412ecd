"""Which flows come through in real time alone: their pages or sessions do not bear a `Date` that stands in the past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from harness.journal.model import Diagnosis, Record
from harness.judge.reading import COMPLETED, HONEST, visits
from harness.judge.repeat import BY_ANOTHER_CLOCK

# One or two that came through the second time only may be chance.
ENOUGH = 3


def clock_sensitive(records: Sequence[Record]) -> tuple[Diagnosis, ...]:
    """Name each flow whose user, in more than half of the scenarios under the lab's clock, came through in real time alone.

    Less than that is a busy machine's doing as well.
    """
    tried = [record for record in records if record.attempt == 1 and record.evidence.clock != "real"]
    repeated = {record.scenario.id: record for record in records if record.repeat_reason in BY_ANOTHER_CLOCK}
    by_flow = sorted(tried, key=lambda record: record.scenario.flow)
    return tuple(
        one for flow, its in groupby(by_flow, key=lambda record: record.scenario.flow)
        for one in _of_flow(flow, list(its), repeated)
    )  # fmt: skip


def _of_flow(flow: str, tried: list[Record], repeated: dict[str, Record]) -> Iterator[Diagnosis]:
    again = [(first, repeated[first.scenario.id]) for first in tried if first.scenario.id in repeated]
    only_in_real_time = [first for first, second in again if not _came_through(first) and _came_through(second)]
    if len(tried) >= ENOUGH and len(only_in_real_time) * 2 > len(tried):
        of = f"{len(only_in_real_time)} of {len(tried)} scenarios whose page began with Date in the past"
        yield Diagnosis(
            name="clock-sensitive",
            seen=f"flow {flow}, {of} came through in real time alone, as {only_in_real_time[0].scenario.id}",
            mend="nothing is judged by it, but each took its time twice: make the page and its session bear a Date that is "
            "a minute off, as users' clocks are, or run with --real-time",
        )


def _came_through(record: Record) -> bool:
    return any(visit.outcome in COMPLETED for visit in visits(record, HONEST))
