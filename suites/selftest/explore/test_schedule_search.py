"""Two faults at a time: rows that all can be struck, pairs that were felt, and each failure made small and kept as a case."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from harness.catalog import Schedule
from harness.cli.fuzz import exit_code
from harness.cli.main import main
from harness.errors import ConfigurationError, ExitCode, UsageError
from harness.explore import schedules
from harness.explore.arrays import Array, Drawn, covering_array
from harness.explore.cases import Case, load
from harness.explore.finding import Failure
from harness.explore.kinds import Options, Outcome
from harness.journal.model import Applied, Judgement, Record, Scenario, Sighting
from harness.plan.build import Plan, make_plan
from harness.plan.schedules import why_not
from harness.target.loader import find_target, load_target
from harness.target.spec import Target
from suites.selftest.judge.records import at, client_fault, judged, sick_control, with_evidence, with_visit


@pytest.fixture(scope="module")
def shop() -> Target:
    return load_target(find_target(None))


@pytest.fixture(scope="module")
def plan(shop: Target) -> Plan:
    """What an app's flow is tried with."""
    return part_of(make_plan(shop), "app-checkout")


def part_of(whole: Plan, *flows: str) -> Plan:
    """Of each flow's links two faults at the most: all rows are made in a moment."""
    kept: dict[tuple[str, str], list[Scenario]] = {}
    for one in whole.scenarios:
        usable = one.kind == "fault" and one.flow in flows and one.link in ("entry", "verify", "verdict")
        if usable and len(kept.setdefault((one.flow, one.link), [])) < 2:
            kept[one.flow, one.link].append(one)
    return replace(whole, scenarios=tuple(one for some in kept.values() for one in some))


@pytest.fixture(scope="module")
def array(shop: Target, plan: Plan) -> Array:
    return covering_array(shop, plan, (shop.flows["app-checkout"],), seed=7)


@pytest.fixture(scope="module")
def rows(array: Array) -> list[Drawn]:
    return list(array.rows())


def test_every_row_can_be_struck(rows: list[Drawn], plan: Plan) -> None:
    assert rows
    assert {why_not(row.schedule.strokes, plan.links) for row in rows} == {""}
    assert {(row.flow, row.profile) for row in rows} == {("app-checkout", "phone")}


def test_its_rows_bring_every_two_values_that_can_meet_in_far_fewer_than_all_combinations(
    array: Array, rows: list[Drawn]
) -> None:
    brought = {pair for row in rows for pair in row.pairs()}
    assert brought == set(array.pairs)
    assert len(rows) * 3 < array.of


def test_the_first_rows_bring_the_most(rows: list[Drawn]) -> None:
    half = len(rows) // 2
    first, both = ({pair for row in some for pair in row.pairs()} for some in (rows[:half], rows))
    assert len(first) > 3 * len(both - first)


def test_a_fault_that_was_not_felt_covers_no_pair(rows: list[Drawn]) -> None:
    names = {name for pair in rows[0].pairs([1]) for name, _value in pair}
    assert names == {"flow", "profile", "link2", "fault2", "warmth2", "ends2"}


def laboratory(monkeypatch: pytest.MonkeyPatch, plan: Plan, breaks: str, *controls: Record, calm: int = 0) -> list[Scenario]:
    """A target that orders twice while this link is broken for good; every fault is felt.

    ``calm``: after the first such order, so many runs show nothing.
    """
    left: list[int] = []
    ran: list[Scenario] = []

    @contextlib.asynccontextmanager
    async def opened(*_words: object) -> AsyncIterator[Any]:
        class Trials:
            async def run(self, scenario: Scenario) -> tuple[Record, Judgement]:
                ran.append(scenario)
                broken = any(one.link == breaks and not one.lasts_ms for one in scenario.strokes.strokes)
                if left:
                    left[0] -= 1
                record = _record(scenario, broken and not (left and left[0] >= 0))
                left.extend([calm] if broken and not left else [])
                return record, judged(record, *controls)

        yield Trials()

    monkeypatch.setattr(schedules, "open_trials", opened)
    monkeypatch.setattr(schedules, "make_plan", lambda _target: plan)
    return ran


def _record(scenario: Scenario, broken: bool) -> Record:
    faults = list(enumerate(scenario.schedule))
    applied = tuple(
        Applied(action=done, moment=at(1), receipts=("r",), stroke=n) for n, _one in faults for done in ("apply", "heal")
    )
    seen = tuple(Sighting(place=place, what="seen", stroke=n) for n, one in faults for place in one.fault.felt_at[:2])
    record = with_evidence(client_fault(), applied=applied, sightings=seen, scripts=())
    of_shop = replace(scenario, provider=record.scenario.provider, target=record.scenario.target, flow=record.scenario.flow)
    record = replace(record, scenario=of_shop)
    # Twice where nobody was to be told twice: it is asked of every schedule, whatever breaks.
    return with_visit(record, outcome="stepped-up", effects=2 if broken else 1)


