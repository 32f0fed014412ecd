"""Who drives a flow: a browser, an app with a web view, or a client that the provider ships; and what each adds to the plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.journal.model import Scenario
from harness.plan.build import Plan, make_plan
from harness.plan.clients import clients_unknown
from harness.target.loader import load_target
from harness.target.spec import Completed, Effects, FlowSpec
from suites.selftest.target_files import Write, refusal, written

HEAD = """\
[target]
name = "bank"
start = "{python} app.py {port}"

[provider]
use = "PROVIDER"
"""
FLOW = """
[flows.login]
browser = "flows.py:login"
submit = { path = "/login", json = { ticket = "{ticket}" } }
completed = { status = 200 }
effects = { get = "/sessions.json", count = "$" }
policy = "accept"
"""
STEP_UP = """
[flows.login.step_up]
status = 202
code = { get = "/codes.json", json = "$[-1]" }
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a target file on a provider, its flow with these lines more."""

    def write(*more: str, provider: str = "tencent_mini", flow: str = FLOW, after: str = "") -> Path:
        text = HEAD.replace("PROVIDER", provider) + flow + "\n".join(more) + after
        return written(tmp_path, text, flows="async def login(device, flow):\n    pass\n")

    return write


def complaint(file: Path) -> str:
    return refusal(file, lambda file: make_plan(load_target(file)))


def without(key: str) -> str:
    return "".join(line for line in FLOW.splitlines(keepends=True) if not line.startswith(key))


def planned(file: Path) -> dict[str, Scenario]:
    return {scenario.id: scenario for scenario in make_plan(load_target(file)).scenarios}


def test_an_unknown_client_is_answered_with_the_closest_one_that_its_provider_ships(write: Write) -> None:
    said = complaint(write('client = "mimi"'))
    assert "captchaos.toml:14: flows.login.client is 'mimi'" in said
    assert "with tencent_mini it is one of browser, app, mini" in said
    assert "did you mean 'mini'?" in said


def test_a_client_of_another_provider_is_unknown(write: Write) -> None:
    assert "with tencent_web it is one of browser, app" in complaint(write('client = "mini"', provider="tencent_web"))


def test_a_provider_from_elsewhere_ships_clients_under_names_of_its_own() -> None:
    kiosk = cast(Any, SimpleNamespace(name="paperclip", clients={"kiosk": object}))
    flow = FlowSpec(name="login", completed=Completed(status=200), effects=Effects(get="/", count="$"), client="kiosk")
    assert list(clients_unknown(kiosk, [flow])) == []
    (problem,) = clients_unknown(kiosk, [replace(flow, client="kiosc")])
    assert "with paperclip it is one of browser, app, kiosk; did you mean 'kiosk'?" in problem.sentence


def test_a_scripted_client_has_no_page_of_any_size(write: Write) -> None:
    assert "flows.login.profile is of a browser's page, and mini has none" in complaint(
        write('client = "mini"', 'profile = "phone"')
    )


def test_an_unknown_profile_is_answered_with_the_closest_one(write: Write) -> None:
    assert "did you mean 'phone'?" in complaint(write('profile = "phon"'))


def test_a_client_needs_the_submit_whose_answer_tells_the_outcome(write: Write) -> None:
    assert "flows.login.client needs flows.login.submit" in complaint(write('client = "mini"', flow=without("submit")))


def test_a_step_up_without_a_page_needs_to_know_how_its_code_is_sent(write: Write) -> None:
    assert "flows.login.step_up has no confirm" in complaint(write('client = "mini"', after=STEP_UP))


def test_a_browser_still_needs_something_to_see_and_a_client_does_not(write: Write) -> None:
    assert "has neither selector nor url" in complaint(write(provider="tencent_web"))
    assert "login-1006-config-refused-cold" in planned(write('client = "mini"'))


def test_a_flow_that_nobody_drives_has_no_client(write: Write) -> None:
    said = complaint(write('client = "mini"', flow=without("browser")))
    assert "flows.login.client is of a page, but flows.login has no browser" in said


def test_a_scripted_clients_scenarios_have_no_page(plan: Plan) -> None:
    profiles = {s.flow: s.browser_profile for s in (*plan.scenarios, *plan.controls)}
    assert (profiles["mini-profile"], profiles["app-checkout"], profiles["login"]) == ("none", "phone", "desktop")


# Worked out by hand. The plug-in answers a hang after 45.6 s, the shop's watchdog comes after 8 s and, with a puzzle on the
# screen, after 60 s; a silent plug-in leaves the watchdog alone.
BY_HAND = {
    "mini-profile-1006-config-refused-cold": (1006, 600),
    "mini-profile-1006-config-hang-cold": (1001, 8_000),
    "mini-profile-1006-config-empty-cold": (1001, 8_000),
    "mini-profile-1012-refresh-hang-warm": (1012, 45_600),
    "mini-profile-1013-verify-hang-cold": (1001, 60_000),
    "mini-profile-1013-verify-empty-cold": (1001, 60_000),
    "app-checkout-1001-page-refused-cold": (1001, 0),
    "app-checkout-1001-page-status-503-cold": (1001, 0),
    "app-checkout-1001-page-hang-cold": (1001, 8_000),
    "app-checkout-1001-bridge-bridge-silent-cold": (1001, 8_000),
    "app-checkout-1001-bridge-bridge-silent-warm": (1001, 8_000),
}


@pytest.mark.parametrize("scenario_id", BY_HAND)
def test_codes_and_waits_are_those_worked_out_by_hand(plan: Plan, scenario_id: str) -> None:
    (found,) = (scenario for scenario in plan.scenarios if scenario.id == scenario_id)
    assert (*found.expect.codes, found.expect.minted_after_ms) == BY_HAND[scenario_id]
    assert found.expect.outcome == "stepped-up"


def test_who_has_no_last_resort_is_told_that_a_ticket_is_owed_all_the_same(write: Write) -> None:
    silent = planned(write('client = "mini"'))["login-1013-verify-hang-cold"]
    assert (silent.expect.codes, silent.expect.minted_by) == ((1001,), "page")


def test_each_documented_mode_of_the_mini_program_is_tried(plan: Plan) -> None:
    modes = {s.mode for s in plan.scenarios if s.flow == "mini-profile" and s.kind == "fault"}
    assert modes == {1006, 1012, 1013, 2001, 2002, 2003, 2004, 2005, 2006, None}


def test_an_app_is_tried_with_each_mode_of_its_provider_once_and_with_what_only_it_can_meet(plan: Plan) -> None:
    mine = [s for s in plan.scenarios if s.flow == "app-checkout" and s.kind == "fault"]
    vendors = [s.mode for s in mine if s.mode and s.link not in ("page", "bridge")]
    assert len(vendors) == len(set(vendors))
    # 1003 takes a user who waits, and 1014 is another client build's: a web view is opened to show the captcha at once.
    assert set(vendors) == {*range(1001, 1014), *range(2001, 2007)} - {1003}
    assert {s.fault.name for s in mine if s.fault and s.link == "bridge"} == {"bridge-silent"}
    assert {s.fault.name for s in mine if s.fault and s.link == "page"} == {"refused", "hang", "status-503", "latency"}


def test_only_an_app_has_a_bridge(plan: Plan) -> None:
    used = {control.flow: {link for link, _times in control.parameters} for control in plan.controls}
    assert [flow for flow, links in used.items() if "bridge" in links] == ["app-checkout"]
