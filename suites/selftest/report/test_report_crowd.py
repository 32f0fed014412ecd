"""The report's table of a crowd: who came in which wave, how it ended for them, how long it took."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.catalog import Policy
from harness.journal.model import CrowdCall, Evidence, Judgement, Limits, Verdict
from harness.report.build import build_report
from harness.report.crowd import crowd_rows
from suites.selftest.judge.records import attempt
from suites.selftest.report.samples import journal_of, record_of, scenario


def call(who: str, wave: str, real_ms: float, status: int | None, **more: bool) -> CrowdCall:
    return CrowdCall(who=who, wave=wave, began_ms=0.0, real_ms=real_ms, status=status, **more)  # type: ignore[arg-type]  # texts that are right


def test_each_kind_of_user_has_a_row_in_each_wave_that_it_came_in() -> None:
    honest, forger = call("honest", "before", 7, 201, completed=True), call("forger", "before", 9, 202, offered=True)
    crowd = (call("page", "after", 5, 200), honest, forger)
    rows = [(row.wave, row.who, row.came, row.completed, row.offered, row.failed) for row in crowd_rows(Evidence(crowd=crowd))]
    assert rows == [("before", "honest", 1, 1, 0, 0), ("before", "forger", 1, 0, 1, 0), ("after", "page", 1, 0, 0, 0)]


def test_times_are_those_of_answers_and_what_got_none_or_a_5xx_is_counted_apart() -> None:
    answered = tuple(call("honest", "outage", float(ms), 202) for ms in range(1, 101))
    crowd = (*answered, call("honest", "outage", 30_000, None), call("honest", "outage", 50, 500))
    (row,) = crowd_rows(Evidence(crowd=crowd))
    assert (row.came, row.failed) == (102, 2)
    # 101 answers: 1 to 100 ms, and 50 ms once more.
    assert (row.median_ms, row.nearly_all_ms, row.longest_ms) == (50, 95, 100)


def test_without_an_answer_there_is_no_time() -> None:
    (row,) = crowd_rows(Evidence(crowd=(call("page", "outage", 30_000, None),)))
    assert (row.median_ms, row.nearly_all_ms, row.longest_ms) == (None, None, None)


@pytest.mark.parametrize(
    ("by", "said"),
    [((("anna", 1), ("berta", 2)), "compared account by account"), ((("anna", 1),), "only totals were compared")],
)
def test_the_page_says_how_effects_were_compared_and_which_policies_held(
    by: tuple[tuple[str, int], ...], said: str, tmp_path: Path
) -> None:
    first = scenario("login", 1004, "refused")
    expect = replace(first.expect, policy=Policy.ACCEPT, policy_up=Policy.STEP_UP)
    one = replace(first, id="login-load-hang", kind="load", expect=expect)
    seen = Evidence(crowd=(call("honest", "before", 7, 201, completed=True),), crowd_effects=3, crowd_effects_by=by)
    build_report(journal_of([record_of(one, seen)]), {one.id: Judgement(verdict=Verdict.PASS)}, tmp_path)
    (page,) = (tmp_path / "data").rglob("login-load-hang*.html")
    text = page.read_text(encoding="utf-8")
    assert "The origin counted 3 effects" in text
    assert said in text
    assert "Policy while the verdict API answers: step-up; while it does not: accept." in text
    first_page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "Under load" in first_page
    assert '<th scope="row">before</th><td>honest users</td><td class="number">1</td>' in first_page


def test_the_first_page_says_which_limits_a_crowd_cannot_have_tried(tmp_path: Path) -> None:
    first = scenario("login", 1004, "refused")
    expect = replace(first.expect, policy=Policy.ACCEPT, policy_up=Policy.STEP_UP, limits=Limits(per_address=50, per_account=2))
    one = replace(first, id="login-load-hang", kind="load", expect=expect)
    came = tuple(
        replace(call("forger", "outage", 7, 403), account=f"user-{number}", address="203.0.113.1") for number in range(9)
    )
    build_report(journal_of([record_of(one, Evidence(crowd=came))]), {one.id: Judgement(verdict=Verdict.PASS)}, tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "limits.per_address allows 50 in this time, and no more than 9 could have got through without it" in page
    assert "limits.per_account allows 2 in this time, and no more than 1 could have got through without it" in page


HONEST_OFFERED = {"crowd": (call("honest", "outage", 7, 202, offered=True),)}
HONEST_REFUSED = {"crowd": (call("honest", "outage", 7, 403),)}
FORGER_OFFERED = {"crowd": (call("forger", "before", 7, 202, offered=True),)}
NO_OTHER_WAY = "nobody of it took the other way in: whether that stays open while a crowd comes is not known"
NO_CODE = "nobody of it entered a code: whether codes are sent and taken while a crowd comes is not known"


@pytest.mark.parametrize(
    ("kind", "policy", "seen", "said"),
    [
        ("load", Policy.BLOCK, HONEST_REFUSED, {NO_OTHER_WAY}),
        ("load", Policy.STEP_UP, HONEST_OFFERED, {NO_CODE}),
        ("load", Policy.ACCEPT, FORGER_OFFERED, set()),
        ("storm", Policy.BLOCK, {"attempts": (attempt("held-up", 0, 403),)}, {NO_OTHER_WAY}),
        ("storm", Policy.STEP_UP, {"attempts": (attempt("held-up", 0, 202, offered=True),)}, {NO_CODE}),
        ("forgery", Policy.STEP_UP, {"attempts": (attempt("code-1001", 0, 202, offered=True),)}, set()),
    ],
)
def test_a_pass_is_no_word_on_what_nobody_of_a_crowd_tried(
    kind: Any, policy: Policy, seen: dict[str, Any], said: set[str], tmp_path: Path
) -> None:
    first = scenario("login", 1004, "refused")
    one = replace(first, id=f"login-{kind}", kind=kind, expect=replace(first.expect, policy=policy))
    build_report(journal_of([record_of(one, Evidence(**seen))]), {one.id: Judgement(verdict=Verdict.PASS)}, tmp_path)
    (page,) = (tmp_path / "data").rglob(f"login-{kind}*.html")
    text, first_page = page.read_text(encoding="utf-8"), (tmp_path / "index.html").read_text(encoding="utf-8")
    assert {words for words in (NO_OTHER_WAY, NO_CODE) if words in text} == said
    if kind == "load":
        assert {words for words in (NO_OTHER_WAY, NO_CODE) if words in first_page} == said


def test_where_no_crowd_came_nothing_is_said_of_load(tmp_path: Path) -> None:
    one = scenario("login", 1004, "refused")
    build_report(journal_of([record_of(one, Evidence())]), {one.id: Judgement(verdict=Verdict.PASS)}, tmp_path)
    assert "Under load" not in (tmp_path / "index.html").read_text(encoding="utf-8")
