"""The report puts side by side what an honest user and a forger get."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from harness.catalog import Policy
from harness.journal.model import Attempt, CodeTry, Evidence, Limits
from harness.report.both_sides import both_sides
from harness.report.build import build_report
from harness.report.view import view_run
from suites.selftest.report.samples import evidence, journal_of, record_of, scenario


def tried(effects: int = 0, *, offered: bool = False, together: int = 1, label: str = "well-formed:terror_1001") -> Attempt:
    answered = {"status": 200, "real_ms": 9.0, "offered": offered, "server_error": False}
    return Attempt(label=label, ticket="t", effects=effects, together=together, **answered)


@pytest.fixture
def journal():
    """The captcha healthy, and refused in the browser; a visit through another broken link of the browser."""
    burst = [tried(1, together=100), *(tried(together=100) for _ in range(99))]
    codes = (CodeTry(label="wrong-code", tries=100, status=403, effects=0),)
    healthy = Evidence(attempts=(tried(1, label="honest"), tried(offered=True), *burst), code_tries=codes)
    forged = scenario("login", None, None, kind="forgery")
    refused = scenario("login", 1004, "refused")
    broken = replace(refused, id="login-forged-in-client-outage", kind="forgery", mode=None)
    control = scenario("login", None, None, kind="control", link="page")
    attacks = [(forged, healthy), (broken, Evidence(attempts=(tried(),)))]
    visits = [(one, evidence(one)) for one in (control, refused)]
    return journal_of([record_of(one, found) for one, found in (*attacks, *visits)])


def test_each_health_of_the_captcha_has_a_row_with_the_honest_and_the_forger(journal):
    healthy, client = both_sides(view_run(journal, {}))
    assert (healthy.flow, healthy.health, client.health) == ("login", "healthy", "client-outage")
    control, visit = journal.records[2].evidence.visits[0], journal.records[3].evidence.visits[0]
    assert healthy.honest == ((control.outcome, 1),)
    assert client.honest == ((visit.outcome, 1),)


def test_how_many_got_through_of_how_many_at_once_is_a_figure(journal):
    healthy, client = both_sides(view_run(journal, {}))
    assert (healthy.effects, healthy.tries, healthy.offers) == (1, 101, 1), "the honest try is no forger's"
    assert (healthy.let_in, healthy.at_once) == (1, 100)
    assert (client.let_in, client.at_once) == (0, 0)


def test_a_limit_that_is_larger_than_what_was_tried_is_said_to_be_untried(tmp_path):
    forged = scenario("login", None, None, kind="forgery")
    large = replace(forged, expect=replace(forged.expect, policy=Policy.ACCEPT, limits=Limits(per_address=1000, per_account=3)))
    some = [replace(tried(), account=f"user-{number}") for number in range(400)]
    burst = [replace(tried(), account="ann") for _ in range(3)]
    others = [tried(label="stale"), *(tried(label="well-formed:from-elsewhere:terror_1001") for _ in range(200))]
    tries = Evidence(attempts=(tried(1, label="honest"), *others, *some, *burst))
    journal = journal_of([record_of(large, tries)])
    (row,) = both_sides(view_run(journal, {}))
    assert row.unreached == (("per_address", 1000, 403), ("per_account", 3, 3))
    page = build_report(journal, {}, tmp_path).read_text(encoding="utf-8")
    assert "limits.per_address allows 1000, and 403 tries were made; whether it holds is not known" in page
    reached = Evidence(attempts=(*tries.attempts, *burst, *some, *some))
    assert both_sides(view_run(journal_of([record_of(large, reached)]), {}))[0].unreached == ()


def test_the_first_page_shows_it(journal, tmp_path):
    page = build_report(journal, {}, tmp_path).read_text(encoding="utf-8")
    table = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.partition('id="sides"')[2].partition("</section>")[0]))
    assert "What an honest user gets, and what a forger gets" in table
    assert "1 / 101" in table
    assert "1 / 100" in table
    assert "fails in the browser" in table


def test_the_scenarios_page_shows_what_codes_were_entered(journal, tmp_path):
    build_report(journal, {}, tmp_path)
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "data" / "scenarios").iterdir()]
    assert any("wrong-code" in page and "Codes that a forger entered" in page for page in pages)


def test_without_a_forger_there_is_no_such_table(tmp_path):
    control = scenario("login", None, None, kind="control", link="page")
    page = build_report(journal_of([record_of(control, evidence(control))]), {}, tmp_path).read_text(encoding="utf-8")
    assert 'id="sides"' not in page
