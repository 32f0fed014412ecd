"""Hypothesis strategies for tests of what depends on a captcha: tickets right, nearly right and wrong, and what is around them.

``from harness import strategies``, then ``@given(strategies.fallback_tickets(app_id="…"))``. They need Hypothesis, the extra
``captchaos[fuzz]``; nothing else of captchaos does. docs/strategies.md shows each.
"""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("hypothesis") is None:
    raise ModuleNotFoundError(
        "harness.strategies needs Hypothesis, which is not installed: pip install 'captchaos[fuzz]'", name="hypothesis"
    )

from harness.catalog.deeds import Act, Deed, Way
from harness.catalog.provider_answers import MadeUpAnswer, Meaning
from harness.catalog.recipes import Recipe
from harness.strategies import profiles
from harness.strategies.answers import documented_answers, provider_answers
from harness.strategies.behaviour import user_behaviour
from harness.strategies.callbacks import CallbackObject, callback_objects, callback_results
from harness.strategies.honest import HonestTicket, honest_tickets, randstrs
from harness.strategies.near_misses import BUGS, Bug, NearMiss, near_miss_recipes, near_misses
from harness.strategies.schedules import fault_schedules, target_schedules
from harness.strategies.tickets import (
    app_ids,
    fallback_recipes,
    fallback_tickets,
    garbage_recipes,
    misplaced_recipes,
    worthless_recipes,
)
from harness.strategies.words import CLIENT_CODES, CODES, PREFIXES, SERVER_CODES

profiles.register()

__all__ = [
    "BUGS",
    "CLIENT_CODES",
    "CODES",
    "PREFIXES",
    "SERVER_CODES",
    "Act",
    "Bug",
    "CallbackObject",
    "Deed",
    "HonestTicket",
    "MadeUpAnswer",
    "Meaning",
    "NearMiss",
    "Recipe",
    "Way",
    "app_ids",
    "callback_objects",
    "callback_results",
    "documented_answers",
    "fallback_recipes",
    "fallback_tickets",
    "fault_schedules",
    "garbage_recipes",
    "honest_tickets",
    "misplaced_recipes",
    "near_miss_recipes",
    "near_misses",
    "provider_answers",
    "randstrs",
    "target_schedules",
    "user_behaviour",
    "worthless_recipes",
]
