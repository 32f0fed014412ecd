"""A time that is over its budget by less than the controls themselves vary is unknown, once it has been repeated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.journal.model import Post, Record, Verdict
from harness.judge import judge
from suites.selftest.judge.records import (
    at,
    client_fault,
    control,
    submit,
    with_evidence,
    with_expect,
    with_scenario,
    with_visit,
)


def repeated(record: Record) -> Record:
    """The second attempt, made alone because the first was near its budget."""
    return replace(record, attempt=2, repeat_reason="time near budget")


def controls(*submits_ms: float) -> tuple[Record, ...]:
    """Healthy controls whose submits took so long."""
    return tuple(with_evidence(control(), submits=(submit("t", visit="control", real_ms=ms),)) for ms in submits_ms)


LATE = with_evidence(client_fault(), submits=(submit("x", real_ms=5040),))


def test_both_figures_are_named() -> None:
    """5040 ms for 5000, and the controls' own answers took from 60 to 110 ms."""
    judgement = judge(repeated(LATE), controls=controls(60, 110, 80))
    assert judgement.verdict is Verdict.UNKNOWN
    assert judgement.unknown_because == (
        "budget indistinguishable from noise: the server answers a submit after 5040 ms, 40 ms over its budget of 5000 ms, and "
        "with nothing broken the same varies by 50 ms, from 60 to 110 ms in 3 measurements"
    )
    assert [found.oracle for found in judgement.findings] == ["bounded-wait"]


def test_it_is_a_fail_until_it_has_been_repeated() -> None:
    for record in (LATE, replace(LATE, attempt=2, repeat_reason="clock was advanced")):
        assert judge(record, controls=controls(60, 110)).verdict is Verdict.FAIL


@pytest.mark.parametrize("submits_ms", [(60, 99), (60, 100), (60,), ()])
def test_over_the_budget_by_as_much_as_the_spread_or_more_is_a_fail(submits_ms: tuple[float, ...]) -> None:
    """40 ms over it. One control has no spread, and no control at all is another reason for unknown."""
    judgement = judge(repeated(LATE), controls=controls(*submits_ms))
    assert judgement.verdict is (Verdict.FAIL if submits_ms else Verdict.UNKNOWN)
    assert "noise" not in judgement.unknown_because


def test_another_finding_beside_it_is_a_fail() -> None:
    doubled = repeated(with_visit(LATE, effects=2))
    page_too = repeated(with_visit(LATE, loaded_ms=9000))
    for record in (doubled, page_too):
        assert judge(record, controls=controls(60, 110)).verdict is Verdict.FAIL


def test_what_is_in_its_budget_passes_however_much_the_controls_vary() -> None:
    assert judge(repeated(client_fault()), controls=controls(10, 4000)).verdict is Verdict.PASS


def test_another_flows_controls_and_other_records_say_nothing_of_it() -> None:
    wide = [with_scenario(one, flow="checkout") for one in controls(60, 4000)]
    assert judge(repeated(LATE), controls=(*controls(60), *wide)).verdict is Verdict.FAIL
    beside = with_scenario(with_evidence(client_fault(), submits=(submit("y", visit="control", real_ms=4000),)), id="other")
    assert judge(repeated(LATE), controls=(*controls(60), beside)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("late", "quantity", "varies"),
    [
        (with_visit(client_fault(), business_ms=10_040), "business_ms", (1500, 1600)),
        (with_visit(client_fault(), "new-tab", business_ms=15_040), "business_ms", (1500, 1600)),
        (with_visit(client_fault(), loaded_ms=4040), "loaded_ms", (200, 300)),
        (with_visit(client_fault(), usable_ms=1040), "usable_ms", (10, 110)),
    ],
    ids=["business", "recovery", "loaded", "usable"],
)
def test_each_time_is_held_against_the_same_quantity(late: Record, quantity: str, varies: tuple[int, int]) -> None:
    """Each 40 ms over its budget, and 100 ms of spread in that quantity, none in any other."""
    own = [with_visit(control(), "control", **{quantity: ms}) for ms in varies]
    assert judge(repeated(late), controls=own).verdict is Verdict.UNKNOWN
    assert judge(repeated(LATE), controls=own).verdict is Verdict.FAIL


def test_another_request_is_held_against_the_same_request() -> None:
    def post(path: str, visit: str, ms: float) -> Post:
        return Post(visit=visit, moment=at(900), method="POST", path=path, status=200, real_ms=ms)

    late = repeated(with_evidence(client_fault(), posts=(post("/code", "honest", 5040),)))
    for path, verdict in (("/code", Verdict.UNKNOWN), ("/picture", Verdict.FAIL)):
        own = [with_evidence(control(), posts=(post(path, "control", ms),)) for ms in (60, 110)]
        assert judge(late, controls=own).verdict is verdict


def test_a_fallback_ticket_has_no_like_in_a_control_and_its_time_is_never_noise() -> None:
    late = repeated(with_expect(with_visit(client_fault(), fallback_ms=5001), fallback_budget_ms=5000))
    own = [with_visit(control(), "control", business_ms=ms) for ms in (100, 4000)]
    assert judge(late, controls=own).verdict is Verdict.FAIL
