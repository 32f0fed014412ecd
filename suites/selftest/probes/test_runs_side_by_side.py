"""Two runs in one process: what one starts is its own, and does not end with the other."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from harness.engine.workshop import open_workshop
from harness.lab.ownership import Ownership
from harness.lab.stage import Stage
from harness.plan.build import make_plan
from harness.target.http import origin_client
from harness.target.loader import load_target
from suites.selftest.probes.conftest import FIXTURES, one_slot


def test_a_target_started_while_another_run_lives_outlives_that_run(toxiproxy_path: Path, tmp_path: Path) -> None:
    async def scene() -> int:
        async with one_slot(load_target(FIXTURES / "shop" / "captchaos.toml"), toxiproxy_path, tmp_path) as here:
            with Ownership.begin() as older:
                bench = replace(here.bench, marks=older.env())
                with Ownership.begin():
                    stage = await Stage.set_up(bench, here.slot, "classic")
                try:
                    async with origin_client(stage.base_url, limit_s=5.0) as client:
                        return (await client.get("/healthz")).status_code
                finally:
                    await stage.stop()

    assert asyncio.run(scene()) == 200


def test_a_workshop_marks_what_its_labs_start_as_its_own(tmp_path: Path) -> None:
    async def scene() -> None:
        target = load_target(FIXTURES / "shop" / "captchaos.toml")
        async with open_workshop(target, make_plan(target), run_folder=tmp_path) as shop:
            assert shop.bench.marks == shop.ownership.env()
            assert shop.run_id in shop.bench.marks.values()

    asyncio.run(scene())
