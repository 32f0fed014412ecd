"""Users of a target with limits of a short window are let through again when it has passed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.bundled import bundled
from harness.explore.door import ACCOUNTS, HONEST, open_door
from harness.target.loader import load_target
from suites.fuzz.test_users_and_faults import machine_of
from suites.selftest.target_files import written

WINDOW_S = 2


def shop_whose_window_is_short(folder: Path) -> Path:
    """Copy the shop with a window of seconds for its limits, and say so in its target file."""
    shop = bundled("shop")
    shutil.copytree(shop, folder, ignore=shutil.ignore_patterns("__pycache__", "*.db", "*.db-*"))
    policy = folder / "shop" / "policy.py"
    hour = policy.read_text(encoding="utf-8")
    assert "window_s: int = 3600" in hour
    policy.write_text(hour.replace("window_s: int = 3600", f"window_s: int = {WINDOW_S}"), encoding="utf-8")
    text, flows = ((shop / name).read_text(encoding="utf-8") for name in ("captchaos.toml", "flows.py"))
    return written(folder, text, ("window_s = 3600", f"window_s = {WINDOW_S}"), flows=flows)


@pytest.mark.nightly
def test_users_are_served_again_when_a_short_window_has_passed(tmp_path: Path) -> None:
    target = load_target(shop_whose_window_is_short(tmp_path / "shop"))
    with open_door(target, flows=("login",), per_address=ACCOUNTS) as door:
        flow = target.flows["login"]
        machine = machine_of(door, flow, patient=False)()
        (step,) = (rule for rule in machine.setup_state().rules if rule.function.__name__ == "window_passes")
        assert all(holds(machine) for holds in step.preconditions), "a window of seconds is waited for"
        machine.fault_comes("refused")
        assert not all(door.knock(flow, HONEST).completed for _ in range(4 * flow.limits.per_address))
        machine.window_passes()
        assert door.knock(flow, HONEST).completed
        machine.teardown()
