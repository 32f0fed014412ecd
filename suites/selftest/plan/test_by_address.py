"""A server that asks the verdict API by address over plain HTTP looks up no name and checks no certificate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.plan.build import Plan, make_plan
from harness.target.loader import find_target, load_target
from harness.target.spec import Target

NEVER_FELT = {"dns-failure", "expired-certificate", "wrong-name-certificate", "unknown-ca-certificate"}
FIXTURES = Path(__file__).parents[3] / "fixtures"


def planned(plan: Plan, link: str) -> set[str]:
    return {s.fault.name for s in plan.scenarios if s.kind == "fault" and s.link == link and s.fault is not None}


@pytest.fixture
def shop() -> Target:
    return load_target(find_target(None))


@pytest.mark.parametrize("page", ["seed002", "seed003"])
def test_names_and_certificates_of_the_verdict_are_left_out_and_told(page: str) -> None:
    plan = make_plan(load_target(FIXTURES / "documents" / page / "captchaos.toml"))
    assert planned(plan, "verdict") >= {"refused", "reset", "hang", "html"}
    assert planned(plan, "verdict").isdisjoint(NEVER_FELT)
    assert planned(plan, "entry") >= NEVER_FELT
    (told,) = plan.left_out
    assert [name for name in NEVER_FELT if name not in told] == []
    assert "{links.verdict.url}" in told


def test_behind_the_labs_proxy_nothing_is_left_out(shop: Target) -> None:
    both = replace(shop, env={**shop.env, "CAPTCHA_ENDPOINT": "{links.verdict.url}"})
    for target in (shop, both):
        plan = make_plan(target)
        assert planned(plan, "verdict") >= NEVER_FELT
        assert plan.left_out == ()


def test_the_command_says_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(FIXTURES / "documents" / "seed002"), "--json"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("[")
    assert "note: left out on the link verdict: dns-failure" in said.err
