"""When a time over its budget cannot be told from noise: over it by less than the same quantity varies where nothing is broken.

The scenario has been repeated alone by then (:mod:`harness.judge.repeat`). What is late once more, and by so little, is
unknown: no fail that the machine may have made, and never a pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.journal.model import Finding, Record
from harness.judge.controls import same_flow
from harness.judge.repeat import NEAR
from harness.judge.timing import Timed, judged, undisturbed


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How one quantity varies over the controls of a run, in milliseconds; ``count`` measurements."""

    least_ms: float
    most_ms: float
    count: int

    @property
    def ms(self) -> float:
        """From the least to the most: 0 where it was measured once, or never."""
        return self.most_ms - self.least_ms


def noise(record: Record, findings: Sequence[Finding], controls: Sequence[Record]) -> tuple[str, ...]:
    """Say why nothing is known where every finding is a time that is over its budget by less than the controls' own spread.

    Empty before the scenario was repeated for such a time, and where another finding, or a time that is clearly over, stands.
    """
    if record.repeat_reason != NEAR or not findings:
        return ()
    late = [(timed, _spread(timed.quantity, record, controls)) for timed in judged(record) if timed.overdue]
    within = [(timed, spread) for timed, spread in late if timed.spent_ms - timed.budget_ms < spread.ms]
    explained = {(timed.expected, timed.seen) for timed, _ in within}
    if any((found.expected, found.seen) not in explained for found in findings):
        return ()
    return tuple(dict.fromkeys(_said(timed, spread) for timed, spread in within))


def _spread(quantity: str, record: Record, controls: Sequence[Record]) -> Spread:
    own = [control for control in controls if control.scenario.kind == "control" and same_flow(control, record)]
    if record.scenario.kind == "load":
        # No control is a crowd; but before its outage this one met nothing that was broken.
        own.append(record)
    times = [spent_ms for control in own for name, spent_ms in undisturbed(control) if name == quantity]
    return Spread(least_ms=min(times, default=0.0), most_ms=max(times, default=0.0), count=len(times))


def _said(timed: Timed, spread: Spread) -> str:
    over_ms = timed.spent_ms - timed.budget_ms
    return (
        f"budget indistinguishable from noise: {timed.seen}, {over_ms:.0f} ms over its budget of {timed.budget_ms:.0f} ms, and "
        f"with nothing broken the same varies by {spread.ms:.0f} ms, from {spread.least_ms:.0f} to {spread.most_ms:.0f} ms in "
        f"{spread.count} measurements"
    )
