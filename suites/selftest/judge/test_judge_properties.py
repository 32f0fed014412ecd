"""No evidence, however odd, makes the judge raise or lets an unfelt fault pass."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.catalog import Family, Place, Policy
from harness.journal.model import (
    Applied,
    Attempt,
    Evidence,
    Record,
    Scenario,
    SeenTicket,
    Sighting,
    Submit,
    Verdict,
    VerdictCall,
    Visit,
)
from harness.judge import judge, judge_run, needs_repeat
from suites.selftest.judge.records import TICKET_1004, client_fault, control

words = (
    st.sampled_from(["", "honest", "control", "same-tab", "new-tab", "new-visitor", "1", "21", "entry", "frame"]) | st.text()
)
texts = st.sampled_from([TICKET_1004, "terror_1004__1700000000", "terror_", "", "t03"]) | st.text()


def some(strategy):
    return st.lists(strategy, max_size=4).map(tuple)


evidence = st.builds(
    Evidence,
    visits=some(st.builds(Visit, name=words)),
    applied=some(st.from_type(Applied)),
    sightings=some(st.from_type(Sighting)),
    tickets=some(st.builds(SeenTicket, text=texts, visit=words)),
    submits=some(st.builds(Submit, visit=words)),
    verdict_calls=some(st.builds(VerdictCall, visit=words, answer=words)),
    attempts=some(st.builds(Attempt, label=words | st.sampled_from(["code-7", "code-x", "well-formed:a"]))),
    requests_at_origin=some(st.tuples(words, st.integers())),
    scripts=some(st.tuples(words, words)),
)
scenarios = st.builds(
    Scenario,
    kind=st.sampled_from(["fault", "control", "verdict", "forgery"]),
    parameters=some(st.tuples(words, st.integers())),
    strikes=st.sampled_from(["until-heal", "once"]),
    link=words,
)
records = st.builds(
    Record, scenario=scenarios, evidence=evidence, slot=st.integers(0, 1), attempt=st.integers(1, 3), began_unix_s=st.floats()
)
relaxed = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@relaxed
@given(record=records, others=st.lists(records, max_size=3))
def test_no_evidence_makes_the_judge_raise(record, others):
    for controls in ([], [control()], others):
        judgement = judge(record, controls=controls)
        assert bool(judgement.unknown_because) == (judgement.verdict is Verdict.UNKNOWN)
        assert "crashed" not in judgement.unknown_because
        assert judgement.verdict is not Verdict.PASS or not judgement.findings
        needs_repeat(record, judgement)
    assert judge_run([record, *others]).keys() == {one.scenario.id for one in (record, *others)}


@relaxed
@given(seen=evidence, family=st.sampled_from(Family), places=st.lists(st.sampled_from(Place)), policy=st.sampled_from(Policy))
def test_without_a_sighting_no_fault_scenario_ever_passes(seen, family, places, policy):
    good = client_fault()
    fault = replace(good.scenario.fault, family=family, felt_at=tuple(places))
    scenario = replace(good.scenario, fault=fault, expect=replace(good.scenario.expect, policy=policy))
    for evidence_of in (seen, good.evidence):
        record = replace(good, scenario=scenario, evidence=replace(evidence_of, sightings=()))
        judgement = judge(record, controls=[control()])
        assert judgement.verdict is Verdict.UNKNOWN
        assert not judgement.fault_felt


@relaxed
@given(place=st.sampled_from(Place), copies=st.integers(1, 5), felt_at=st.lists(st.sampled_from(Place), unique=True))
def test_one_place_alone_never_makes_a_fault_felt(place, copies, felt_at):
    good = client_fault()
    scenario = replace(good.scenario, fault=replace(good.scenario.fault, felt_at=tuple(felt_at)))
    sightings = tuple(replace(good.evidence.sightings[0], place=place) for _ in range(copies))
    record = replace(good, scenario=scenario, evidence=replace(good.evidence, sightings=sightings))
    assert judge(record, controls=[control()]).verdict is Verdict.UNKNOWN
