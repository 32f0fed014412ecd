"""How often a limit may be used up in a run: as often as windows of it may have begun meanwhile."""

from __future__ import annotations

import math
from dataclasses import replace

from harness.journal.model import Limits, Record


def at_most(limits: Limits, lasted_s: float) -> Limits:
    """What a target that keeps its limits may give in so many seconds, wherever its windows begin.

    One window's share, unless it lasted longer than a window (a time that is none is no longer); then a first and a last one
    are cut.
    """
    longer = math.isfinite(lasted_s) and lasted_s > limits.window_s
    windows = math.ceil(lasted_s / limits.window_s) + 1 if longer else 1
    return replace(limits, per_account=limits.per_account * windows, per_address=limits.per_address * windows)


def for_tries(record: Record) -> Limits:
    """The same for tries over HTTP, from the first that arrived at the target to the end of the last."""
    submits = record.evidence.submits
    began_ms = min((submit.moment.at_ms for submit in submits), default=0.0)
    ended_ms = max((submit.moment.at_ms + (submit.real_ms or 0.0) for submit in submits), default=began_ms)
    return at_most(record.scenario.expect.limits, (ended_ms - began_ms) / 1000)
