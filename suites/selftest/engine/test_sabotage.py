"""A fault that only says that it was applied must never lead to a pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from harness.faults.base import Edge, Fault, Receipt
from harness.journal.model import Verdict
from harness.plan.build import make_plan
from harness.target.loader import find_target, load_target

# What a fault that does nothing could be mistaken for, of each side, cold and warm; by night it is the whole plan.
ONE_OF_EACH = (
    "login-1001-entry-refused-cold",
    "login-1001-entry-expired-certificate-cold",
    "login-1001-entry-csp-blocked-cold",
    "login-1004-frame-reset-warm",
    "checkout-2001-verdict-hang-cold",
    "login-2006-verdict-clock-skew-cold",
    "register-forged-in-outage",
    "login-own-edge-submit-answer-lost-warm",
)

LOOKS_AT_NO_CERTIFICATE = "B12"


class Liar:
    """A fault that does nothing and reports success, word for word as the real one would."""

    def __init__(self, real: Fault) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        return [
            Receipt(
                place=self._real.felt_at[0],
                asked=f"{edge.link}: {self._real.name}",
                read_back=f"{edge.link}: {self._real.name}",
            )
        ]

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        return [Receipt(place=self._real.felt_at[0], asked=f"{edge.link}: healed", read_back=f"{edge.link}: healed")]


@pytest.mark.timeout(900)
def test_no_scenario_passes_when_every_fault_and_its_read_back_lie(run_scenarios: Any) -> None:
    ran = run_scenarios(*ONE_OF_EACH, wrap=Liar)
    verdicts = {scenario_id: ran.judgements[scenario_id].verdict for scenario_id in ONE_OF_EACH}
    assert verdicts == dict.fromkeys(ONE_OF_EACH, Verdict.UNKNOWN)
    assert all("was not felt" in ran.judgements[scenario_id].unknown_because for scenario_id in ONE_OF_EACH)


def test_a_certificate_that_was_never_bad_is_held_against_nobody(run_scenarios: Any, animal_folder: Any) -> None:
    scenario_id = "login-2002-verdict-expired-certificate-cold"
    ran = run_scenarios(scenario_id, target=str(animal_folder(LOOKS_AT_NO_CERTIFICATE)), wrap=Liar)
    judgement = ran.judgements[scenario_id]
    assert judgement.verdict is Verdict.UNKNOWN
    assert "was not felt" in judgement.unknown_because
    assert "verdict-is-a-verdict" not in {finding.oracle for finding in judgement.findings}


@pytest.mark.nightly
@pytest.mark.timeout(2400)
def test_no_faulty_scenario_of_the_whole_plan_passes_under_sabotage(run_scenarios: Any) -> None:
    plan = make_plan(load_target(find_target(None)))
    faulty = [scenario.id for scenario in plan.scenarios if scenario.fault is not None]
    ran = run_scenarios(*faulty, wrap=Liar, jobs=8)
    assert {scenario_id for scenario_id in faulty if ran.judgements[scenario_id].verdict is not Verdict.UNKNOWN} == set()
