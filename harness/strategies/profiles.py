"""How much property tests try: the Hypothesis profiles dev, ci and nightly, all of which explore.

Where ``CI`` is set Hypothesis loads a profile ``ci`` of its own, which repeats the same examples for ever: what a session has
not found on its first day it never finds. Ours takes its place, and explores. A profile that somebody else has registered
under one of the names stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hypothesis import HealthCheck, currently_in_test_context, settings
from hypothesis.errors import InvalidArgument

# A target is asked over HTTP: how long an example takes says nothing of the strategy that made it.
_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}

PROFILES: Mapping[str, Mapping[str, Any]] = MappingProxyType({
    "dev": {**_COMMON, "max_examples": 100},
    "ci": {**_COMMON, "max_examples": 100, "database": None},
    "nightly": {**_COMMON, "max_examples": 1000},
})  # fmt: skip
"""What each sets: dev keeps what failed and tries it first, ci has nowhere to keep it, nightly tries ten times as much."""


def register() -> None:
    """Register each profile whose name nobody has taken; within a running test nothing can be registered, and nothing is."""
    if currently_in_test_context():
        return
    for name, said in PROFILES.items():
        if not _taken(name):
            settings.register_profile(name, settings.get_profile("default"), **said)


def _taken(name: str) -> bool:
    try:
        there = settings.get_profile(name)
    except InvalidArgument:
        return False
    says = (there.derandomize, there.database, there.deadline, there.print_blob, tuple(there.suppress_health_check))
    # Those are the words of Hypothesis's own, which is in force unasked wherever CI is set.
    own = says == (True, None, None, True, (HealthCheck.too_slow,))
    return not own or there.max_examples != settings.get_profile("default").max_examples
