"""Is all that a recorded scenario needs still there, in the target as it is now and in this captchaos?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.errors import ConfigurationError, UsageError, closest
from harness.faults.base import FAULTS
from harness.faults.parameters import demand_taken
from harness.journal.model import Scenario
from harness.plan.build import Plan, providers_of
from harness.target.problems import display
from harness.target.spec import FlowSpec, Target

_Need = tuple[str, str, Iterable[str]]
_BY_A_USER = ("fault", "recovery", "schedule")


def demand_flow(scenario: Scenario, target: Target) -> None:
    """Raise ConfigurationError where the target has not the scenario's flow any more."""
    _demand([("flow", scenario.flow, target.flows)], target)


def demand_parts(scenario: Scenario, target: Target, plan: Plan) -> None:
    """Raise ConfigurationError for the first part that is gone: what, where, what to do, and what is nearest."""
    _demand(_parts(scenario, target, plan), target)
    try:
        for fault, parameters in _parameters(scenario):
            demand_taken(FAULTS.get(fault), dict(parameters))
    except UsageError as error:
        gone = f"the recorded scenario cannot be run any more: {error}: take the run anew"
        raise ConfigurationError(f"{display(target.file)}: {gone}") from error


def _parameters(scenario: Scenario) -> Iterator[tuple[str, Iterable[tuple[str, int]]]]:
    if scenario.fault is not None:
        yield scenario.fault.name, scenario.parameters
    yield from ((one.fault, one.parameters) for one in scenario.strokes.strokes)


def _demand(needs: Iterable[_Need], target: Target) -> None:
    for what, name, known in needs:
        names = list(known)
        if name not in names:
            gone = f"the {what} {name!r} of the recorded scenario is not there any more"
            do = "put it back, or take the run anew"
            raise ConfigurationError(f"{display(target.file)}: {gone}: {do}{closest(name, names)}")


def _parts(scenario: Scenario, target: Target, plan: Plan) -> Iterator[_Need]:
    flow = target.flows[scenario.flow]
    yield "provider", scenario.provider, [providers_of(target)[flow.provider].name]
    yield from _ways_in(scenario, flow)
    links = plan.links_by_provider[flow.provider]
    strokes = scenario.strokes.strokes
    yield from (("link", name, links) for name in (scenario.link, *scenario.beside, *(one.link for one in strokes)))
    faults = [scenario.fault.name] if scenario.fault is not None else []
    yield from (("fault", name, FAULTS.all()) for name in (*faults, *(one.fault for one in strokes)))
    if scenario.kind in _BY_A_USER:
        # Each build that the plan has for a flow is controlled; without its control nothing could be said of it.
        yield "client build", scenario.build, [one.build for one in plan.controls if one.flow == flow.name]


def _ways_in(scenario: Scenario, flow: FlowSpec) -> Iterator[_Need]:
    """The keys of the flow without which nobody comes, each known where the file has it."""
    needed = "browser" if scenario.kind in _BY_A_USER else "submit"
    there = {"browser": bool(flow.browser), "submit": flow.submit is not None}
    yield "key", f"flows.{flow.name}.{needed}", [f"flows.{flow.name}.{key}" for key, has in there.items() if has]
    if scenario.kind == "load":
        yield "key", f"flows.{flow.name}.load", [f"flows.{flow.name}.load"] if flow.load is not None else []
