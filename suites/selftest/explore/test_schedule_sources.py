"""Where schedules come from: drawn ones of several faults that can be struck, and those beside what showed something rare."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice

import pytest

from harness.catalog import Schedule, Stroke
from harness.explore.arrays import Drawn
from harness.explore.guidance import AT_MOST, Guidance, features
from harness.explore.sources import Sources, blind, drawn_schedules, guided
from harness.journal.model import Record
from harness.plan.build import Plan, make_plan
from harness.plan.schedules import scheduled, strokes_of, why_not
from harness.target.loader import find_target, load_target
from harness.target.spec import FlowSpec, Target
from suites.selftest.judge.records import client_fault, with_evidence, with_visit

MINI = "mini-profile"


@pytest.fixture(scope="module")
def shop() -> Target:
    return load_target(find_target(None))


@pytest.fixture(scope="module")
def plan(shop: Target) -> Plan:
    return make_plan(shop)


@pytest.fixture(scope="module")
def flows(shop: Target) -> tuple[FlowSpec, ...]:
    return (shop.flows[MINI],)


@pytest.fixture(scope="module")
def drawn(plan: Plan, flows: tuple[FlowSpec, ...]) -> list[Drawn]:
    return list(islice(drawn_schedules(plan, flows, seed=3), 60))


def test_drawn_schedules_have_two_faults_to_four_for_times_of_their_own_and_can_be_struck(
    shop: Target, plan: Plan, drawn: list[Drawn]
) -> None:
    assert {len(one.schedule) for one in drawn} == {2, 3, 4}
    assert {stroke.lasts_ms for one in drawn for stroke in one.schedule.strokes} == {None, 200, 1000, 5000}
    for one in drawn:
        scheduled(plan, shop, one.flow, one.schedule)


def test_the_same_seed_draws_the_same_schedules_each_once_and_another_seed_others(
    plan: Plan, flows: tuple[FlowSpec, ...], drawn: list[Drawn]
) -> None:
    assert list(islice(drawn_schedules(plan, flows, seed=3), 60)) == drawn
    assert len(set(drawn)) == len(drawn)
    assert list(islice(drawn_schedules(plan, flows, seed=4), 60)) != drawn


def strokes(plan: Plan, *words: tuple[str, str]) -> tuple[Stroke, ...]:
    known = {(one.link, one.fault): one for one in strokes_of(plan, MINI)}
    return tuple(known[word] for word in words)


def ran(shown: str, answer: str = "1") -> Record:
    """A visit that ended so, on the mini program's flow."""
    record = with_visit(client_fault(), outcome=shown)
    calls = tuple(replace(one, answer=answer) for one in record.evidence.verdict_calls)
    return with_evidence(replace(record, scenario=replace(record.scenario, flow=MINI)), verdict_calls=calls)


def taught(plan: Plan, flows: tuple[FlowSpec, ...], seed: int) -> Guidance:
    """Of many uneventful schedules, one that let nobody through and one that another answer was given to."""
    guidance = Guidance(plan, flows, random.Random(seed))  # noqa: S311 - a test's own chance
    for fault in ("refused", "reset", "hang", "empty", "throttled", "html"):
        on = "verdict" if fault in ("throttled", "html") else "config"
        plain = strokes(plan, (on, fault), ("refresh", "hang"))
        guidance.heard(Drawn(flow=MINI, profile="none", schedule=Schedule(strokes=plain)), ran("verified"), ())
    for pair, record in (
        (strokes(plan, ("config", "status-500"), ("refresh", "hang")), ran("nothing")),
        (strokes(plan, ("verdict", "internal-error"), ("refresh", "hang")), ran("verified", answer="InternalError")),
    ):
        guidance.heard(Drawn(flow=MINI, profile="none", schedule=Schedule(strokes=pair)), record, ())
    return guidance


def test_two_that_showed_rare_things_are_brought_together_without_what_was_there_in_plain_runs(
    plan: Plan, flows: tuple[FlowSpec, ...]
) -> None:
    both = [set(strokes(plan, ("config", "status-500"), ("verdict", "internal-error")))]
    beside = [taught(plan, flows, seed).beside() for seed in range(60)]
    brought = [one for one in beside if one and [set(one.schedule.strokes)] == both]
    assert len(brought) >= 6, "one in ten at least; by chance it were one in a thousand"


def test_what_lies_beside_can_be_struck_has_few_faults_and_was_not_tried(
    shop: Target, plan: Plan, flows: tuple[FlowSpec, ...]
) -> None:
    links = plan.links_by_provider[flows[0].provider]
    guidance, tried = taught(plan, flows, 1), set[Drawn]()
    for _ in range(40):
        if one := guidance.beside():
            assert one not in tried
            assert 1 < len(one.schedule) <= AT_MOST
            assert not why_not(one.schedule.strokes, links)
            tried.add(one)
            guidance.heard(one, ran("verified"), ())
    assert len(tried) > 30


def test_nothing_lies_beside_what_showed_nothing(plan: Plan, flows: tuple[FlowSpec, ...]) -> None:
    assert Guidance(plan, flows, random.Random(1)).beside() is None  # noqa: S311 - a test's own chance


def test_a_state_is_what_page_and_server_showed_and_no_figure_of_it() -> None:
    record = ran("verified")
    (submit,) = record.evidence.submits
    later = with_evidence(record, submits=(replace(submit, real_ms=(submit.real_ms or 0) + 20),))
    another_time = with_evidence(record, submits=(replace(submit, ticket=submit.ticket[:-1] + "9"),))
    slow = with_evidence(record, submits=(replace(submit, real_ms=2500),))
    assert features(later) == features(another_time) == features(record)
    assert features(slow) != features(record)


def test_a_guided_search_begins_with_what_a_blind_one_draws_and_a_row_after_every_two(
    plan: Plan, flows: tuple[FlowSpec, ...], drawn: list[Drawn]
) -> None:
    """So it finds at most half as late again what blind drawing finds among its first."""
    rows = drawn[40:45]
    led, unled = guided(plan, flows, iter(rows), seed=3), blind(plan, flows, seed=3)
    for n in range(14):
        one = led.next()
        assert one is not None
        assert one == (rows[n // 3] if n % 3 == 2 else unled.next())
        led.heard(one, ran("verified"), ())


def test_a_search_ends_when_all_its_sources_have(drawn: list[Drawn]) -> None:
    rows = drawn[40:43]
    sources = Sources(drawing=iter(drawn[:2]), chance=random.Random(1), array=iter(rows))  # noqa: S311 - a test's own chance
    assert [sources.next() for _ in range(6)] == [*drawn[:2], *rows, None]
    assert (sources.rows, sources.drawn, sources.varied) == (3, 2, 0)


def test_where_no_two_faults_fit_together_nothing_is_drawn(
    plan: Plan, flows: tuple[FlowSpec, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.explore.sources.why_not", lambda *_two: "they cannot be told apart")
    assert list(drawn_schedules(plan, flows, seed=1)) == []


def test_a_blind_search_takes_what_is_drawn_and_nothing_else(
    plan: Plan, flows: tuple[FlowSpec, ...], drawn: list[Drawn]
) -> None:
    without = blind(plan, flows, seed=3)
    assert [without.next() for _ in range(60)] == drawn
