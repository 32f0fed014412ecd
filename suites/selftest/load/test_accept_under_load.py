"""A sign-in that accepts unverified users, met by a crowd: its limits are tried, and one that does not hold is found."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.journal.model import Record, Verdict
from harness.judge.crowd_policies import unreached
from harness.lab.load import LoadLab
from harness.target.loader import load_target
from harness.target.spec import Load
from suites.selftest.probes.conftest import FIXTURES, one_slot
from suites.selftest.probes.controls import judged

# A crowd takes its half minute, and there are two.
pytestmark = pytest.mark.nightly


def met_by_a_crowd(folder: Path, toxiproxy_path: Path, run_folder: Path) -> Record:
    """The sign-in of a shop under load, as if its file had the table ``[flows.login.load]``."""
    shop = load_target(folder / "captchaos.toml")
    login = replace(shop.flows["login"], load=Load(rate_per_s=8, also=("/login",)))
    target = replace(shop, flows={**shop.flows, "login": login})

    async def come() -> Record:
        async with one_slot(target, toxiproxy_path, run_folder) as here:
            return await LoadLab(here.bench, here.slot, here.scenario("login-load-hang")).run()

    return asyncio.run(come())


def test_the_shop_keeps_its_limits_and_they_are_really_tried(toxiproxy_path: Path, tmp_path: Path) -> None:
    """One for an account and five for an address: so many get through at each, and no more."""
    record = met_by_a_crowd(FIXTURES / "shop", toxiproxy_path, tmp_path)
    assert judged(record).verdict is Verdict.PASS, judged(record)
    assert list(unreached(record)) == []
    through = Counter(call.address for call in record.evidence.crowd if call.who == "forger" and call.completed)
    assert max(through.values()) == 5


def test_a_limit_that_each_process_counts_for_itself_is_found(
    animal_folder: Callable[[str], Path], toxiproxy_path: Path, tmp_path: Path
) -> None:
    record = met_by_a_crowd(animal_folder("limit-counts-per-process"), toxiproxy_path, tmp_path)
    found = [one for one in judged(record).findings if one.oracle == "holds-under-load"]
    assert "policy accept: at most 5 get through unverified for an address" in [one.expected for one in found]
