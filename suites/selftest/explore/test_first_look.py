"""What is looked at first in an outage is hidden by no limit of the target's own: it is asked by who has used up nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import pytest

from harness.catalog import Policy
from harness.catalog.recipes import Recipe
from harness.explore.door import HONEST
from harness.explore.finding import Failure
from harness.explore.outages import Outage
from harness.explore.seen import Seen
from harness.explore.tickets import TicketSubject
from harness.target.loader import find_target, load_target
from harness.target.spec import FlowSpec

SHOP = load_target(find_target(None))
LOGIN = SHOP.flows["login"]
OUTAGES = [Outage(fault=fault) for fault in ("refused", "empty", "reset")]


@dataclass
class Lenient:
    """A target in an outage that gives each address its limit.

    It lets who brings nothing in, too, after ``patience`` good ones in a row. ``told``: whether it is told addresses;
    without, everybody has one.
    """

    told: bool
    most: int = LOGIN.limits.per_address
    patience: int = 3
    target: object = SHOP
    address: int = 0
    good: int = 0
    knocked: int = 0
    renewed: int = 0
    used: Counter[int] = field(default_factory=Counter)

    def knock(self, _flow: FlowSpec, recipe: Recipe, *, listen: bool = False) -> Seen:
        self.knocked += 1
        before = self.used[self.address]
        # Who is over the limit is turned away before anybody asks the provider.
        has = before < self.most and (bool(recipe.text) or self.good >= self.patience)
        self.good = self.good + 1 if recipe == HONEST and before < self.most else 0
        self.used[self.address] += has
        ticket = recipe.text.format(app="1", now=1) if recipe.text.startswith(("terror", "trerror")) else recipe.text
        return Seen(
            status=200 if has else 403, ticket=ticket, completed=has, gained=int(has), used_before=before, used_lately=before
        )

    def knocks(self, _flow: FlowSpec) -> int:
        return self.knocked

    def allowance(self, _flow: FlowSpec) -> int:
        return self.most - self.used[self.address]

    def from_elsewhere(self, _flow: FlowSpec) -> bool:
        self.address += self.told
        return self.told

    def renew(self, _outage: Outage | None = None) -> None:
        self.used.clear()
        self.knocked, self.good, self.renewed = 0, 0, self.renewed + 1

    def client_codes(self, _flow: FlowSpec) -> tuple[int, ...]:
        return (1001,)

    def let_in(self, _flow: FlowSpec) -> tuple[Recipe, ...]:
        return ()


def looked(target: Lenient, flow: FlowSpec) -> list[tuple[list[str], set[str]]]:
    """What became of the chosen examples of each outage, and which rules broke."""
    rows = []
    for outage in OUTAGES:
        subject = TicketSubject(door=target, spec=flow, outage=outage)  # type: ignore[arg-type]  # as much of one as it needs
        answers = [subject.ask(example) for example in subject.telling()]
        rows.append(([became for became, _found in answers], {one.rule for _became, found in answers for one in found}))
    return rows


@pytest.mark.parametrize("told", [True, False], ids=["it is told addresses", "everybody has one address"])
@pytest.mark.parametrize("most", [5, 2])
def test_nothing_after_good_ones_is_shown_in_every_outage_whatever_an_address_may_have(told, most):
    target = Lenient(told=told, most=most, patience=min(3, most - 1))
    flow = LOGIN if most == LOGIN.limits.per_address else _limited_to(most)
    for became, rules in looked(target, flow):
        assert (became[0], became[-1]) == ("let in", "let in")
        assert "limited" not in became
        assert rules == {"nothing-for-nothing"}
    # To start a target costs seconds: not where another address will do.
    assert bool(target.renewed) is not told


def test_a_flow_that_lets_nobody_in_unverified_is_never_started_anew_for_its_limits():
    target = Lenient(told=False, most=5)
    step_up = _policy(Policy.STEP_UP)
    subject = TicketSubject(door=target, spec=step_up, outage=OUTAGES[0])  # type: ignore[arg-type]  # as much as it needs
    assert len(list(subject.telling())) == 6
    assert target.renewed == 0


def test_too_many_together_of_whom_nothing_is_known_any_more_are_the_example_itself():
    subject = TicketSubject(door=Lenient(told=True), spec=LOGIN, outage=None)  # type: ignore[arg-type]  # as much as it needs
    one = Failure(rule="limits-hold", cause="honest", expected="5", seen="6")
    assert subject.whole(one, (HONEST,)) == (HONEST,)
    assert subject.shown(subject.whole(one, (HONEST,))) == "a good ticket of the provider's"


def _limited_to(most: int) -> FlowSpec:
    return replace(LOGIN, limits=replace(LOGIN.limits, per_address=most))


def _policy(policy: Policy) -> FlowSpec:
    return replace(LOGIN, policy=replace(LOGIN.policy, verdict_down=policy))
