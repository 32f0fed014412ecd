"""A fault that could not be applied is an error of the laboratory, whatever the business did meanwhile: never a pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.errors import ToxiproxyError
from harness.faults.base import Edge, Fault, Receipt
from harness.journal.model import Verdict

SCENARIO = "login-1004-frame-reset-warm"


class Refusing:
    """A fault whose server accepts nothing."""

    def __init__(self, real: Fault) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        raise ToxiproxyError(f"Toxiproxy did not do what it accepted on {edge.link}")


def test_a_fault_that_could_not_be_applied_is_unknown_with_its_reason(run_scenarios: Any) -> None:
    ran = run_scenarios(SCENARIO, wrap=Refusing)
    judgement, evidence = ran.judgements[SCENARIO], ran.record(SCENARIO).evidence
    assert judgement.verdict is Verdict.UNKNOWN
    assert "Toxiproxy did not do what it accepted on frame" in judgement.unknown_because
    assert evidence.applied == ()
