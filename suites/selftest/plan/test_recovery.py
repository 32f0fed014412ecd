"""What a flow in a browser is tried with beside its causes, and what must come of it (docs/recovery.md)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.catalog import Warmth
from harness.journal.model import Scenario
from harness.plan.build import Plan, make_plan
from harness.target.loader import find_target, load_target

# Per id: how the fault goes, what the user does, and what must come of it on login (accept) and on checkout (step-up).
# Codes: 1004 is the frame script's, 2002 the refused verdict API's, 1001 the page's own; none where the client tries again.
BY_HAND = {
    "ends-before-submit-frame-refused": ("until-submit", "", (1004,), "unverified", "stepped-up"),
    "flaps-frame-refused": ("flaps", "", (), "verified", "verified"),
    "flaps-verdict-refused": ("flaps", "", (2002,), "unverified", "stepped-up"),
    "ends-mid-challenge-verify-hang": ("briefly", "", (), "verified", "verified"),
    "presses-again-submit-latency": ("until-heal", "presses-again", (), "verified", "verified"),
    "second-tab-entry-refused": ("until-heal", "second-tab", (1001,), "unverified", None),
    "goes-back-entry-refused": ("until-heal", "goes-back", (1001,), "unverified", "stepped-up"),
    "late-solution-frame-late-twice": ("until-heal", "solves-late", (1001,), None, "stepped-up"),
    "storm-verdict-hang": ("until-heal", "", (2001,), "unverified", "stepped-up"),
}
KINDS = ("recovery", "storm")


def recovering(plan: Plan, flow: str) -> dict[str, Scenario]:
    prefix = f"{flow}-recovery-"
    return {one.id.removeprefix(prefix): one for one in plan.scenarios if one.flow == flow and one.kind in KINDS}


@pytest.mark.parametrize(("flow", "column"), [("login", 3), ("checkout", 4)])
def test_each_course_leads_to_what_the_contract_says(plan: Plan, flow: str, column: int) -> None:
    found = recovering(plan, flow)
    told = {word: (one.strikes, one.behaviour.habit, one.expect.codes, one.expect.outcome) for word, one in found.items()}
    assert told == {word: (*row[:3], row[column]) for word, row in BY_HAND.items() if row[column]}
    assert {one.kind for word, one in found.items() if word.startswith("storm")} == {"storm"}


@pytest.mark.parametrize("flow", ["mini-profile", "app-checkout", "register"])
def test_who_has_no_tabs_no_way_back_and_no_entry_script_has_none_of_these(plan: Plan, flow: str) -> None:
    assert recovering(plan, flow) == {}


def test_two_tabs_are_tried_where_a_limit_holds_and_a_late_captcha_where_a_watchdog_is_short(plan: Plan) -> None:
    tabs = {one.flow for one in plan.scenarios if one.behaviour.habit == "second-tab"}
    late = {one.flow for one in plan.scenarios if one.behaviour.habit == "solves-late"}
    # The shop's login accepts, and its watchdog is a minute; its checkout asks for a code, and its watchdog is 8 s.
    assert (tabs, late) == ({"login"}, {"checkout"})


def test_a_client_that_gives_up_at_once_is_not_asked_for_a_second_try() -> None:
    folder = find_target(None).parent
    plan = make_plan(load_target(folder / "geetest.toml"))
    words = {word.partition("-verdict")[0] for word in recovering(plan, "login")}
    assert words == {"flaps", "presses-again-submit-latency", "second-tab-entry-refused", "goes-back-entry-refused", "storm"}


def test_a_slow_submit_is_tried_with_the_client_that_the_pages_load() -> None:
    target = load_target(find_target(None))
    later = replace(target, provider=replace(target.provider, options={**target.provider.options, "client": "2.0"}))
    builds = {one.build for flow in ("login", "checkout") for one in recovering(make_plan(later), flow).values()}
    assert builds == {"v2"}


def test_an_outage_in_mid_challenge_strikes_a_connection_that_is_open(plan: Plan) -> None:
    assert {one.warmth for one in plan.scenarios if one.strikes == "briefly"} == {Warmth.WARM}
