"""What tells nothing of a target in a browser of one engine: left out of the plan, and named with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from harness.catalog import Side
from harness.faults.base import FAULTS
from harness.journal.model import Scenario
from harness.target.spec import IN_BROWSER, FlowSpec

if TYPE_CHECKING:
    from harness.browsers import Engine


def told_by(
    engine: Engine | None, scenarios: Sequence[Scenario], flows: Mapping[str, FlowSpec]
) -> tuple[list[Scenario], tuple[str, ...]]:
    """Part scenarios into those that tell something in this engine, and a line for each reason why others do not.

    Without an engine nothing is left out: no browser has been spoken of.
    """
    kept: list[Scenario] = []
    left: dict[str, list[Scenario]] = {}
    for scenario in scenarios:
        if why := _why_not(engine, scenario, flows[scenario.flow]):
            left.setdefault(why, []).append(scenario)
        else:
            kept.append(scenario)
    return kept, tuple(_lines(engine.name, left)) if engine is not None else ()


def _why_not(engine: Engine | None, scenario: Scenario, flow: FlowSpec) -> str:
    # A scripted client is no browser, whatever the engine: it looks at certificates itself. So does the target's server.
    in_browser = scenario.link_side is Side.BROWSER and flow.client in IN_BROWSER
    if engine is None or scenario.fault is None or not in_browser:
        return ""
    return engine.lacks(FAULTS.get(scenario.fault.name))


def _lines(engine: str, left: Mapping[str, Sequence[Scenario]]) -> Iterator[str]:
    for why, scenarios in left.items():
        yield f"left out in {engine}, for {why}: {', '.join(scenario.id for scenario in scenarios)}"
