"""What a search over HTTP costs: its rate against that of the same client sending one ticket again and again."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from harness.catalog.recipes import Recipe
from harness.errors import LaboratoryError
from harness.explore.door import Door, open_door
from harness.explore.kinds import Options, Outcome
from harness.explore.search import Search
from harness.explore.tickets import PER_ADDRESS, TicketSubject
from harness.target.spec import FlowSpec, Target

ROUNDS = 5
# In each of a round's two halves; both together stay below the users of one running target.
EXAMPLES = 200
# Refused before the provider is asked: nothing that a client sends is answered sooner.
CONSTANT = Recipe(text="constant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """Requests a second while one ticket is sent again and again (``constant``) and while a search goes on (``search``).

    ``to_constant`` is their ratio, the median of all rounds. ``making_ms`` and ``asking_ms`` are the cost of one example.
    """

    constant: float
    search: float
    to_constant: float
    making_ms: float
    asking_ms: float


def searching_rates(target: Target, *, toxiproxy: str | None = None, browser: str | None = None) -> Searched:
    """Send and search by turns at the target's first flow; raises LaboratoryError where the search finds something."""
    flow = next(flow for flow in target.flows.values() if flow.submit is not None)
    constant, search, making_ms, asking_ms = [], [], [], []
    with open_door(target, flows=(flow.name,), per_address=PER_ADDRESS, toxiproxy=toxiproxy, browser=browser) as door:
        for number in range(ROUNDS):
            door.renew()
            door.send(flow, CONSTANT)
            constant.append(_constant(door, flow))
            rate, outcome = _searched(door, flow, seed=number)
            search.append(rate)
            making_ms.append(1000 * outcome.making_s / outcome.examples)
            asking_ms.append(1000 * outcome.asking_s / outcome.examples)
    ratios = [ours / theirs for ours, theirs in zip(search, constant, strict=True)]
    return Searched(
        constant=median(constant),
        search=median(search),
        to_constant=median(ratios),
        making_ms=median(making_ms),
        asking_ms=median(asking_ms),
    )


def _constant(door: Door, flow: FlowSpec) -> float:
    began = time.perf_counter()
    for _ in range(EXAMPLES):
        door.send(flow, CONSTANT)
    return EXAMPLES / (time.perf_counter() - began)


def _searched(door: Door, flow: FlowSpec, *, seed: int) -> tuple[float, Outcome]:
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="captchaos-bench-") as cases:
        options = Options(seconds=None, examples=EXAMPLES, seed=seed, cases=Path(cases))
        search = Search(door.target, options, outcome, case_kind="ticket")
        began = time.perf_counter()
        search.batch(TicketSubject(door=door, spec=flow, outage=None), limit_s=600, examples=EXAMPLES)
        spent_s = time.perf_counter() - began
    if outcome.discoveries:
        rule = outcome.discoveries[0].failure.rule
        raise LaboratoryError(f"the search found {rule}: what it costs is measured on a right target")
    return outcome.examples / spent_s, outcome
