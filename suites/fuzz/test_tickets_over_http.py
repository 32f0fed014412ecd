"""Whatever stands in a ticket's place, over HTTP, in health and in an outage: nothing for free, and never a 5xx.

A part of the examples is the same every time; another explores with the seed that the session's header prints. Together with
every code under both prefixes at every flow the profiles dev and ci send some hundreds of tickets, nightly many more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import Phase, event, given, seed, settings
from hypothesis import strategies as st

from harness.catalog import Policy
from harness.explore.door import Door
from harness.explore.outages import Outage
from harness.explore.tickets import WELL_FORMED
from harness.target.spec import FlowSpec
from suites.fuzz.strategies import CODES, Recipe, lookalikes, worthless

HEALTH = pytest.mark.parametrize("healthy", [True, False], ids=["health", "outage"])
PART = pytest.mark.parametrize("exploring", [False, True], ids=["same-every-time", "exploring"])
CROWD = 9
REFUSED = Outage(fault="refused")
# Hypothesis may spend five minutes to find the smallest ticket that breaks a claim.
pytestmark = pytest.mark.timeout(600)


@PART
def test_worthless_ticket_gains_nothing(door: Door, fuzz_seed: int, exploring: bool) -> None:
    """Malformed, stale, foreign and guessed tickets and garbage get nothing at all while the provider is healthy."""
    door.renew()

    def gains_nothing(flow: FlowSpec, recipe: Recipe) -> None:
        seen = door.knock(flow, recipe)
        event(recipe.label, seen.became)
        if seen.gained:
            # The next try of the same ticket must find the door as this one did, or nothing can be shrunk.
            door.renew()
        assert seen.status is not None
        assert seen.status < 500
        assert seen.gained == 0
        assert not seen.completed

    examine(gains_nothing, st.sampled_from(door.flows), worthless, seed_used=fuzz_seed if exploring else None)


@HEALTH
@PART
def test_crowd_gets_no_more_than_the_policy_gives(door: Door, fuzz_seed: int, healthy: bool, exploring: bool) -> None:
    """However many tickets of whatever kind come in whatever order: unverified business stays within its limits."""
    tickets = st.lists(lookalikes if healthy else st.one_of(lookalikes, worthless), min_size=CROWD, max_size=CROWD)

    def within_limits(flow: FlowSpec, recipes: list[Recipe]) -> None:
        door.renew(None if healthy else REFUSED)
        for label in {recipe.label or WELL_FORMED for recipe in recipes}:
            event("the crowd brings", label)
        gained = gained_by(door, flow, recipes)
        assert gained <= allowed(flow, healthy=healthy)

    crowds = max(2, settings().max_examples // 20)
    examine(within_limits, st.sampled_from(door.flows), tickets, seed_used=fuzz_seed if exploring else None, examples=crowds)


@HEALTH
def test_no_code_under_no_prefix_opens_the_door(door: Door, healthy: bool) -> None:
    """A proper fallback ticket of each documented code, and of some undocumented ones, is worth what the policy gives."""
    every = [Recipe(text=f"{prefix}_{code}_{{app}}_{{now}}") for code in CODES for prefix in ("terror", "trerror")]
    for flow in door.flows:
        door.renew(None if healthy else REFUSED)
        assert gained_by(door, flow, every) <= allowed(flow, healthy=healthy)


def allowed(flow: FlowSpec, *, healthy: bool) -> int:
    """What the policy gives unverified users of one address in a window."""
    policy = flow.policy.verdict_up if healthy else flow.policy.verdict_down
    return flow.limits.per_address if policy is Policy.ACCEPT else 0


def gained_by(door: Door, flow: FlowSpec, recipes: Iterable[Recipe]) -> int:
    """Send tickets one after the other, each from an account of its own, and count what they gained together."""
    total = 0
    for recipe in recipes:
        seen = door.knock(flow, recipe)
        assert seen.status is not None, recipe
        assert seen.status < 500, recipe
        total += seen.gained
    return total


def examine(
    claim: Callable[..., None], *strategies: st.SearchStrategy[Any], seed_used: int | None, examples: int | None = None
) -> None:
    """Hold a claim against examples: the same every time, or those of a seed. A given number of them is not shrunk."""
    chosen = settings(
        max_examples=examples or settings().max_examples,
        derandomize=seed_used is None,
        database=None,
        # A crowd needs a door of its own each time: to make it smaller costs more than to read it.
        phases=[Phase.generate] if examples else [Phase.generate, Phase.shrink],
    )
    property_ = chosen(given(*strategies)(claim))
    try:
        (property_ if seed_used is None else seed(seed_used)(property_))()
    except AssertionError as wrong:
        if seed_used is not None:
            wrong.add_note(f"CAPTCHAOS_FUZZ_SEED={seed_used} explores the same again")
        raise
