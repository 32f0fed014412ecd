"""What tells nothing of a target in a browser of one engine is no part of its plan, and is named with the reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.browsers import engine_named
from harness.catalog import Side, Waiver
from harness.cli.main import main
from harness.errors import ConfigurationError
from harness.plan.build import Plan, make_plan
from harness.target.loader import find_target, load_target

CERTIFICATES = {"expired-certificate", "wrong-name-certificate", "unknown-ca-certificate"}
BAD = "login-1001-entry-expired-certificate-cold"


def of_shop(engine: str) -> Plan:
    return make_plan(load_target(find_target(None)), engine=engine_named(engine))


def test_webkit_goes_without_bad_certificates_on_the_browsers_links_and_names_each(plan: Plan) -> None:
    webkit = of_shop("webkit")
    kept = {one.id for one in webkit.scenarios}
    gone = [one for one in plan.scenarios if one.id not in kept]
    faults = {one.fault.name for one in gone if one.fault is not None}
    assert faults == {*CERTIFICATES, "extension-blocked"}
    assert {one.link_side for one in gone} == {Side.BROWSER}
    assert kept < {one.id for one in plan.scenarios}
    told = "\n".join(webkit.left_out)
    assert all(one.id in told for one in gone)
    assert not any(one in told for one in kept)
    assert webkit.controls == plan.controls


def test_the_servers_certificates_stay(plan: Plan) -> None:
    def at_server(one: Plan) -> set[str]:
        return {s.id for s in one.scenarios if s.link_side is Side.SERVER and s.fault and s.fault.name in CERTIFICATES}

    assert at_server(of_shop("webkit")) == at_server(plan) != set()


def test_a_scripted_client_looks_at_certificates_itself(plan: Plan) -> None:
    mini = {one.id for one in plan.scenarios if one.flow == "mini-profile"}
    assert any(fault in one for one in mini for fault in CERTIFICATES)
    assert mini <= {one.id for one in of_shop("webkit").scenarios}


@pytest.mark.parametrize("engine", ["chromium", "firefox"])
def test_an_engine_that_trusts_the_lab_goes_without_nothing(plan: Plan, engine: str) -> None:
    assert of_shop(engine) == plan


def test_a_waiver_of_what_is_left_out_is_no_mistake_in_the_target_file() -> None:
    waiver = Waiver(finding="ux", scenarios=BAD, until="2099-01-01", reason="known")
    target = replace(load_target(find_target(None)), waivers=(waiver,))
    assert BAD not in {one.id for one in make_plan(target, engine=engine_named("webkit")).scenarios}
    with pytest.raises(ConfigurationError, match="which is no scenario of the plan"):
        make_plan(replace(target, waivers=(replace(waiver, scenarios=f"{BAD}er"),)), engine=engine_named("webkit"))


@pytest.mark.parametrize("words", [("-k", BAD), ("--link", "entry", "--fault", "expired-certificate")])
def test_who_asks_for_one_is_told_why_there_is_none(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert main(["plan", "--engine", "webkit", *words]) == 3
    said = capsys.readouterr()
    assert "left out in webkit, for it cannot be made to trust the lab's certificates alone" in said.err
    assert said.out == ""


def test_the_command_names_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["plan", "--engine", "webkit", "--json"], ["run", "--engine", "webkit", "--dry-run"]):
        assert main(command) == 0
        said = capsys.readouterr()
        assert "note: left out in webkit, for " in said.err
        assert BAD in said.err
        assert BAD not in said.out