def test_a_failure_is_made_small_confirmed_and_kept(
    shop: Target, plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ran = laboratory(monkeypatch, plan, "entry")
    outcome = Outcome()
    options = Options(seconds=None, examples=30, seed=5, flows=("app-checkout",), cases=tmp_path)
    schedules.search(shop, options, outcome)
    assert outcome.examples == 30
    (found,) = outcome.discoveries
    assert found.repeatable
    assert found.times > 1, "what holds the same is no new one"
    (stroke,) = small = Schedule.from_data(found.input["schedule"]).strokes
    assert stroke.link == "entry"
    other = Schedule(strokes=(replace(stroke, fault="hang"),))
    assert not schedules._holds(other, Schedule(strokes=small)), "another fault that does it may be another bug"
    assert found.case is not None
    case = load(found.case)
    assert (case.kind, case.flow, case.finding) == ("schedule", "app-checkout", found.failure)
    ran.clear()
    again = schedules.Schedules().rerun(case, shop, times=2, options=Options())
    assert (again.seen, again.of) == (2, 2)
    assert [stroke.link for scenario in ran for stroke in scenario.strokes.strokes] == ["entry", "entry"]


def search(shop: Target, examples: int) -> Outcome:
    outcome = Outcome()
    schedules.search(shop, Options(seconds=None, examples=examples, seed=5, flows=("app-checkout",)), outcome)
    return outcome


def test_a_search_of_which_nothing_was_judged_is_no_pass_and_says_why(
    shop: Target, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory(monkeypatch, plan, "none", sick_control())
    outcome = search(shop, 3)
    assert exit_code(outcome, whole=True) is ExitCode.SOME_UNKNOWN
    (pairs,) = outcome.notes
    assert pairs.startswith("pairs felt together: 0 of ")
    (why,) = outcome.coverage.unproven()
    assert why.startswith("unknown: nothing that was tried at app-checkout could be judged: ")
    assert "control" in why


def test_flows_take_turns_and_one_that_had_none_is_named_and_no_pass(
    shop: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows = ("login", "checkout", "app-checkout")
    laboratory(monkeypatch, part_of(make_plan(shop), *flows), "none")
    told = []
    for examples in (len(flows) - 1, len(flows) + 1):
        outcome = Outcome()
        schedules.search(shop, Options(seconds=None, examples=examples, seed=5, flows=flows), outcome)
        told.append((exit_code(outcome, whole=True), list(outcome.coverage.unproven())))
    (short, (why,)), enough = told
    assert short is ExitCode.SOME_UNKNOWN
    assert why.startswith("unknown: no example was tried at ")
    assert enough == (ExitCode.ALL_PASS, [])


def test_what_came_once_takes_nothing_of_what_comes_every_time(
    shop: Target, plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    laboratory(monkeypatch, plan, "entry", calm=20)
    outcome = Outcome()
    options = Options(seconds=None, examples=30, seed=5, flows=("app-checkout",), cases=tmp_path)
    schedules.search(shop, options, outcome)
    assert [one.repeatable for one in outcome.discoveries] == [False, True]


def test_a_failure_stays_found_when_the_search_ends_while_it_is_made_small(
    shop: Target, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(*_words: object) -> Schedule:
        raise KeyboardInterrupt

    laboratory(monkeypatch, plan, "entry")
    monkeypatch.setattr(schedules, "smallest", interrupted)
    outcome = Outcome()
    with pytest.raises(KeyboardInterrupt):
        schedules.search(shop, Options(seconds=None, examples=30, seed=5, flows=("app-checkout",)), outcome)
    (found,) = outcome.discoveries
    assert (found.failure.rule, found.repeatable, found.seen) == ("exactly-once", False, 0)
    assert "not made small, not tried again" in found.shown


def test_a_case_that_cannot_be_judged_is_not_said_to_be_gone(
    shop: Target, plan: Plan, rows: list[Drawn], monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory(monkeypatch, plan, "entry", sick_control())
    case = Case(
        kind="schedule", target="", flow="app-checkout", health="outage", input={"schedule": rows[0].schedule.as_data()},
        finding=Failure(rule="exactly-once", cause="c", expected="e", seen="s"), seed=1, found_unix_s=1,
    )  # fmt: skip
    again = schedules.Schedules().rerun(case, shop, times=2, options=Options())
    assert (again.seen, again.unknown, again.of, again.repeatable) == (0, 2, 2, False)
    assert all("control" in why for why in again.because)


def test_what_was_covered_and_what_the_array_saves_is_said(shop: Target, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    laboratory(monkeypatch, plan, "none")
    outcome = Outcome()
    schedules.search(shop, Options(seconds=None, examples=4, seed=5, flows=("app-checkout",)), outcome)
    (note,) = outcome.notes
    assert note.startswith("pairs felt together: ")
    assert "rows of the covering array, " in note
    assert "; every combination would be " in note
    assert outcome.discoveries == []


def test_the_same_seed_makes_the_same_rows(shop: Target, plan: Plan, rows: list[Drawn]) -> None:
    again = covering_array(shop, plan, (shop.flows["app-checkout"],), seed=7)
    assert list(islice(again.rows(), 5)) == rows[:5]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(flows=("logn",)), "no flow with a user is called 'logn'; did you mean 'login'"),
        (Options(healths=("health",)), "its faults are outages; leave --in out"),
    ],
)
def test_bad_words_are_refused(shop: Target, options: Options, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        schedules.search(shop, options, Outcome())


FRAME_HANGS = {"link": "frame", "fault": "hang", "phase": "after-load"}


@pytest.mark.parametrize(
    ("strokes", "sentence"),
    [
        ([{"link": "frame"}], r"input\.schedule\.strokes\[0\]\.fault must be a name"),
        ([FRAME_HANGS, {"link": "gone.example", "fault": "hang"}], "'gone.example'"),
        ([{**FRAME_HANGS, "parameters": [["bogus", 1]]}], "no parameter 'bogus'"),
    ],
)
def test_a_case_whose_schedule_cannot_be_struck_is_refused_with_its_file_before_a_lab_is_opened(
    shop: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, strokes: list[object], sentence: str
) -> None:
    monkeypatch.setattr(schedules, "open_trials", None)
    finding = {"rule": "recovers", "cause": "c", "expected": "e", "seen": "s"}
    document = {
        "captchaos_case": 1, "kind": "schedule", "target": "", "flow": "login", "health": "outage",
        "input": {"schedule": {"strokes": strokes}}, "finding": finding, "seed": 1, "found_unix_s": 1,
    }  # fmt: skip
    file = tmp_path / "one.case.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"one\.case\.json: .*{sentence}"):
        schedules.Schedules().rerun(load(file), shop, times=1, options=Options())


def test_the_report_says_of_every_pair_whether_it_was_felt_together(
    shop: Target, plan: Plan, array: Array, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = laboratory(monkeypatch, plan, "none")
    words = ["fuzz", "schedules", "--flow", "app-checkout", "--examples", "6", "--seed", "5", "--out", str(tmp_path / "out")]
    assert main(words) == ExitCode.ALL_PASS
    said = capsys.readouterr().out
    document = json.loads((tmp_path / "out" / "search.json").read_text(encoding="utf-8"))
    pairs = document["run"]["pairs"]
    # Of two faults, each of a time that the array knows: what was run by the stand-in felt all of them.
    rows = [one.strokes.strokes for one in ran if len(one.strokes) == 2]
    both = [row for row in rows if all(one.lasts_ms in (None, 1000) for one in row)]
    links = {(row[0].link, row[1].link) for row in both}
    assert links, "a search of six has a row of the array"
    found = {
        (one["value"], one["with_value"])
        for one in pairs
        if (one["of"], one["with_of"], one["felt"] > 0) == ("first link", "second link", True)
    }
    assert found == links
    ends = {(one["value"], one["with_value"]) for one in pairs if one["of"] == "first fault's end" and one["felt"]}
    assert {end for end, _other in ends} <= {"when all is healed", "after 1000 ms"}
    felt = sum(one["felt"] > 0 for one in pairs)
    assert f"pairs felt together: {felt} of {len(pairs)} (" in said
    assert len(pairs) == len(array.pairs)
    for one, other in links:
        assert f"{one} then {other}" in said
    assert f"report: {tmp_path / 'out' / 'search.html'}" in said
    page = (tmp_path / "out" / "search.html").read_text(encoding="utf-8")
    assert page.count("<tr><td>") == len(pairs)
    assert f'first link and second link</span> <span class="count">{len(links)} of ' in page


def test_a_search_is_not_written_where_one_is_already(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "search.json").touch()
    assert main(["fuzz", "schedules", "--out", str(tmp_path)]) == ExitCode.USAGE
    assert f"{tmp_path} holds a run already: choose another --out" in capsys.readouterr().err
