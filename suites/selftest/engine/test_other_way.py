"""The shop's other way in, in a real lab while OneAccess fails: the door that stays open, and one that was closed unseen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import tickets
from harness.journal.model import Record, Severity, Verdict
from harness.journal.reader import read_journal
from harness.plan.build import make_plan
from harness.report.timeline import draw
from harness.report.view import view_run
from harness.target.loader import load_target

pytestmark = pytest.mark.timeout(300)

SHOP = Path(__file__).parents[3] / "fixtures" / "shop"
BROKEN = "register-2003-picture-status-500-cold"
# Signing in is closed, and where the page explained itself one letter is left. All else is the shop.
CLOSED = """
import sys

sys.path.insert(0, {shop!r})

from shop.config import read_settings
from shop.web import build
from shop.words import WORDS
from starlette.responses import PlainTextResponse

for words in WORDS.values():
    words["sms_out"] = "x"
whole = build(read_settings())


async def app(scope, receive, send):
    closed = scope["type"] == "http" and (scope["method"], scope["path"]) == ("POST", "/login")
    await (PlainTextResponse("out of order", 503) if closed else whole)(scope, receive, send)
"""


@pytest.fixture(scope="module")
def ran(run_scenarios: Any) -> Any:
    return run_scenarios(BROKEN, jobs=1)


@pytest.fixture(scope="module")
def closed(run_scenarios: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("closed")
    (folder / "app.py").write_text(CLOSED.format(shop=str(SHOP)), encoding="utf-8")
    text = (SHOP / "captchaos.toml").read_text(encoding="utf-8").replace('"flows.py:', f'"{SHOP}/flows.py:')
    (folder / "captchaos.toml").write_text(text, encoding="utf-8")
    return run_scenarios(BROKEN, target=str(folder), jobs=1)


def applied_at(record: Record) -> Callable[[str], float]:
    """When the fault was applied and healed."""
    return lambda action: next(done.moment.at_ms for done in record.evidence.applied if done.action == action)


def test_the_shop_lets_another_user_sign_in_while_the_fault_stands(ran: Any) -> None:
    record = ran.record(BROKEN)
    taken = record.evidence.other_way
    assert taken is not None
    assert (taken.asked, taken.status, taken.through) == ("POST /login", 200, True)
    when = applied_at(record)
    honest = record.evidence.visits[0]
    assert when("apply") < honest.ended.at_ms <= taken.moment.at_ms
    assert taken.moment.at_ms + taken.real_ms <= when("heal")
    assert ran.judgements[BROKEN].verdict is Verdict.PASS


def test_the_page_says_what_has_happened_before_the_code_is_typed(ran: Any) -> None:
    assert "We cannot send or check SMS right now." in ran.record(BROKEN).evidence.visits[0].explained


def test_what_the_other_way_leaves_is_not_taken_for_the_honest_users(ran: Any) -> None:
    evidence = ran.record(BROKEN).evidence
    by_visit = {(seen.visit, parsed.code) for seen in evidence.tickets if (parsed := tickets.read(seen.text).ticket)}
    # The other way's page posts its client's own ticket, and its server writes another.
    assert by_visit == {("honest", 2003), ("other-way", 1001), ("other-way", 2002)}
    assert {post.path for post in evidence.posts if post.visit == "other-way"} == {"/login"}
    assert "/login" not in {post.path for post in evidence.posts if post.visit != "other-way"}
    assert not any("flow=login" in sighting.what for sighting in evidence.sightings)


def test_a_report_draws_when_it_was_tried_and_counts_its_ticket_to_nobody(ran: Any) -> None:
    drawn = draw(ran.record(BROKEN).evidence)
    assert drawn is not None
    titles = [mark.title for row in drawn.rows for mark in row.marks]
    assert any(title.endswith("other-way-tried · POST /login 200") for title in titles)
    (seen,) = [one for one in view_run(read_journal(ran.out / "journal.jsonl"), ran.judgements).judged if one.id == BROKEN]
    assert seen.error_code == 2003
    assert not any(text.startswith("terror_2002_") for text in seen.tickets)


def test_it_is_asked_for_wherever_the_captcha_fails_and_nowhere_else() -> None:
    planned = [one for one in make_plan(load_target(SHOP / "captchaos.toml")).scenarios if one.flow == "register"]
    asked = {one.id for one in planned if (one.expect.other_way, one.expect.explains) == ("POST /login", "#step-up p")}
    never = {one.id for one in planned if (one.expect.other_way, one.expect.explains) == ("", "")}
    assert never == {one.id for one in planned if one.kind != "fault" or one.link in ("page", "submit")}
    assert (len(asked), len(never)) == (58, 7)


@pytest.mark.nightly  # every day the zoo has such an animal
def test_a_shop_whose_other_way_is_closed_unseen_fails_by_name(closed: Any) -> None:
    judgement = closed.judgements[BROKEN]
    assert judgement.verdict is Verdict.FAIL
    assert [(one.oracle, one.severity, one.seen) for one in judgement.findings] == [
        ("other-way-open", Severity.BLOCKER, "POST /login was answered 503: 'out of order'"),
        ("other-way-open", Severity.MAJOR, "it says 'x'"),
    ]
    assert closed.record(BROKEN).evidence.visits[0].outcome == "stepped-up"
