"""Hold a target's waivers against the oracles there are and the scenarios that are planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.catalog import Waiver
from harness.errors import closest
from harness.journal.model import Scenario
from harness.journal.waivers import covers
from harness.judge.oracle import ORACLES
from harness.target.problems import Problem, near, refuse
from harness.target.spec import Target


def refuse_waivers(target: Target, scenarios: Sequence[Scenario]) -> None:
    """Raise :class:`ConfigurationError` with file and line for each waiver that no finding of the plan could ever meet."""
    if target.waivers:
        ids = [scenario.id for scenario in scenarios]
        problems = [problem for index, one in enumerate(target.waivers) for problem in _problems(index, one, ids)]
        refuse(target.file, target.file.read_text(encoding="utf-8-sig"), problems)


def _problems(index: int, waiver: Waiver, ids: Sequence[str]) -> Iterator[Problem]:
    oracle = ORACLES.all().get(waiver.finding)
    finding, scenarios = f"waivers[{index}].finding", f"waivers[{index}].scenarios"
    if oracle is None:
        said = f"{finding} is {waiver.finding!r}, but no oracle is called so{closest(waiver.finding, ORACLES.all())}"
        yield Problem(at=("waivers", index, "finding"), sentence=said)
    elif oracle.needs == "control":
        said = f"{finding} is {waiver.finding!r}, which is never waived: what no control shows, no fault can disprove"
        yield Problem(at=("waivers", index, "finding"), sentence=said)
    if not any(covers(waiver, one) for one in ids):
        said = f"{scenarios} is {waiver.scenarios!r}, which is no scenario of the plan{near(waiver.scenarios, ids)}"
        yield Problem(at=("waivers", index, "scenarios"), sentence=f"{said}; `captchaos plan` lists them")
