"""The words that every higher room shares: links, failure modes, causes, phases, policies. Pure data, no behaviour."""

from harness.catalog.answers import Answer, Asked, Rewrite
from harness.catalog.causes import Behaviour, Cause
from harness.catalog.contradictions import Contradiction
from harness.catalog.courses import BRIEFLY, FLAP_TIMES, FLAPS, ONCE, STANDS, UNTIL_SUBMIT, Habit
from harness.catalog.links import Link
from harness.catalog.modes import FailureMode
from harness.catalog.schedule import Schedule, Stroke
from harness.catalog.server_modes import SERVER_MODES
from harness.catalog.waivers import Waiver
from harness.catalog.words import Family, Phase, Place, Policy, Side, Warmth

__all__ = [
    "BRIEFLY",
    "FLAPS",
    "FLAP_TIMES",
    "ONCE",
    "SERVER_MODES",
    "STANDS",
    "UNTIL_SUBMIT",
    "Answer",
    "Asked",
    "Behaviour",
    "Cause",
    "Contradiction",
    "FailureMode",
    "Family",
    "Habit",
    "Link",
    "Phase",
    "Place",
    "Policy",
    "Rewrite",
    "Schedule",
    "Side",
    "Stroke",
    "Waiver",
    "Warmth",
]
