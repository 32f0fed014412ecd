"""Bugs that show when users and faults come in some order: each is found, and shrunk to a program that is read at once."""

from __future__ import annotations

import pytest

from harness.explore.door import ACCOUNTS, open_door
from harness.target.loader import find_target, load_target
from harness.zoo.materialise import materialised
from suites.fuzz.test_users_and_faults import hold, machine_of

ALWAYS = ("target_starts_and_an_honest_user_comes", "teardown")
pytestmark = [pytest.mark.nightly, pytest.mark.timeout(900)]


def broken_program(animal: str, flow_name: str, rule: str) -> list[str]:
    """The steps of the shortest program that breaks a rule, less those that every program has."""
    folder = materialised(animal)
    with folder as target, open_door(load_target(find_target(str(target))), flows=(flow_name,), per_address=ACCOUNTS) as door:
        flow = next(flow for flow in door.flows if flow.name == flow_name)
        with pytest.raises(AssertionError, match=rule) as broken:
            hold(machine_of(door, flow, patient=False), programs=40, seed_used=7)
    program = [line for note in getattr(broken.value, "__notes__", []) for line in note.splitlines() if "state." in line]
    taken = [line.partition("state.")[2].partition("(")[0] for line in program]
    return [step for step in taken if step not in ALWAYS]


# Whose visit shows the bug may differ; that one visit is enough may not.
@pytest.mark.parametrize(("animal", "rule"), [("B5", "nothing-for-free"), ("retry-resends-used-ticket", "no-reuse")])
def test_shortest_program_says_what_is_wrong(animal: str, rule: str) -> None:
    steps = broken_program(animal, "login", rule)
    assert len(steps) == 1, steps
    assert steps[0].endswith(("_comes", "_failed", "_again")), steps


@pytest.mark.parametrize("animal", ["step-up-code-guessable", "step-up-code-reusable"])
def test_code_that_opens_what_is_anothers_is_shown_by_one_guess(animal: str) -> None:
    steps = broken_program(animal, "checkout", "nothing-for-free")
    assert steps == ["forger_types_what_was_sent_to_himself"]
