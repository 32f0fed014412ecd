"""A part of a plan in the place of all of it: a sample, or the whole with what tells most at its front."""

from __future__ import annotations

from collections.abc import Sequence

from harness.catalog import Side
from harness.journal.model import Scenario

_WEIGHTS = {"forgery": 1, "verdict": 2, "recovery": 3, "storm": 4, "load": 5}


def sample(scenarios: Sequence[Scenario]) -> tuple[Scenario, ...]:
    """Keep one fault scenario per failure mode and family, one per way to recover and kind of outage that a forger meets.

    The flows come in turn; all others are kept, a forger's in health among them.
    """
    kept = {group[0].id for group in _groups(scenarios)}
    return tuple(scenario for scenario in scenarios if scenario.id in kept)


def most_telling_first(scenarios: Sequence[Scenario]) -> tuple[Scenario, ...]:
    """Order a plan for whoever has not the time for all of it: one of each kind of failure, then a second of each, and so on.

    Within a round the server's side of the captcha and the forgers come first, which is where doors are left open or
    business is lost for everybody; a crowd comes last, since it needs the machine alone.
    """
    rounds = [(number, scenario) for group in _groups(scenarios) for number, scenario in enumerate(group)]
    return tuple(scenario for _, scenario in sorted(rounds, key=lambda one: (one[0], _weight(one[1]))))


def _groups(scenarios: Sequence[Scenario]) -> list[list[Scenario]]:
    """What tells much the same, together; the flow whose turn it is leads each group."""
    flows = list(dict.fromkeys(scenario.flow for scenario in scenarios))
    groups: dict[object, list[Scenario]] = {}
    for scenario in scenarios:
        groups.setdefault(_group(scenario), []).append(scenario)
    for number, group in enumerate(groups.values()):
        turn = flows[number % len(flows)]
        first = next((one for one in group if one.flow == turn), group[0])
        group.sort(key=lambda one, first=first: one is not first)  # type: ignore[misc]  # a default that is a constant
    return list(groups.values())


def _weight(scenario: Scenario) -> int:
    if scenario.kind == "fault":
        return 0 if scenario.link_side is Side.SERVER else 2
    return _WEIGHTS.get(scenario.kind, 3)


def _group(scenario: Scenario) -> object:
    if scenario.kind in ("recovery", "storm"):
        return (scenario.kind, scenario.strikes, scenario.behaviour.habit, scenario.link)
    if scenario.kind == "forgery" and scenario.fault is not None:
        return (scenario.kind, scenario.link_side, bool(scenario.beside))
    if scenario.kind != "fault" or scenario.fault is None:
        return scenario.id
    if scenario.mode is None:
        return (scenario.link, scenario.fault.name)
    return (scenario.mode, scenario.fault.family)
