"""The words that every higher room shares: links, failure modes, causes, phases, policies. Pure data, no behaviour."""

from harness.catalog.answers import Answer, Asked, Rewrite
from harness.catalog.causes import Behaviour, Cause
from harness.catalog.contradictions import Contradiction
from harness.catalog.links import Link
from harness.catalog.modes import FailureMode
from harness.catalog.server_modes import SERVER_MODES
from harness.catalog.waivers import Waiver
from harness.catalog.words import Family, Phase, Place, Policy, Side, Warmth

__all__ = [
    "SERVER_MODES",
    "Answer",
    "Asked",
    "Behaviour",
    "Cause",
    "Contradiction",
    "FailureMode",
    "Family",
    "Link",
    "Phase",
    "Place",
    "Policy",
    "Rewrite",
    "Side",
    "Waiver",
    "Warmth",
]
