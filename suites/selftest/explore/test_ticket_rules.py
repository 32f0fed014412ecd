"""What a ticket is worth, and what must hold of a try: as the contract has it, and as two right integrations may differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.catalog import Policy
from harness.explore.rules import Bounds, Worth, broken, over_the_limit, worth_of
from harness.explore.seen import Seen, header_injected, reflected
from harness.target.spec import Completed, Effects, FlowLimits, FlowSpec, PolicySpec

APP, NOW = "199999164", 1_700_000_000
FLOW = FlowSpec(
    name="login", completed=Completed(status=200), effects=Effects(get="/a", count="$"),
    policy=PolicySpec(verdict_up=Policy.ACCEPT, verdict_down=Policy.STEP_UP), limits=FlowLimits(per_address=2, window_s=60),
)  # fmt: skip
BOUNDS = Bounds(flow=FLOW, provider="tencent_web", down=False, patient_ms=5000)
DOWN = replace(BOUNDS, down=True)
REFUSED = Seen(status=403, ticket="terror_1001")


def rules(seen, worth, bounds=BOUNDS):
    return [failure.rule for failure in broken(seen, worth, bounds, "a label")]


@pytest.mark.parametrize(
    ("ticket", "worth"),
    [
        (f"terror_1001_{APP}_{NOW}", Worth.LOOKALIKE),
        (f"trerror_1014_{APP}_{NOW}_0123456789abcdef", Worth.LOOKALIKE),
        (f"terror_1001_{APP}{NOW}", Worth.WORTHLESS),
        (f"terror_1001__{NOW}", Worth.WORTHLESS),
        (f"terror_{APP}_{NOW}", Worth.WORTHLESS),
        (f"terror_1001_{APP}_{NOW}000", Worth.WORTHLESS),
        (f"terror_1001_299999164_{NOW}", Worth.WORTHLESS),
        (f"terror_1001_{APP}_{NOW - 86_400}", Worth.WORTHLESS),
        (f"terror_1001_{APP}_{NOW + 86_400}", Worth.WORTHLESS),
        (f"terror_2001_{APP}_{NOW}_{'0' * 40}", Worth.WORTHLESS),
        (f"terror_١٠٠١_{APP}_{NOW}", Worth.WORTHLESS),
        (f"terror_1001_{APP}_{NOW}_{'A' * 10_240}", Worth.WORTHLESS),
        ("terror_" + "9" * 10_000, Worth.WORTHLESS),
        ("<script>alert('terror_1001')</script>", Worth.WORTHLESS),
        ([f"terror_1001_{APP}_{NOW}"], Worth.WORTHLESS),
        ("", Worth.NOTHING),
        (" \t\n", Worth.NOTHING),
    ],
)
def test_a_ticket_is_read_as_the_contract_has_it(ticket, worth):
    assert worth_of(ticket, app_id=APP, codes=(1001, 1014), now_s=NOW) is worth


@pytest.mark.parametrize(
    "ticket",
    [
        f" terror_1001_{APP}_{NOW}",  # who trims what users send is right to
        f"terror_1001_{APP}_{NOW}\0",
        f"\u00a0terror_1001_{APP}_{NOW}\u2028",
        f"TERROR_1001_{APP}_{NOW}",  # nor is who compares without regard to case wrong
        f"terror＿1001＿{APP}＿{NOW}",  # nor who brings text to one normal form
        f"terror_１００１_{APP}_{NOW}",
        f"terror_1001_{APP}_{NOW - 300}",  # nobody says how old a ticket may be
        f"terror_9999_{APP}_{NOW}",  # nor that an unknown code is refused
        f"terror_1001_{APP}_{NOW}_{'x' * 100}",
    ],
)
def test_where_right_integrations_differ_nobody_is_blamed(ticket):
    worth = worth_of(ticket, app_id=APP, codes=(1001,), now_s=NOW)
    assert worth is Worth.UNSURE
    assert rules(replace(REFUSED, ticket=ticket), worth) == []
    assert rules(Seen(status=200, ticket=ticket, completed=True, gained=1), worth) == []


def test_whatever_is_sent_the_answer_is_no_5xx_comes_in_time_and_takes_effect_once():
    assert rules(replace(REFUSED, status=500), Worth.WORTHLESS) == ["never-5xx"]
    assert rules(replace(REFUSED, real_ms=5001.0), Worth.WORTHLESS) == ["bounded-wait"]
    assert rules(replace(REFUSED, status=None, error="no whole answer"), Worth.WORTHLESS) == ["bounded-wait"]
    assert rules(Seen(status=200, ticket="", completed=True, gained=2, passed=True), Worth.HONEST) == ["exactly-once"]
    assert rules(replace(REFUSED, leaked=("app_secret in its answer",)), Worth.WORTHLESS) == ["private"]
    assert rules(replace(REFUSED, died="exit status 1"), Worth.WORTHLESS) == ["stays-alive"]


def test_a_worthless_ticket_gains_nothing_in_health_and_no_ticket_gains_anything_ever():
    gained = Seen(status=200, ticket="x", completed=True, gained=1)
    accepted_in_an_outage = replace(DOWN, flow=replace(FLOW, policy=PolicySpec(verdict_down=Policy.ACCEPT)))
    assert rules(gained, Worth.WORTHLESS) == ["nothing-for-free"]
    assert rules(gained, Worth.WORTHLESS, accepted_in_an_outage) == []
    assert rules(gained, Worth.NOTHING, accepted_in_an_outage) == ["nothing-for-nothing"]
    assert rules(replace(gained, gained=0), Worth.WORTHLESS) == ["nothing-for-free"]


def test_a_step_up_lets_nobody_in_without_the_providers_pass():
    gained = Seen(status=200, ticket="x", completed=True, gained=1)
    assert rules(gained, Worth.HONEST, DOWN) == ["nothing-for-free"]
    assert rules(replace(gained, passed=True), Worth.HONEST) == []
    assert rules(Seen(status=202, ticket="x", offered=True), Worth.HONEST, DOWN) == []


def test_nobody_is_marked_as_verified_without_the_providers_pass():
    marked = Seen(status=200, ticket="x", completed=True, gained=1, marked=1)
    assert rules(marked, Worth.LOOKALIKE) == ["nothing-for-free"]
    assert rules(replace(marked, passed=True), Worth.HONEST) == []


def test_who_has_what_an_honest_user_has_is_served():
    assert rules(REFUSED, Worth.HONEST) == ["business-completes"]
    assert rules(REFUSED, Worth.LOOKALIKE) == ["business-completes"]
    assert rules(REFUSED, Worth.HONEST, DOWN) == ["business-completes"]


@pytest.mark.parametrize(
    "seen",
    [replace(REFUSED, status=429), replace(REFUSED, first=False), replace(REFUSED, used_lately=2)],
    ids=["too many requests", "a ticket that was sent before", "an address that has had its share"],
)
def test_who_sends_too_much_or_twice_may_be_turned_away(seen):
    assert rules(seen, Worth.LOOKALIKE) == []


def test_who_had_their_share_in_an_earlier_window_is_served():
    assert rules(replace(REFUSED, used_before=2, used_lately=1), Worth.LOOKALIKE) == ["business-completes"]


def test_an_address_gets_no_more_than_its_limit_in_each_window():
    third = Seen(status=200, ticket="x", completed=True, gained=1, used_before=2, open_s=10.0)
    assert over_the_limit(third, BOUNDS) == "3 unverified effects from one address, which may have 2"
    assert not over_the_limit(replace(third, used_before=1), BOUNDS)
    assert not over_the_limit(replace(third, passed=True), BOUNDS)
    assert not over_the_limit(replace(third, open_s=61.0), BOUNDS)


def test_markup_that_comes_back_unescaped_is_seen_in_pages_alone():
    import httpx

    ticket = "terror_1001_1_1\"><script>alert(1)</script>"
    page = httpx.Response(200, html=f"<p>{ticket}</p>")
    assert reflected(ticket, page) == "<script>alert(1)"
    assert not reflected(ticket, httpx.Response(200, html="<p>&lt;script&gt;alert(1)</p><script>start()</script>"))
    assert not reflected(ticket, httpx.Response(200, json={"ticket": ticket}))
    assert not reflected("<b>", httpx.Response(200, html="<b>"))
    assert header_injected("a\r\nx: y", httpx.Response(200, headers={"x": "y"}))
    assert not header_injected("a", httpx.Response(200, headers={"x": "y"}))
