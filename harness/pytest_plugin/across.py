"""Across xdist workers: the tests of one scenario go to one worker, so that each scenario is run once.

The controller collects nothing, and a worker's word is its tests' ids alone; so a worker that has captchaos tests leaves beside
its journal which scenario each of them needs, and the controller then deals out scenarios instead of tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import LaboratoryError
from harness.pytest_plugin.places import WORKERS
from harness.pytest_plugin.session import scenario_of

_FILE = "scenarios.json"
# What deals out tests one by one; "loadfile" and "loadscope" are somebody's wish, and "each" means each.
_REGROUPED = ("LoadScheduling", "WorkStealingScheduling", "LoadGroupScheduling")


def write_scenarios(folder: Path, items: Iterable[pytest.Item]) -> None:
    """Say which scenario each test needs (in a worker)."""
    needed = {item.nodeid: scenario.id for item in items if (scenario := scenario_of(item)) is not None}
    if not needed:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _FILE).write_text(json.dumps(needed), encoding="utf-8")
    except OSError as problem:
        raise LaboratoryError(f"{folder} cannot be written: {problem.strerror}; choose another --captchaos-report") from problem


def read_scenarios(out: Path, worker: str) -> dict[str, str]:
    """Which scenario each of a worker's tests needs, by node id; empty when it has none that needs one."""
    path = out / WORKERS / worker / _FILE
    if not path.is_file():
        return {}
    needed: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return needed


def schedule_by_scenario(config: pytest.Config, scenarios: dict[str, str]) -> None:
    """Deal out scenarios instead of tests (in the controller, when a worker has collected).

    Nothing is dealt out before the last worker has collected, so at the first one's word the scheduler can still be changed.
    """
    session: Any = config.pluginmanager.get_plugin("dsession")
    if type(session.sched).__name__ not in _REGROUPED:
        return
    from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]  # it ships no types

    class ScenarioScheduling(LoadGroupScheduling):  # type: ignore[misc]  # the same
        """Groups by scenario, and by xdist's own groups otherwise."""

        def _split_scope(self, nodeid: str) -> str:
            return scenarios.get(nodeid) or str(super()._split_scope(nodeid))

    grouped = ScenarioScheduling(config, session.log)
    for node in session.sched.nodes:
        grouped.add_node(node)
    session.sched = grouped
