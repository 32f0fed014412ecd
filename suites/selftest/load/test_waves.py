"""Who comes in a scenario of load: drawn, and drawn alike for the same scenario."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.lab.address_book import Book
from harness.lab.waves import Arrival, Gang, arrivals, crowd_of
from harness.plan.build import make_plan
from harness.target.loader import load_target
from harness.target.spec import CLIENT_IP_RANGES, FlowLimits, Load

SHOP = Path(__file__).parents[3] / "fixtures" / "shop" / "captchaos.toml"
PAGES = ("/healthz", "/checkout")


def crowd(seed: str = "checkout-load-hang", rate_per_s: int = 8) -> tuple[Arrival, ...]:
    gang, addresses = Gang.beyond(per_account=1, per_address=5), Book.of(CLIENT_IP_RANGES).everybody
    return arrivals(rate_per_s=rate_per_s, recovery_ms=10_000, pages=PAGES, seed=seed, gang=gang, addresses=addresses)


def test_the_same_scenario_draws_the_same_crowd_and_another_one_another() -> None:
    assert crowd() == crowd()
    assert crowd() != crowd("login-load-hang")


def test_hundreds_come_and_honest_and_forging_are_mixed_in_every_wave() -> None:
    assert 150 <= len(crowd()) <= 270  # 26 s at 8 a second
    for wave in ("before", "outage", "after"):
        assert {one.who for one in crowd() if one.wave == wave} == {"honest", "forger", "page"}


@pytest.mark.parametrize(("wave", "lasts_s"), [("before", 5), ("outage", 8), ("after", 13)])
def test_a_wave_lasts_its_time_and_the_last_one_longer_than_recovery_may_take(wave: str, lasts_s: float) -> None:
    times = [one.at_s for one in crowd() if one.wave == wave]
    assert times == sorted(times)
    assert lasts_s - 2 < times[-1] < lasts_s


def test_nobody_shares_an_account_or_an_address_but_forgers() -> None:
    others = [one for one in crowd() if one.who != "forger"]
    forgers = [one for one in crowd() if one.who == "forger"]
    for whose in ("account", "address"):
        theirs = [getattr(one, whose) for one in others]
        assert len(set(theirs)) == len(theirs)
        assert not set(theirs) & {getattr(one, whose) for one in forgers}


def forgers_of(wave: str, came: tuple[Arrival, ...]) -> list[Arrival]:
    return [one for one in came if (one.wave, one.who) == (wave, "forger")]


@pytest.mark.parametrize("wave", ["before", "outage", "after"])
def test_in_every_wave_forgers_try_an_account_and_an_address_more_often_than_the_limits_allow(wave: str) -> None:
    """One for an account and five for an address, on whichever of the waves the policy accepts."""
    forgers = forgers_of(wave, crowd())
    by_account = Counter(one.account for one in forgers)
    accounts_at = Counter(address for address, _ in {(one.address, one.account) for one in forgers})
    assert max(by_account.values()) == 2
    assert max(accounts_at.values()) > 5


def test_no_address_is_used_up_by_the_forgers_of_another_wave() -> None:
    addresses = [{one.address for one in forgers_of(wave, crowd())} for wave in ("before", "outage", "after")]
    assert sum(map(len, addresses)) == len(set.union(*addresses))


def test_the_address_limit_is_tried_in_nearly_every_crowd_of_that_rate() -> None:
    """Some sixteen forgers are due in the outage; fewer than seven come once in 250 times (Poisson)."""
    untried = 0
    for seed in range(100):
        forgers = forgers_of("outage", crowd(f"flow-{seed}"))
        accounts_at = Counter(address for address, _ in {(one.address, one.account) for one in forgers})
        untried += max(accounts_at.values(), default=0) <= 5
    assert untried <= 3


def test_an_account_is_tried_beyond_its_limit_before_that_of_its_address_hides_it() -> None:
    gang = Gang.beyond(per_account=3, per_address=5)
    forgers: list[int] = []
    placed = [gang.place(forgers, number) for number in range(100, 112)]
    assert [account for account, _ in placed[:5]] == [100, 100, 100, 100, 104]
    assert len({account for account, address in placed if address == 100}) + 2 == 10, "three of one account, one of each other"


def test_each_arrival_has_a_number_of_its_own() -> None:
    assert [one.number for one in crowd()] == list(range(len(crowd())))


def crowd_of_the_shop(**own: Any) -> tuple[Arrival, ...]:
    """Who comes to the shop whose target file says this of its checkout, or of itself, instead."""
    shop = load_target(SHOP)
    target = replace(shop, **{key: value for key, value in own.items() if key != "limits"})
    flow = replace(target.flows["checkout"], limits=own.get("limits", target.flows["checkout"].limits))
    (scenario,) = (one for one in make_plan(shop).scenarios if one.id == "checkout-load-hang")
    return crowd_of(target, flow, Load(rate_per_s=8, also=("/checkout",)), scenario)


def test_a_crowd_comes_from_the_ranges_that_the_target_file_names() -> None:
    came = crowd_of_the_shop(client_ip_ranges=("10.9.0.0/24",))
    assert {one.address.rpartition(".")[0] for one in came} == {"10.9.0"}
    assert len({one.address for one in came}) > 100


def test_a_crowd_asks_for_the_targets_own_pages_and_tries_its_own_limits() -> None:
    came = crowd_of_the_shop(ready="/ready", limits=FlowLimits(per_account=4, per_address=40))
    assert {one.path for one in came if one.who == "page"} == {"/ready", "/checkout"}
    forgers = forgers_of("outage", came)
    assert max(Counter(one.account for one in forgers).values()) == 5
    assert len({one.address for one in forgers}) == 1


def test_pages_are_those_of_the_target_file_and_nobody_else_asks_for_them() -> None:
    asked = Counter(one.path for one in crowd() if one.who == "page")
    assert asked.keys() == set(PAGES)
    assert all(not one.path for one in crowd() if one.who != "page")
