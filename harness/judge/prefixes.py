"""Fallback tickets come under two prefixes, both of them real: who knows one of them turns half of the honest away."""

from __future__ import annotations

from harness.catalog import Policy
from harness.journal.model import HEALTHY, Attempt, Record, Scenario

_LOOKS = ("well-formed:terror_1001", "well-formed:trerror_1001")
# Whose clients write tickets under both (domain/tencent-client.md); other pages mint their own, under one that they know.
_PROVIDERS = ("tencent_web", "tencent_mini")


def both_tried(scenario: Scenario) -> bool:
    """Whether tickets of both prefixes are tried in a scenario where the policy answers them alike.

    Within limits that leave room for two: else the second is turned away for being the second.
    """
    within = scenario.expect.policy is not Policy.ACCEPT or scenario.expect.limits.per_address >= len(_LOOKS)
    return scenario.kind == "forgery" and scenario.fault is None and scenario.provider in _PROVIDERS and within


def unlike(record: Record) -> str:
    """In words what became of either prefix where that differs; empty where it does not, or one was never answered."""
    tries = [_first(record, look) for look in _LOOKS]
    known = [tried for tried in tries if tried is not None and tried.status is not None]
    if len(known) < len(_LOOKS) or len({(tried.completed, tried.offered) for tried in known}) == 1:
        return ""
    return "; ".join(f"{tried.label.split(':')[1].partition('_')[0]}_: {_said(tried)}" for tried in known)


def _first(record: Record, label: str) -> Attempt | None:
    """The first try of a look: the limits are still unused then."""
    return next((one for one in record.evidence.attempts if one.label == label and one.health == HEALTHY), None)


def _said(tried: Attempt) -> str:
    what = "accepted" if tried.completed else "the step-up offered" if tried.offered else "turned away"
    return f"{what} (status {tried.status})"
