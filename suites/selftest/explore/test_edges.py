"""From uses to edges: what is one edge, and which scenarios break it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.catalog import Side
from harness.explore.edges import Found, Use, Whose, found_in
from harness.plan.build import Plan, make_plan
from harness.target.loader import find_target, load_target

CDN = Use(
    side=Side.BROWSER, host="cdn.example", port=443, link="", kind="script", flow="login", whose=Whose.THIRD_PARTY,
    path="/a.js", refused=True,
)  # fmt: skip
ENTRY = Use(
    side=Side.BROWSER, host="turing.captcha.qcloud.com", port=443, link="entry", kind="script", flow="login",
    whose=Whose.CAPTCHA, path="/TCaptcha.js",
)  # fmt: skip


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(load_target(find_target(None)))


def found(plan: Plan, *uses: Use) -> tuple[Found, ...]:
    return found_in(uses, plan.scenarios, lambda _flow, link: plan.links[link].hosts if link in plan.links else ())


def test_kinds_and_flows_of_one_host_are_one_edge(plan: Plan) -> None:
    (one,) = found(plan, CDN, replace(CDN, kind="font", flow="checkout"), replace(CDN, blocks=True))
    assert (one.edge.kinds, one.edge.flows, one.edge.blocks, one.uses) == (("font", "script"), ("checkout", "login"), True, 3)


def test_a_third_party_is_the_same_edge_before_it_is_mapped_and_after(plan: Plan) -> None:
    (before,) = found(plan, CDN)
    (after,) = found(plan, replace(CDN, link="cdn.example", refused=False))
    assert before.edge == after.edge


def test_another_port_and_the_servers_own_call_are_other_edges(plan: Plan) -> None:
    edges = found(plan, CDN, replace(CDN, port=8443), replace(CDN, side=Side.SERVER))
    assert [(one.edge.side.value, one.edge.host) for one in edges] == [
        ("browser", "cdn.example"), ("browser", "cdn.example:8443"), ("server", "cdn.example"),
    ]  # fmt: skip


def test_an_edge_is_covered_by_the_scenarios_of_its_link_in_its_flows(plan: Plan) -> None:
    (login,) = found(plan, ENTRY)
    (both,) = found(plan, ENTRY, replace(ENTRY, flow="checkout"))
    assert login.scenarios == sum(s.flow == "login" and "entry" in (s.link, *s.beside) for s in plan.scenarios)
    assert both.scenarios > login.scenarios
    assert not login.uncovered


def test_what_the_vendor_sends_on_no_link_is_broken_with_whatever_lives_on_that_host(plan: Plan) -> None:
    (telemetry,) = found(plan, replace(ENTRY, link="", path="/cap_monitor", kind="ping"))
    assert telemetry.scenarios > 0


def test_a_third_party_that_no_scenario_breaks_is_uncovered(plan: Plan) -> None:
    (one,) = found(plan, CDN)
    assert (one.uncovered, one.scenarios, one.refused) == (True, 0, True)
