"""A known fail becomes waived, until its day; what is unknown, or not waived, stays what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harness.catalog import Waiver
from harness.journal.codec import decode, encode
from harness.journal.model import Judgement, Record, RunInfo, Severity, Verdict
from harness.journal.waivers import WaiverState, in_force, uses_of
from harness.judge import judge_run
from harness.judge.waiving import reach_of
from harness.pytest_plugin.outcome import Outcome
from harness.pytest_plugin.session import changed_minds
from suites.selftest.judge.records import client_fault, control, sick_control, with_evidence, with_scenario, with_visit
from suites.selftest.report.samples import run_info

ID = "login-frame-refused"
DOUBLED = with_visit(client_fault(), effects=2)
SLOW_PAGE = with_visit(client_fault(), loaded_ms=20_000)
BOTH = with_visit(DOUBLED, loaded_ms=20_000)
DEAD_PAGE = with_visit(client_fault(), loaded_ms=None, clicked=None)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
WAIVER = Waiver(finding="page-usable", reason="the script tag moves with the redesign", until="2026-01-01")


def run_with(*waivers: Waiver, began_unix_s: float = NEW_YEAR) -> RunInfo:
    return replace(run_info(1), waivers=waivers, began_unix_s=began_unix_s)


def judged(run: RunInfo, *records: Record) -> dict[str, Judgement]:
    return judge_run([control(), *records], waivers=in_force(run))


def test_a_fail_whose_every_finding_is_waived_is_waived_with_reason_and_day() -> None:
    judgement = judged(run_with(WAIVER), SLOW_PAGE)[ID]
    assert judgement.verdict is Verdict.WAIVED
    assert judgement.findings == ()
    assert [(one.finding.oracle, one.waiver.reason, one.waiver.until) for one in judgement.waived] == [
        ("page-usable", "the script tag moves with the redesign", "2026-01-01")
    ]


def test_a_finding_that_is_not_waived_beside_a_waived_one_is_a_fail() -> None:
    judgement = judged(run_with(WAIVER), BOTH)[ID]
    assert judgement.verdict is Verdict.FAIL
    assert [found.oracle for found in judgement.findings] == ["business-completes"]
    assert [one.finding.oracle for one in judgement.waived] == ["page-usable"]


@pytest.mark.parametrize("untold", [with_evidence(SLOW_PAGE, sightings=()), with_evidence(SLOW_PAGE, lab_error="it broke")])
def test_unknown_stays_unknown(untold: Record) -> None:
    assert judged(run_with(WAIVER), untold)[ID].verdict is Verdict.UNKNOWN


def test_a_control_is_never_waived() -> None:
    healthy = replace(WAIVER, finding="healthy-control")
    run = judge_run([sick_control(), client_fault()], waivers=in_force(run_with(healthy)))
    assert run["control-login"].verdict is Verdict.FAIL
    assert run[ID].verdict is Verdict.UNKNOWN


def test_a_pass_stays_a_pass() -> None:
    assert judged(run_with(WAIVER), client_fault())[ID].verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("began", "verdict"),
    [
        ("2025-12-31T23:59:59+00:00", Verdict.WAIVED),
        ("2026-01-01T23:59:59+00:00", Verdict.WAIVED),
        ("2026-01-02T00:00:00+00:00", Verdict.FAIL),
        ("2026-01-02T01:00:00+14:00", Verdict.WAIVED),
        ("2026-01-01T20:00:00-08:00", Verdict.FAIL),
    ],
)
def test_it_holds_through_its_last_day_in_utc_and_fails_again_after_it(began: str, verdict: Verdict) -> None:
    run = run_with(WAIVER, began_unix_s=datetime.fromisoformat(began).timestamp())
    assert judged(run, SLOW_PAGE)[ID].verdict is verdict


@pytest.mark.parametrize(
    ("scenarios", "verdict"),
    [
        ("", Verdict.WAIVED),
        (ID, Verdict.WAIVED),
        ("login-*", Verdict.WAIVED),
        ("login-fram?-refused", Verdict.WAIVED),
        ("login", Verdict.FAIL),
        ("checkout-*", Verdict.FAIL),
        ("LOGIN-*", Verdict.FAIL),
    ],
)
def test_a_pattern_narrows_it_to_the_scenarios_it_matches_whole(scenarios: str, verdict: Verdict) -> None:
    assert judged(run_with(replace(WAIVER, scenarios=scenarios)), SLOW_PAGE)[ID].verdict is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("", Verdict.WAIVED),
        ("can be used after", Verdict.WAIVED),
        ("used within 4000 ms", Verdict.WAIVED),
        ("used \n  within", Verdict.WAIVED),
        ("never", Verdict.FAIL),
        ("CAN BE USED", Verdict.FAIL),
        ("within 4000 ms the page", Verdict.FAIL),
    ],
)
def test_a_text_narrows_it_to_the_findings_that_have_it(text: str, verdict: Verdict) -> None:
    assert judged(run_with(replace(WAIVER, text=text)), SLOW_PAGE)[ID].verdict is verdict


def test_two_with_different_texts_waive_each_its_own_and_another_finding_of_that_oracle_stands() -> None:
    refused = with_visit(client_fault(), outcome="refused", effects=0)
    twice, shut = (
        Waiver(finding="business-completes", text=text, reason="x", until="2026-01-01") for text in ("twice", "refused")
    )
    for waiver, doubled, turned_away in ((twice, Verdict.WAIVED, Verdict.FAIL), (shut, Verdict.FAIL, Verdict.WAIVED)):
        assert judged(run_with(waiver), DOUBLED)[ID].verdict is doubled
        assert judged(run_with(waiver), refused)[ID].verdict is turned_away
    assert judged(run_with(twice, shut), DOUBLED)[ID].verdict is Verdict.WAIVED
    assert judged(run_with(twice, shut), refused)[ID].verdict is Verdict.WAIVED


def test_what_is_worse_than_the_oracles_usual_finding_is_not_covered_until_the_waiver_says_so() -> None:
    """A page that is slow is known; one that never comes to life is news."""
    dead, slow_or_dead = judged(run_with(WAIVER), DEAD_PAGE)[ID], replace(WAIVER, severity="blocker")
    assert dead.verdict is Verdict.FAIL
    assert [found.severity for found in dead.findings if found.oracle == "page-usable"] == [Severity.BLOCKER]
    waived = judged(run_with(slow_or_dead), DEAD_PAGE)[ID].waived
    assert [(one.finding.oracle, one.finding.severity) for one in waived] == [("page-usable", Severity.BLOCKER)]
    assert judged(run_with(replace(WAIVER, severity="minor")), SLOW_PAGE)[ID].verdict is Verdict.FAIL
    assert judged(run_with(replace(WAIVER, severity="major")), SLOW_PAGE)[ID].verdict is Verdict.WAIVED


def test_a_claim_in_pytest_about_what_is_worse_has_no_excuse() -> None:
    for record, excused in ((SLOW_PAGE, True), (DEAD_PAGE, False)):
        outcome = Outcome(record=record, judgement=judged(run_with(WAIVER), record)[ID])
        assert outcome.findings_of("page-usable")
        assert bool(outcome.excuse) is excused


def states(run: RunInfo, *records: Record, whole_plan: int = 0) -> list[WaiverState]:
    """What became of its waivers in a run whose whole plan has ``whole_plan`` scenarios more than those judged."""
    scenarios = [record.scenario for record in records]
    elsewhere = [replace(scenarios[0], id=f"{scenarios[0].id}-{number}") for number in range(whole_plan)]
    told = replace(run, waivers_reach=reach_of(run.waivers, (*scenarios, *elsewhere)))
    return [use.state for use in uses_of(told, judged(told, *records))]


def test_a_waiver_tells_what_became_of_it() -> None:
    other = with_scenario(client_fault(), id="checkout-frame-refused")
    waivers = (
        WAIVER,
        replace(WAIVER, finding="recovers"),
        replace(WAIVER, scenarios="checkout-*"),
        replace(WAIVER, finding="business-completes", until="2025-12-31"),
        replace(WAIVER, scenarios="register-*"),
        replace(WAIVER, finding="verdict-is-a-verdict", scenarios="login-*"),
    )
    assert states(run_with(*waivers), SLOW_PAGE, other) == ["used", "stale", "stale", "expired", "untried", "untried"]


def test_a_waiver_is_stale_only_when_all_that_it_covers_was_judged() -> None:
    idle = run_with(replace(WAIVER, finding="recovers"))
    unfelt = with_scenario(with_evidence(client_fault(), sightings=()), id="checkout-frame-refused")
    assert states(idle, client_fault()) == ["stale"]
    assert states(idle, client_fault(), whole_plan=1) == ["untried"]
    assert states(idle, client_fault(), unfelt) == ["untried"]
    assert states(run_with(replace(WAIVER, finding="recovers", scenarios=ID)), client_fault(), whole_plan=1) == ["stale"]


def test_one_whose_finding_got_worse_is_neither_stale_nor_used() -> None:
    assert states(run_with(WAIVER), DEAD_PAGE) == ["worse"]
    assert states(run_with(WAIVER), SLOW_PAGE, with_scenario(DEAD_PAGE, id="checkout-frame-refused")) == ["worse"]
    assert states(run_with(replace(WAIVER, text="of another kind")), DEAD_PAGE) == ["stale"]


def test_a_finding_in_an_unknown_scenario_has_occurred_and_one_that_was_not_found_there_may_yet_be() -> None:
    unfelt = with_evidence(SLOW_PAGE, sightings=())
    assert states(run_with(WAIVER), unfelt) == ["used"]
    assert states(run_with(replace(WAIVER, finding="recovers")), unfelt) == ["untried"]


def test_a_session_says_which_waived_scenario_the_whole_run_calls_unknown() -> None:
    final = {ID: Judgement(verdict=Verdict.UNKNOWN, unknown_because="the control was not healthy")}
    assert changed_minds({ID: Verdict.WAIVED}, final) == [
        f"{ID} was reported as waived and is unknown: the control was not healthy"
    ]
    assert changed_minds({ID: Verdict.WAIVED}, {ID: Judgement(verdict=Verdict.WAIVED)}) == []


def test_a_journal_keeps_them_and_one_that_was_written_before_has_none() -> None:
    run = run_with(WAIVER)
    data = encode(run, text=str)
    assert decode(RunInfo, data) == run
    assert isinstance(data, dict)
    assert decode(RunInfo, {key: value for key, value in data.items() if key != "waivers"}).waivers == ()
