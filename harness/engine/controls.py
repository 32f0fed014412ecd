"""Which controls a run owes: of each flow in each slot, at both ends, and of each client build on each flow once anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from harness.journal.model import Scenario


class Controls:
    """Keep account of the controls that have been run."""

    def __init__(self, known: Sequence[Scenario]) -> None:
        self._known = tuple(known)
        self._first: dict[tuple[int, str], Scenario] = {}
        self._builds: set[tuple[str, str]] = set()

    def due(self, scenario: Scenario, slot: int) -> tuple[Scenario, ...]:
        """What must be run in a slot before a scenario may be; the plan has at most one for a build on a flow."""
        flow, build = scenario.flow, scenario.build
        if (slot, flow) in self._first and (flow, build) in self._builds:
            return ()
        return tuple(control for control in self._known if (control.flow, control.build) == (flow, build))

    def ran(self, control: Scenario, slot: int) -> None:
        """Note that a control has been run in a slot."""
        self._first.setdefault((slot, control.flow), control)
        self._builds.add((control.flow, control.build))

    def first(self, slot: int, flow: str) -> Scenario:
        """The control of a flow that a slot has run first."""
        return self._first[slot, flow]

    def closing(self, slot: int) -> tuple[Scenario, ...]:
        """What must be run again when a slot has done its last scenario: the first control of each flow that it served."""
        return tuple(control for (number, _flow), control in self._first.items() if number == slot)
