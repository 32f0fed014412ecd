"""A target with two captchas: rows are made of what can stand together on each flow's own captcha."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.catalog import Warmth
from harness.explore.arrays import covering_array
from harness.plan.build import make_plan
from harness.plan.schedules import scheduled
from harness.target.loader import load_target
from suites.selftest.plan.test_several_providers import TOML
from suites.selftest.target_files import written

SECOND = ('use = "tencent_web"\napp_id = "2000000001"', f'use = "geetest_v4"\napp_id = "{"0" * 32}"')


def test_each_row_can_be_struck_where_two_captchas_have_links_of_one_name(tmp_path: Path) -> None:
    """The first vendor's entry and verify share a host, the second's do not: what fits there does not fit here."""
    target = load_target(written(tmp_path, TOML, SECOND))
    whole = make_plan(target)
    some = [one for one in whole.scenarios if one.fault and one.link in ("entry", "verify") and one.warmth is Warmth.COLD]
    few = replace(whole, scenarios=tuple(one for one in some if one.fault and one.fault.name in ("refused", "reset")))
    drawn = list(covering_array(target, few, tuple(target.flows.values()), seed=1).rows())
    assert {row.flow for row in drawn} == {"login", "register"}
    for row in drawn:
        scheduled(few, target, row.flow, row.schedule, profile=row.profile)
