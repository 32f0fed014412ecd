"""A search says of what nothing is proven: who was turned away for their number, who was not asked, what was not reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from harness.catalog import Policy
from harness.catalog.provider_answers import MadeUpAnswer, Meaning
from harness.catalog.recipes import Recipe
from harness.cli import fuzz
from harness.errors import ExitCode
from harness.explore.answers import AnswerSubject
from harness.explore.door import HONEST
from harness.explore.kinds import Outcome
from harness.explore.seen import Seen
from harness.explore.telling import beside
from harness.explore.tickets import TicketSubject
from harness.target.loader import find_target, load_target
from harness.target.spec import FlowSpec

SHOP = load_target(find_target(None))
LOGIN = SHOP.flows["login"]
WORTHLESS = Recipe(text="x")


@dataclass
class Target:
    """A door whose target answers by what it is sent and by how many came before; ``used`` are the effects among them."""

    answers: Callable[[Recipe, int], Seen]
    target: object = SHOP
    account: int = 0
    used: int = 0
    renewed: int = 0
    sent: list[int] = field(default_factory=list)

    def knock(self, _flow: FlowSpec, recipe: Recipe, *, listen: bool = False) -> Seen:
        self.account += 1
        seen = replace(self.answers(recipe, self.account), used_before=self.used, used_lately=self.used)
        self.used += seen.gained
        return seen

    def knocks(self, _flow: FlowSpec) -> int:
        return self.account

    def renew(self, _outage: object = None) -> None:
        self.account, self.used, self.renewed = 0, 0, self.renewed + 1

    def allowance(self, flow: FlowSpec) -> int:
        return flow.limits.per_address - self.used

    def from_elsewhere(self, _flow: FlowSpec) -> bool:
        return False

    def client_codes(self, _flow: FlowSpec) -> tuple[int, ...]:
        return (1001,)

    def answer_with(self, _flow: FlowSpec, _rewrite: object) -> None:
        pass


def asked(target: Target, recipe: Recipe, *, times: int, flow: FlowSpec = LOGIN) -> list[str]:
    subject = TicketSubject(door=target, spec=flow, outage=None)  # type: ignore[arg-type]  # as much of one as it needs
    return [became for became, _failures in (subject.ask((recipe,)) for _ in range(times))]


def said(recipe: Recipe, *, first: int, status: int) -> Seen:
    """Served while few have come, and then ``status``."""
    honest = recipe == HONEST
    return Seen(status=status if first else 200 if honest else 403, ticket="x", completed=honest and not first, passed=honest)


@pytest.mark.parametrize("status", [429, 403])
def test_an_honest_user_who_is_turned_away_after_many_is_tried_on_a_fresh_target(status):
    target = Target(lambda recipe, number: said(recipe, first=number > 10, status=status))
    assert asked(target, HONEST, times=50) == ["let in"] * 50
    assert target.renewed == 4


def test_worthless_tickets_that_are_turned_away_for_their_number_are_limited_until_a_fresh_target_has_them():
    target = Target(lambda recipe, number: said(recipe, first=number > 4, status=429))
    assert asked(target, WORTHLESS, times=8) == [*["turned away"] * 4, "limited", "limited", *["turned away"] * 2]


def test_who_says_429_to_the_first_worthless_ticket_means_no():
    target = Target(lambda recipe, _number: said(recipe, first=recipe != HONEST, status=429))
    assert asked(target, WORTHLESS, times=30).count("limited") == 2
    assert target.renewed == 1


def test_where_an_address_has_used_its_limit_up_a_worthless_ticket_is_limited():
    accepting = replace(LOGIN, policy=replace(LOGIN.policy, verdict_up=Policy.ACCEPT))
    target = Target(lambda _recipe, _number: Seen(status=403, ticket="x"), used=accepting.limits.per_address)
    assert asked(target, WORTHLESS, times=4, flow=accepting) == ["limited", "limited", "turned away", "turned away"]
    assert target.renewed == 1


def test_the_chosen_tickets_are_asked_again_when_one_alone_is_turned_away_for_its_number():
    target = Target(lambda recipe, number: said(recipe, first=number > 1, status=429))
    subject = TicketSubject(door=target, spec=LOGIN, outage=None)  # type: ignore[arg-type]  # as much of one as it needs
    became = [subject.ask(example)[0] for example in subject.telling()]
    assert became == ["let in", *["turned away"] * 4]


def test_a_target_that_asks_no_more_after_bad_answers_is_asked_afresh():
    target = Target(lambda _recipe, number: Seen(status=403, ticket="x", altered=number <= 3))
    subject = AnswerSubject(door=target, spec=LOGIN)  # type: ignore[arg-type]  # as much of one as it needs
    answer = MadeUpAnswer(text="{}", meaning=Meaning.NO_VERDICT)
    assert [subject.ask(answer)[0] for _ in range(10)] == ["turned away"] * 10
    assert target.renewed == 3


@pytest.mark.parametrize(("became", "words"), [("limited", "for their number"), ("not asked", "did not ask its provider")])
def test_where_most_examples_prove_nothing_the_search_says_so_and_is_not_clean(became, words):
    outcome = Outcome()
    for number in range(9):
        outcome.count("x", "let in" if number < 4 else became, flow="login", health="health")
        outcome.count("x", "let in" if number < 5 else became, flow="checkout", health="health")
    (sentence,) = beside(outcome)
    assert sentence.startswith("unknown: 5 of 9 examples at login prove nothing")
    assert words in sentence
    assert fuzz.exit_code(outcome, whole=True) is ExitCode.SOME_UNKNOWN


def test_what_was_not_reached_is_said_and_a_flow_without_an_example_is_not_clean():
    outcome = Outcome()
    outcome.coverage.plan([("login", "health"), ("login", "hang"), ("checkout", "health")])
    outcome.count("x", "let in", flow="login", health="health")
    assert next(beside(outcome)) == "not reached: login/hang, checkout/health"
    assert fuzz.exit_code(outcome, whole=True) is ExitCode.SOME_UNKNOWN
    outcome.count("x", "let in", flow="checkout", health="health")
    assert list(beside(outcome)) == ["not reached: login/hang"]
    assert fuzz.exit_code(outcome, whole=True) is ExitCode.ALL_PASS
