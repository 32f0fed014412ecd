"""The search finds, makes small, groups, and calls no failure what it cannot repeat. Hypothesis is real; nobody is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import strategies as st

from harness.errors import TargetError
from harness.explore.finding import Failure
from harness.explore.kinds import Options, Outcome
from harness.explore.search import Search
from harness.explore.telling import summary, table, told
from harness.target.loader import find_target, load_target

SHOP = load_target(find_target(None))


def failure(rule: str, cause: str) -> Failure:
    return Failure(rule=rule, cause=cause, expected="so", seen="otherwise")


@dataclass
class Numbers:
    """A subject whose examples are numbers; ``breaks`` says which rule a number breaks, given how many were asked."""

    breaks: Callable[[int, int], str]
    flow: str = "login"
    health: str = "health"
    asked: list[int] = field(default_factory=list)
    since_fresh: int = 0
    limited: bool = False

    def strategy(self) -> st.SearchStrategy[int]:
        return st.integers(0, 10_000)

    def label(self, example: int) -> str:
        return "large" if example >= 1000 else "small"

    def shown(self, example: int) -> str:
        return str(example)

    def written(self, example: int) -> Mapping[str, object]:
        return {"number": example}

    def ask(self, example: int, *, chasing: str = "") -> tuple[str, tuple[Failure, ...]]:
        self.asked.append(example)
        self.since_fresh += 1
        rule = self.breaks(example, self.since_fresh)
        return ("broken" if rule else "fine"), ((failure(rule, self.label(example)),) if rule else ())

    def fresh(self) -> None:
        self.since_fresh = 0

    def used(self) -> bool:
        return self.since_fresh > 0

    def whole(self, _failure: Failure, example: int) -> int:
        return example

    def own_limit(self, _failure: Failure) -> bool:
        return self.limited


def searched(subject: Numbers, folder: Path, *, examples: int = 300, seed: int = 1) -> Outcome:
    outcome = Outcome()
    options = Options(seconds=None, examples=examples, seed=seed, cases=folder)
    Search(SHOP, options, outcome, case_kind="ticket").batch(subject, limit_s=30, examples=examples)
    return outcome


def test_what_breaks_is_made_as_small_as_it_can_be_and_kept(tmp_path):
    outcome = searched(Numbers(lambda number, _: "never-5xx" if number > 4321 else ""), tmp_path)
    (found,) = outcome.discoveries
    assert found.input == {"number": 4322}
    assert found.repeatable
    assert found.case is not None
    assert found.case.parent == tmp_path
    assert found.times > 1


def test_what_breaks_nothing_is_asked_as_often_as_was_wanted(tmp_path):
    subject = Numbers(lambda _number, _: "")
    outcome = searched(subject, tmp_path, examples=50)
    assert (outcome.discoveries, outcome.examples, len(subject.asked)) == ([], 50, 50)
    assert sum(sum(row.values()) for row in outcome.labels.values()) == 50
    assert not list(tmp_path.iterdir())


def test_two_rules_are_two_failures_and_one_rule_of_one_cause_is_one(tmp_path):
    def two(number: int, _: int) -> str:
        return "never-5xx" if number > 9000 else "bounded-wait" if number % 2 and number > 1000 else ""

    outcome = searched(Numbers(two), tmp_path)
    assert sorted(found.input["number"] for found in outcome.discoveries) == [1001, 9001]


def test_what_breaks_two_flows_alike_is_one_failure_that_names_both(tmp_path):
    outcome = Outcome()
    search = Search(SHOP, Options(seconds=None, examples=200, seed=1, cases=tmp_path), outcome, case_kind="ticket")
    for flow in ("login", "checkout"):
        subject = Numbers(lambda number, _: "never-5xx" if number > 20 else "", flow=flow)
        search.batch(subject, limit_s=30, examples=100)
    (found,) = outcome.discoveries
    assert (found.flow, found.input) == ("login", {"number": 21})
    assert any(" at checkout (" in one for one in found.also)
    assert len(list(tmp_path.iterdir())) == 1


def test_another_bug_at_another_flow_has_a_case_of_its_own_though_it_breaks_the_same_rule(tmp_path):
    """The small example of the first breaks nothing there: a case for it alone would turn green while the other bug stays."""
    outcome = Outcome()
    search = Search(SHOP, Options(seconds=None, examples=400, seed=1, cases=tmp_path), outcome, case_kind="ticket")
    for flow, breaks in (("login", range(21, 10_001)), ("checkout", range(5))):
        subject = Numbers(lambda number, _, breaks=breaks: "never-5xx" if number in breaks else "", flow=flow)
        search.batch(subject, limit_s=30, examples=200)
    found = [(one.flow, one.input) for one in outcome.discoveries]
    assert found == [("login", {"number": 21}), ("checkout", {"number": 0})]
    assert len(list(tmp_path.iterdir())) == 2


def test_the_same_seed_draws_the_same_again(tmp_path):
    def asked(seed: int) -> list[int]:
        subject = Numbers(lambda _number, _: "")
        searched(subject, tmp_path, examples=30, seed=seed)
        return subject.asked

    assert asked(5) == asked(5)
    assert asked(5) != asked(6)


def test_what_comes_only_sometimes_is_not_repeatable_and_says_how_often_it_came(tmp_path):
    turns = iter([1] * 3 + [0, 1, 0, 1, 0, 0, 0] * 500)
    outcome = searched(Numbers(lambda number, _: "never-5xx" if number > 10 and next(turns) else ""), tmp_path, examples=40)
    (found, *_) = outcome.discoveries
    assert not found.repeatable
    assert found.seen < found.of
    assert "not repeatable, seen" in next(told(found))


def test_what_a_used_target_alone_does_is_not_repeatable(tmp_path):
    outcome = searched(Numbers(lambda _number, since: "never-5xx" if since > 5 else ""), tmp_path, examples=40)
    assert [(found.seen, found.case) for found in outcome.discoveries] == [(0, None)]
    assert not list(tmp_path.iterdir())


def test_a_flake_that_comes_first_hides_no_failure_that_comes_every_time(tmp_path):
    flakes = iter([True])
    outcome = searched(Numbers(lambda number, _: "never-5xx" if number > 4321 or next(flakes, False) else ""), tmp_path)
    assert [(found.repeatable, found.case is not None) for found in outcome.discoveries] == [(False, False), (True, True)]
    assert outcome.discoveries[1].input == {"number": 4322}
    assert len(list(tmp_path.iterdir())) == 1


def test_what_a_used_target_hides_is_made_small_on_fresh_ones(tmp_path):
    hidden = Numbers(lambda number, since: "never-5xx" if number > 4321 and since % 3 == 1 else "")
    (found, *_) = searched(hidden, tmp_path).discoveries
    assert (found.input, found.seen, found.of) == ({"number": 4322}, 3, 3)


def test_a_limit_of_the_targets_own_is_a_note_and_no_failure(tmp_path):
    subject = Numbers(lambda _number, since: "business-completes" if since > 5 else "", limited=True)
    outcome = searched(subject, tmp_path, examples=40)
    assert outcome.discoveries == []
    assert "taken for a limit of the target's own" in outcome.notes[0]
    assert not list(tmp_path.iterdir())


def test_a_limit_of_the_targets_own_hides_no_failure_that_a_fresh_target_shows(tmp_path):
    subject = Numbers(lambda number, since: "business-completes" if since > 40 or number > 5000 else "", limited=True)
    found = searched(subject, tmp_path).discoveries
    assert [(one.input, one.repeatable) for one in found] == [({"number": 5001}, True)]


class Crowd(Numbers):
    """Five hundreds are an error, and more than 10 together are too many; what is together comes of the running target."""

    def ask(self, example: int, *, chasing: str = "") -> tuple[str, tuple[Failure, ...]]:
        self.asked.append(example)
        rules = ["never-5xx"] * (example == 6) + ["limits-hold"] * (sum(self.asked) > 10)
        return "fine", tuple(failure(rule, "small") for rule in rules)

    def fresh(self) -> None:
        self.asked.clear()

    def whole(self, failure: Failure, example: int) -> int:
        return sum(self.asked) if failure.rule == "limits-hold" else example


def test_of_two_failures_at_once_the_second_is_of_what_came_before_the_first_was_looked_into(tmp_path):
    outcome = Outcome()
    options = Options(seconds=None, seed=1, cases=tmp_path)
    Search(SHOP, options, outcome, case_kind="ticket").look(Crowd(lambda _number, _: ""), [4, 5, 6])
    found = {one.failure.rule: (one.input["number"], one.repeatable) for one in outcome.discoveries}
    assert found == {"never-5xx": (6, True), "limits-hold": (15, True)}


def test_chosen_examples_leave_half_of_the_seconds_to_the_drawn_ones(monkeypatch, tmp_path):
    now = iter(range(0, 10_000, 5))
    monkeypatch.setattr("harness.explore.search.time", SimpleNamespace(monotonic=lambda: next(now)))
    subject = Numbers(lambda _number, _: "")
    search = Search(SHOP, Options(seconds=60, cases=tmp_path), Outcome(), case_kind="ticket")
    search.look(subject, range(100))
    # Three looks at the clock for each, of 5 s.
    assert len(subject.asked) == 2


def test_what_breaks_the_laboratory_ends_the_search_and_is_no_failure(tmp_path):
    class Broken(Numbers):
        def ask(self, example: int, *, chasing: str = "") -> tuple[str, tuple[Failure, ...]]:
            raise TargetError("the target did not start")

    with pytest.raises(TargetError, match="did not start"):
        searched(Broken(lambda _number, _: ""), tmp_path)


def test_the_table_says_of_what_the_examples_were(tmp_path):
    outcome = searched(Numbers(lambda _number, _: ""), tmp_path, examples=60)
    head, *rows = table(outcome)
    assert head.split() == ["examples", "fine"]
    assert {row.split()[0] for row in rows} == {"small", "large"}
    assert summary(outcome).startswith("60 examples of 2 kinds (")
    assert summary(outcome).endswith("nothing found")
