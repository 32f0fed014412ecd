"""The words that every higher room shares: links, failure modes, causes, phases, policies. Pure data, no behaviour."""

from harness.catalog.answers import Answer, Asked, Rewrite
from harness.catalog.causes import Behaviour, Cause
from harness.catalog.links import Link
from harness.catalog.modes import FailureMode
from harness.catalog.words import Family, Phase, Place, Policy, Side, Warmth

__all__ = [
    "Answer",
    "Asked",
    "Behaviour",
    "Cause",
    "FailureMode",
    "Family",
    "Link",
    "Phase",
    "Place",
    "Policy",
    "Rewrite",
    "Side",
    "Warmth",
]
