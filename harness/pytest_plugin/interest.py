"""Which scenarios a test is interested in, said by its ``scenarios`` markers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from harness.catalog import BRIEFLY, FLAPS, ONCE, STANDS, UNTIL_SUBMIT, Family, Habit, Side, Warmth
from harness.errors import UsageError, closest
from harness.journal.model import CLIENT_OUTAGE, HEALTHY, OUTAGE, WHOLE_OUTAGE, Scenario
from harness.judge.reading import PAGE_LINK
from harness.plan.clients import NO_PAGE

KEYS: Mapping[str, Callable[[Scenario], object]] = {
    "kind": lambda s: s.kind,
    "side": lambda s: s.link_side,
    "flow": lambda s: s.flow,
    "link": lambda s: s.link,
    "fault": lambda s: s.fault.name if s.fault else None,
    "family": lambda s: s.fault.family if s.fault else None,
    "phase": lambda s: s.phase,
    "warmth": lambda s: s.warmth,
    "build": lambda s: s.build,
    "mode": lambda s: s.mode,
    "strikes": lambda s: s.strikes,
    "habit": lambda s: s.behaviour.habit,
    "health": lambda s: s.health,
    "policy": lambda s: s.expect.policy,
    "outcome": lambda s: s.expect.outcome,
    "minted_by": lambda s: s.expect.minted_by,
    "ticket": lambda s: bool(s.expect.codes),
    "page": lambda s: s.browser_profile != NO_PAGE and s.link != PAGE_LINK,
    "lure": lambda s: bool(s.expect.lure),
    "signals": lambda s: bool(s.expect.signals),
    "other_way": lambda s: bool(s.expect.other_way or s.expect.explains),
}
_WORDS: Mapping[str, Collection[str]] = {
    "kind": ("fault", "verdict", "forgery", "load", "recovery", "storm", "schedule"),
    "side": tuple(Side),
    "family": tuple(Family),
    "warmth": tuple(Warmth),
    "strikes": (STANDS, ONCE, FLAPS, BRIEFLY, UNTIL_SUBMIT),
    "habit": tuple(Habit),
    "health": (HEALTHY, CLIENT_OUTAGE, OUTAGE, WHOLE_OUTAGE),
}

Interest = Mapping[str, object]


def wanted(scenarios: Sequence[Scenario], interests: Iterable[Interest]) -> tuple[Scenario, ...]:
    """Keep scenarios that meet every interest; a value may be one word or a collection of them.

    Raises :class:`UsageError` with the closest match for a key, or a word of a closed list, that does not exist.
    """
    kept = list(scenarios)
    for interest in interests:
        for key, value in interest.items():
            words = _words(key, value)
            kept = [scenario for scenario in kept if KEYS[key](scenario) in words]
    return tuple(kept)


def _words(key: str, value: object) -> Collection[object]:
    if key not in KEYS:
        raise UsageError(f"scenarios are not told apart by {key!r}{closest(key, KEYS)}")
    words: Collection[object] = value if isinstance(value, (tuple, list, set, frozenset)) else (value,)
    known = _WORDS.get(key)
    for word in words:
        if known is not None and word not in known:
            raise UsageError(f"no scenario has {key} {word!r}{closest(str(word), known)}")
    return words
