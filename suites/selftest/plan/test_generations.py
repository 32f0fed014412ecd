"""A target says which generation of the vendor's client its pages load; the plan then holds that one's failures on its hosts.

Transcribed from domain/tencent-client.md 3.1 and 3.2: the table of codes; "1014 … newer build; 1003 absent there"; 15 s abroad.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import ConfigurationError
from harness.journal.model import Scenario
from harness.plan.build import Plan, make_plan
from harness.target.loader import load_target

SHOP = Path(__file__).parents[3] / "fixtures" / "shop"
ALL_CLIENT_CODES = set(range(1001, 1015))
PlanFor = Callable[[str], Plan]


@pytest.fixture
def plan_for(tmp_path: Path) -> PlanFor:
    def plan_for(client: str) -> Plan:
        file = tmp_path / "captchaos.toml"
        file.write_text(
            '[target]\nname = "bank"\nstart = "{python} app.py {port}"\n[provider.options]\n'
            f'client = "{client}"\n[flows.login]\nbrowser = "{SHOP / "flows.py"}:login"\n'
            'completed = { selector = "#done", status = 200 }\n'
            'effects = { get = "/sessions.json", count = "$" }\npolicy = "accept"\n'
            'submit = { path = "/login", json = { ticket = "{ticket}", randstr = "{randstr}" } }\n',
            encoding="utf-8",
        )
        return make_plan(load_target(file))

    return plan_for


def vendors_codes(plan: Plan) -> set[int]:
    return {scenario.mode for scenario in plan.scenarios if scenario.mode is not None and scenario.mode < 2000}


def one(plan: Plan, link: str, fault: str) -> Scenario:
    (found,) = (s for s in plan.scenarios if (s.link, s.warmth.value, s.fault and s.fault.name) == (link, "cold", fault))
    return found


def test_pages_of_1_0_are_planned_for_every_code_and_in_every_form_that_1_0_has(plan_for: PlanFor) -> None:
    plan = plan_for("1.0")
    assert vendors_codes(plan) == ALL_CLIENT_CODES
    assert {scenario.build for scenario in plan.scenarios} == {"classic", "newer", "entry2020"}


def test_pages_of_2_0_know_1014_and_no_1003(plan_for: PlanFor) -> None:
    plan = plan_for("2.0")
    assert vendors_codes(plan) == ALL_CLIENT_CODES - {1003}
    assert {scenario.build for scenario in (*plan.scenarios, *plan.controls)} == {"v2"}
    assert plan.links["entry"].hosts[0] == "turing.captcha.qcloud.com"


def test_pages_abroad_know_1003_and_no_1014_and_ask_their_own_hosts(plan_for: PlanFor) -> None:
    plan = plan_for("international")
    assert vendors_codes(plan) == ALL_CLIENT_CODES - {1014}
    assert {scenario.build for scenario in (*plan.scenarios, *plan.controls)} == {"international"}
    assert plan.links["entry"].hosts[0] == "ca.turing.captcha.qcloud.com"
    assert plan.links["config"].hosts == ("ca.turing.captcha.qcloud.com",)
    assert plan.links["slider"].hosts == ("global.turing.captcha.gtimg.com",)


def test_the_template_is_given_15_s_twice_abroad_and_10_s_twice_elsewhere(plan_for: PlanFor) -> None:
    assert one(plan_for("2.0"), "template", "hang").wait_ms == 2 * 10_000
    assert one(plan_for("international"), "template", "hang").wait_ms == 2 * 15_000


def test_a_generation_that_does_not_exist_is_refused_where_it_stands_with_the_closest(plan_for: PlanFor) -> None:
    with pytest.raises(ConfigurationError, match=r"captchaos\.toml:5: .*no generation is called 'internatonal'.*international"):
        plan_for("internatonal")
