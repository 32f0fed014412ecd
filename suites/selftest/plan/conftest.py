"""The shop's default plan."""

from __future__ import annotations

import pytest

from harness.plan.build import Plan, make_plan
from harness.target.loader import find_target, load_target


@pytest.fixture(scope="session")
def plan() -> Plan:
    return make_plan(load_target(find_target(None)))
