"""A cause: one way in which a failure mode really comes about. The default plan is the product of causes and flows."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.catalog.courses import STANDS, Habit
from harness.catalog.words import Phase, Warmth


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What the user does that matters to the cause. All in milliseconds of page time.

    ``pause_before_show_ms``: how long the user waits after the page has loaded before clicking.
    ``refresh``: the user asks for another picture once before solving. ``solve_ms``: how long the drag is put off.
    ``habit``: what the user does besides.
    """

    pause_before_show_ms: int = 0
    refresh: bool = False
    solve_ms: int = 0
    habit: Habit = Habit.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A row of the default plan: this fault on this link, at this moment, yields that mode.

    ``code`` is the failure mode, or None when no fallback ticket is documented (the target's own edge).
    ``wait_ms`` is the page time from the click on show (or, ``wait_from="load"``, from the construction of the client; or,
    ``wait_from="fault"``, from the moment the fault strikes mid-challenge) until the vendor's client answers, as documented;
    0 means at once, None that no callback ever comes (the page's own deadline or watchdog must mint 1001).
    ``strikes``: ``until-heal``, ``once`` (removed as soon as it was felt), ``flaps`` (removed like that, and back at the next
    try), ``briefly`` (for a second), ``until-submit`` (removed when the submit is at the target's door).
    ``build`` is the client build that has the mode.
    ``also_codes`` are right too, where integrations that are both right read the answer differently.
    ``parameters`` are handed to the fault (``latency_ms=12000``).
    """

    code: int | None
    link: str
    fault: str
    phase: Phase
    warmth: Warmth = Warmth.COLD
    wait_ms: int | None = 0
    wait_from: str = "show"
    build: str = "classic"
    behaviour: Behaviour = field(default_factory=Behaviour)
    strikes: str = STANDS
    parameters: tuple[tuple[str, int], ...] = ()
    twin_of: str | None = None
    also_codes: tuple[int, ...] = ()
