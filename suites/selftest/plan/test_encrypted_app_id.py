"""A flow that names the endpoint of its encrypted app id has that edge's failures in its plan, and no other flow has them.

Transcribed: domain/tencent-client.md 5 (the endpoint down, slow, unparsed; a time in the future; a value that dies mid-use) and
3.2 (1006 after 20 s; 1012 and 1013 half a second after the third failure).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.catalog import Place
from harness.errors import ConfigurationError
from harness.journal.model import Scenario
from harness.plan.build import Plan, make_plan
from harness.target.loader import load_target

SHOP = Path(__file__).parents[3] / "fixtures" / "shop"
DOWN, GARBAGE, SLOW = {"refused", "reset", "reset-unanswered", "status-503"}, {"html", "empty"}, {"no-answer", "late-twice"}
PlanFor = Callable[..., Plan]


@pytest.fixture
def plan_for(tmp_path: Path) -> PlanFor:
    def plan_for(*, aid: str = 'aid = "/captcha/aid"', options: str = "", use: str = "tencent_web") -> Plan:
        file = tmp_path / "captchaos.toml"
        flow = (
            f'browser = "{SHOP / "flows.py"}:login"\ncompleted = {{ selector = "#done", status = 200 }}\n'
            'effects = { get = "/sessions.json", count = "$" }\npolicy = "accept"\n'
            'submit = { path = "/login", json = { ticket = "{ticket}", randstr = "{randstr}" } }\n'
        )
        file.write_text(
            f'[target]\nname = "bank"\nstart = "{{python}} app.py {{port}}"\n[provider]\nuse = "{use}"\n[provider.options]\n'
            f"{options}\n[flows.login]\n{flow}{aid}\n[flows.order]\n{flow}",
            encoding="utf-8",
        )
        return make_plan(load_target(file))

    return plan_for


def on(plan: Plan, link: str) -> list[Scenario]:
    return [scenario for scenario in plan.scenarios if scenario.link == link and scenario.kind == "fault"]


def test_down_slow_and_garbage_are_tried_and_ask_for_no_ticket(plan_for: PlanFor) -> None:
    planned = on(plan_for(), "aid")
    assert {s.fault.name for s in planned if s.fault} == DOWN | GARBAGE | SLOW
    assert {(s.flow, s.mode, s.expect.codes, s.expect.outcome) for s in planned} == {("login", None, (), "verified")}


def test_with_the_forced_check_a_lost_value_is_1006_after_20_s(plan_for: PlanFor) -> None:
    planned = on(plan_for(options="aid_encrypted_forced = true"), "aid")
    assert {s.fault.name for s in planned if s.fault} == (DOWN | GARBAGE) - {"refused", "reset"}
    assert {(s.expect.codes, s.expect.minted_by, s.expect.outcome, s.wait_ms) for s in planned} == {
        ((1006,), "vendor", "unverified", 20_000)
    }


def test_a_refusal_by_400_is_1006_at_once(plan_for: PlanFor) -> None:
    planned = on(plan_for(options='aid_encrypted_forced = true\naid_encrypted_refused = "http-400"'), "aid")
    assert {s.wait_ms for s in planned} == {0}


def by_the_clock(plan: Plan) -> set[tuple[str, str, tuple[int, ...], int | None]]:
    named = ("server-clock-ahead", "aid-expires")
    return {(s.flow, s.link, s.expect.codes, s.wait_ms) for s in plan.scenarios if s.fault and s.fault.name in named}


def test_a_server_ahead_is_1006_and_a_value_that_expires_mid_use_1012_and_1013(plan_for: PlanFor) -> None:
    ahead = ("login", "config", (1006,), 20_000)
    assert by_the_clock(plan_for()) == {ahead, ("login", "refresh", (1012,), 500), ("login", "verify", (1013,), 500)}
    assert by_the_clock(plan_for(options='aid_encrypted_expired_in_use = "ignored"')) == {ahead}


def test_a_wrong_answer_of_the_target_is_looked_for_at_the_origin_and_not_at_the_provider(plan_for: PlanFor) -> None:
    by_fault = {s.fault.name: set(s.fault.felt_at) for s in on(plan_for(), "aid") if s.fault}
    assert by_fault["html"] == {Place.ORIGIN, Place.BROWSER, Place.SERVER_CLIENT}
    assert all(Place.PROVIDER not in by_fault[name] for name in by_fault.keys() - {"refused", "reset"})


def test_the_control_demands_the_endpoint_of_the_flow_that_has_one(plan_for: PlanFor) -> None:
    demanded = {control.flow: {name for name, _times in control.parameters} for control in plan_for().controls}
    assert demanded["login"] - demanded["order"] == {"aid", "aid-used"}


def test_without_an_endpoint_there_is_neither_link_nor_cause(plan_for: PlanFor) -> None:
    plan = plan_for(aid="")
    assert "aid" not in plan.links
    assert (on(plan, "aid"), by_the_clock(plan)) == ([], set())


def test_a_provider_that_takes_no_encrypted_app_id_says_so_with_the_line(plan_for: PlanFor) -> None:
    with pytest.raises(ConfigurationError, match=r"captchaos.toml:\d+: flows.login.aid: huawei takes no encrypted app id"):
        plan_for(use="huawei")
