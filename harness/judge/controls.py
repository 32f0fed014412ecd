"""What the controls of a run say about one record: was its slot healthy, and were the client scripts the same?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from harness.catalog import Family
from harness.journal.model import Record, Verdict
from harness.judge.reading import is_fault, is_schedule, listed


def why_control_fails(record: Record, controls: Sequence[Record], verdict_on: Callable[[Record], Verdict]) -> Iterator[str]:
    """Yield each reason why the controls do not carry a verdict on ``record``."""
    own = [control for control in controls if control.scenario.kind == "control"]
    in_slot = [control for control in own if control.slot == record.slot]
    if not in_slot:
        yield f"no control ran in slot {record.slot}"
    unhealthy = {control.scenario.id: _named(control) for control in in_slot if verdict_on(control) is not Verdict.PASS}
    if unhealthy:
        yield f"the control of slot {record.slot} was not healthy: {listed(tuple(unhealthy.values()))}"
    of_flow = [control for control in own if same_flow(control, record)]
    if in_slot and not of_flow:
        yield f"no control ran the flow {record.scenario.flow}"
    if of_flow and (is_fault(record.scenario) or is_schedule(record.scenario)):
        yield from _why_scripts_differ(record, of_flow)


def _named(control: Record) -> str:
    """The control, with the deepest reason for which it may be what it is."""
    reason = control.evidence.diagnoses[:1]
    return f"{control.scenario.id} ({reason[0]})" if reason else control.scenario.id


def same_flow(control: Record, record: Record) -> bool:
    """Say whether a control ran the flow of a record."""
    ours, theirs = record.scenario, control.scenario
    return (ours.target, ours.provider, ours.flow) == (theirs.target, theirs.provider, theirs.flow)


def _why_scripts_differ(record: Record, controls: Sequence[Record]) -> Iterator[str]:
    """Compare each client script as served with the controls' of the same build, unless a response fault makes it."""
    scenario = record.scenario
    faults = [(scenario.link, scenario.fault), *((one.stroke.link, one.fault) for one in scenario.schedule)]
    made_by_fault = {link for link, fault in faults if fault is not None and fault.family is Family.RESPONSE}
    served = [(link, digest) for link, digest in record.evidence.scripts if link not in made_by_fault]
    of_build = [control for control in controls if control.scenario.build == scenario.build]
    if served and not of_build:
        yield f"no control ran the client build {scenario.build}, so its scripts cannot be compared"
        return
    known = {pair for control in of_build for pair in control.evidence.scripts}
    differing = dict.fromkeys(link for link, digest in served if (link, digest) not in known)
    if differing:
        yield f"client script differs from the control's: {listed(differing)}"
