"""How a run goes, as whoever starts it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harness.engine.budget import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run. ``jobs`` None follows from the machine; ``out`` is the run's own folder.

    ``target_words`` is how the user named the target, for the command that repeats a scenario. ``controls_fail``: flows whose
    controls are known to, so that one is repeated only where its visit was given up; ``late``: the oracles that are known to
    find something late, so that the repeat of a scenario that no other finds late needs not have the machine alone.
    ``closing_controls``: each slot is controlled at its end, too; who looks for findings alone, and not for a pass, may do
    without. ``budget``: begin nothing that would not end within it, closing controls included; scenarios are then run in the
    order given. ``shard``: which part of a selection this is, for the journal.
    """

    out: Path
    jobs: int | None = None
    seed: int = 0
    real_time: bool = False
    toxiproxy: str | None = None
    browser: str | None = None
    browser_engine: str = "chromium"
    target_words: str = ""
    controls_fail: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    closing_controls: bool = True
    budget: Budget = field(default_factory=Budget)
    shard: str = ""
