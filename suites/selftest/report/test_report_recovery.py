"""The report says how long each kind of visitor took after a fault."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from harness.journal.model import NEXT, Evidence, Judgement, Moment, Record, Verdict, Visit
from harness.report.build import build_report
from suites.selftest.judge.records import attempt, call
from suites.selftest.report.samples import journal_of, record_of, scenario


def visit(name: str, business_ms: float | None, *, verified: bool = True) -> Visit:
    begun = Moment(at_ms=0, page_ms=0)
    return Visit(
        name=name,
        outcome="verified" if verified else "unverified",
        began=begun,
        ended=begun,
        clicked=begun,
        fallback_ms=None,
        business_ms=business_ms,
        effects=1,
    )


def run_of(out: Path, *visits: tuple[Visit, ...], felt: bool = True) -> None:
    """A run with a scenario for each of these, every fault of which was felt or not."""
    first = scenario("login", 1004, "refused")
    plans = [replace(first, id=f"login-{number}") for number in range(len(visits))]
    records = [record_of(one, Evidence(visits=seen)) for one, seen in zip(plans, visits, strict=True)]
    build_report(journal_of(records), {one.id: Judgement(verdict=Verdict.PASS, fault_felt=felt) for one in plans}, out)


def test_each_kind_of_visitor_has_its_middle_and_its_longest_time(tmp_path: Path) -> None:
    tabs = ((visit("same-tab", ms), visit("new-tab", ms + 1)) for ms in (300.0, 9000.0, 400.0))
    run_of(tmp_path, *tabs)
    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["recovery"]
    assert told["same-tab"] == {"came": 3, "verified": 3, "middle_ms": 400.0, "longest_ms": 9000.0}
    assert told["new-tab"] == {"came": 3, "verified": 3, "middle_ms": 401.0, "longest_ms": 9001.0}
    assert "new-visitor" not in told
    assert "| the same tab | 3 / 3 | 400 ms | 9.00 s |" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "a new tab" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_who_was_not_verified_is_counted_and_has_no_time(tmp_path: Path) -> None:
    run_of(tmp_path, (visit("new-visitor", 100.0, verified=False),), (visit("new-visitor", None),))
    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["recovery"]
    assert told == {"new-visitor": {"came": 2, "verified": 0, "middle_ms": None, "longest_ms": None}}


def crowd_and_next(number: int, *seen: tuple[float, float, bool]) -> Record:
    """A storm, and when each next visitor after it came, how long that took, and whether the provider's 1 was behind it."""
    plan = replace(scenario("login", 1004, "refused"), id=f"login-recovery-storm-{number}", kind="storm")
    tries = tuple(
        attempt(NEXT, account=f"next {at_ms}", ticket=f"t03 {at_ms}", completed=True, after_ms=at_ms, real_ms=real_ms)
        for at_ms, real_ms, _ in seen
    )
    calls = tuple(call("storm", text=f"t03 {at_ms}") for at_ms, _, passed in seen if passed)
    return record_of(plan, Evidence(attempts=tries, verdict_calls=calls))


def test_after_a_crowd_it_is_told_how_long_the_outage_lasted_on_for_the_next_visitor(tmp_path: Path) -> None:
    soon = crowd_and_next(1, (0.0, 30.0, True), (500.0, 20.0, True))
    later = crowd_and_next(2, (0.0, 30.0, False), (500.0, 40.0, False), (4000.0, 100.0, True))
    never = crowd_and_next(3, (0.0, 30.0, False))
    records = [soon, later, never]
    passed = Judgement(verdict=Verdict.PASS, fault_felt=True)
    build_report(journal_of(records), {one.scenario.id: passed for one in records}, tmp_path)
    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["recovery"]
    assert told == {"after-a-crowd": {"came": 3, "verified": 2, "middle_ms": 2065.0, "longest_ms": 4100.0}}
    assert "beside a crowd that came back at once" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_after_a_fault_that_nobody_felt_nobody_recovers(tmp_path: Path) -> None:
    run_of(tmp_path, (visit("same-tab", 100.0),), felt=False)
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["recovery"] == {}
    assert "After the faults" not in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_failure_mode_keeps_its_own_name_beside_what_is_tried_with_it(tmp_path: Path) -> None:
    plain = scenario("login", 1004, "refused")
    course = replace(plain, id="login-recovery-flaps", kind="recovery", mode_title="The fault comes and goes")
    passed = Judgement(verdict=Verdict.PASS, fault_felt=True)
    records = [record_of(one, Evidence()) for one in (course, plain)]
    build_report(journal_of(records), {one.id: passed for one in (course, plain)}, tmp_path)
    (row,) = re.findall(r"<tr><th scope=\"row\"><b>1004</b>.*", (tmp_path / "index.html").read_text(encoding="utf-8"))
    assert plain.mode_title in row
    assert course.mode_title not in row
