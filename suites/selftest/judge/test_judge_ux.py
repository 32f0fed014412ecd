"""The oracle ux: who goes on degraded sees an end of the waiting, reads why, keeps the keyboard, and meets no crash."""

from __future__ import annotations

from typing import Any

import pytest

from harness.journal.model import Look, PageError, Record, Severity, Verdict
from harness.judge import ORACLES, EvidenceMissing
from harness.judge.languages import speaks
from suites.selftest.judge.records import (
    LOOKED_AT,
    ask,
    client_fault,
    control,
    judged,
    server_fault,
    the_one,
    with_evidence,
    with_expect,
    with_scenario,
    with_visit,
)

SLUG = "ux"
ENGLISH = "The human check is out of order. We sent you a code."
CHINESE = "人机验证暂时不可用。我们已向您的邮箱发送六位验证码。"
CRASH = PageError(text="captcha is null", script="/static/login.js:79:11")


def looked(record: Record, *looks: Look, **visit: Any) -> Record:
    """Whatever else was looked at was as it should be."""
    given = {look.when for look in looks}
    return with_visit(record, looks=(*looks, *(one for one in LOOKED_AT if one.when not in given)), **visit)


def told(text: str | None, language: str = "en", **expect: Any) -> Record:
    """A flow that names the place of its word, and what could be read there."""
    record = with_expect(server_fault(), **({"says": "#why"} | expect))
    return looked(record, Look(when="offered", language=language), explained=text)


@pytest.mark.parametrize("good", [client_fault, server_fault])
def test_a_page_that_is_calm_and_open_to_the_keyboard_is_as_it_should_be(good):
    record = looked(good(), Look(when="offered", language="en"), Look(when="ended", language="en"))
    assert ask(SLUG, record) == ()
    assert judged(record).verdict is Verdict.PASS


WRONG = [
    (Look(when="offered", busy=("#status",)), "when the second factor was offered still shown after a second: '#status'"),
    (Look(when="ended", busy=("main.x", "#b")), "when the visit had ended still shown after a second: 'main.x', '#b'"),
    (Look(when="ended", focus_lost="iframe#popup"), "when the visit had ended it was on 'iframe#popup'"),
    (Look(when="offered", unreachable="input#code"), "when the second factor was offered it did not come to 'input#code'"),
]


@pytest.mark.parametrize(("look", "seen"), WRONG)
def test_what_stands_in_the_users_way_is_found(look, seen):
    found = the_one(SLUG, looked(client_fault(), look))
    assert (found.severity, found.seen) == (Severity.MAJOR, seen)
    assert judged(looked(client_fault(), look)).verdict is Verdict.FAIL


@pytest.mark.parametrize("outcome", ["nothing", "refused"])
def test_a_flow_that_never_went_on_is_somebody_elses_finding(outcome):
    stuck = looked(client_fault(), Look(when="ended", busy=("#status",)), outcome=outcome)
    assert ask(SLUG, stuck) == ()
    assert len(ask(SLUG, with_expect(stuck, outcome="nothing"))) == 1, "where nothing is what the policy gives, it is ours"


def test_an_error_that_only_the_outage_brings_is_found():
    found = the_one(SLUG, with_visit(client_fault(), page_errors=(CRASH,)))
    assert (found.severity, found.seen) == (Severity.MINOR, "'captcha is null' in /static/login.js:79:11")


@pytest.mark.parametrize("later", ["same-tab", "new-tab", "new-visitor"])
def test_an_error_that_a_healthy_visit_has_too_is_not_the_outages(later):
    record = with_visit(client_fault(), page_errors=(PageError(text="order 17 is null", script=CRASH.script),))
    again = PageError(text="order 18 is null", script=CRASH.script)
    assert len(ask(SLUG, record)) == 1
    assert ask(SLUG, with_visit(record, later, page_errors=(again,))) == ()


def test_an_error_of_a_vendors_script_is_its_contract():
    assert ask(SLUG, with_visit(client_fault(), page_errors=(PageError(text="captcha is null", script=""),))) == ()


def test_without_a_healthy_visit_to_compare_with_no_error_is_told():
    record = with_visit(client_fault(), page_errors=(CRASH,))
    assert ask(SLUG, with_evidence(record, visits=record.evidence.visits[:1])) == ()


@pytest.mark.parametrize(("text", "language"), [(ENGLISH, "en"), (CHINESE, "zh-CN"), (ENGLISH, ""), (ENGLISH, "tlh")])
def test_a_word_in_the_pages_own_language_is_right(text, language):
    assert ask(SLUG, told(text, language)) == ()


@pytest.mark.parametrize(("text", "language"), [(CHINESE, "en"), (ENGLISH, "zh-CN")])
@pytest.mark.parametrize("place", [{}, {"explains": "#why"}], ids=["says", "explains"])
def test_a_word_in_another_language_is_found(text, language, place):
    found = the_one(SLUG, told(text, language, **place))
    assert found.severity is Severity.MINOR
    assert found.expected == f"#why speaks the page's language, '{language}'"


def test_a_word_that_says_nothing_is_found_once():
    assert the_one(SLUG, told("Error.")).seen == "it says 'Error.'"
    assert the_one(SLUG, told("")).seen == "nothing could be read there"
    assert ask(SLUG, told("Error.", explains="#why")) == (), "other-way-open has it"


BLIND = (Look(when="offered"),)


def test_a_page_that_nobody_looked_at_is_unknown():
    for record in (with_visit(client_fault(), looks=BLIND), with_visit(server_fault(), looks=())):
        judgement = judged(record)
        assert judgement.verdict is Verdict.UNKNOWN
        assert "the oracle ux cannot tell: nobody could look at the page of the visit honest when" in judgement.unknown_because
    assert judged(told(None)).unknown_because == "the oracle ux cannot tell: nobody read what #why says"


def test_the_offer_of_a_code_is_looked_at_by_itself():
    unseen = with_visit(server_fault(), looks=(Look(when="ended"),))
    with pytest.raises(EvidenceMissing, match="when the second factor was offered"):
        ask(SLUG, unseen)
    assert ask(SLUG, with_visit(unseen, step_up_offered=False)) == ()


@pytest.mark.parametrize("without", [{"loaded_ms": None}, {"outcome": "nothing"}, {"outcome": "refused"}])
def test_a_page_that_never_loaded_and_a_flow_that_stood_still_need_not_be_looked_at(without):
    assert ask(SLUG, with_visit(client_fault(), looks=(), **without)) == ()


def test_what_the_plan_has_nobody_look_at_is_not_demanded():
    """An app's screen is no page, two tabs at once are not looked at, and older journals say nothing of it."""
    for record in (with_visit(client_fault(), looks=()), told(None)):
        assert ask(SLUG, with_expect(record, looks=False)) == ()


CHAT = "div#chat-17.widget"


def ending_busy(record: Record, *busy: str, at: str = "new-tab") -> Record:
    return with_visit(record, at, looks=(Look(when="ended", busy=busy),))


def test_what_healthy_visits_show_as_busy_too_is_no_spinner_of_this_flow():
    always = looked(client_fault(), Look(when="ended", busy=(CHAT,)), Look(when="offered", busy=(CHAT,)))
    assert len(ask(SLUG, always)) == 2
    for at in ("new-tab", "new-visitor"):
        assert ask(SLUG, ending_busy(always, "div#chat-18.widget", at=at)) == (), "its number is another one each time"
    spinning = looked(client_fault(), Look(when="ended", busy=(CHAT, "p#status")))
    assert the_one(SLUG, ending_busy(spinning, CHAT)).seen == "when the visit had ended still shown after a second: 'p#status'"


def test_what_cannot_be_compared_is_not_told():
    busy = looked(client_fault(), Look(when="ended", busy=(CHAT,)))
    honest_alone = with_evidence(busy, visits=busy.evidence.visits[:1])
    assert ask(SLUG, honest_alone) == (), "a fault that strikes once has no visits after it"
    unlooked = busy
    for name in ("same-tab", "new-tab", "new-visitor"):
        unlooked = with_visit(unlooked, name, looks=())
    with pytest.raises(EvidenceMissing, match=r"no healthy visit was looked at, to compare with what is busy: div#chat-17"):
        ask(SLUG, unlooked)
    older = with_expect(unlooked, looks=False)
    assert len(ask(SLUG, older)) == 1, "a journal from before is judged as it was then"


def test_it_speaks_only_where_there_is_a_page_that_loads():
    oracle = ORACLES.get(SLUG)
    for other in (control(), with_scenario(client_fault(), link="page"), with_scenario(client_fault(), browser_profile="none")):
        assert not oracle.applies(other.scenario)


@pytest.mark.parametrize(
    ("text", "language", "answer"),
    [
        ("Der Schutz ist außer Betrieb", "de", True),
        ("已向 shop@example.com 发送 SMS", "zh-Hans", True),
        ("Please enter the code (验证码)", "en-GB", True),
        ("請輸入驗證碼 OK", "en", False),
        ("コードを入力してください", "ja", True),
        ("코드를 입력하세요", "ko_KR", True),
        ("Введите код", "ru", True),
        ("Введите код", "en", False),
        ("123 456 !", "en", None),
        ("Kod kodu", "", None),
    ],
)
def test_a_language_is_told_by_its_letters_or_not_at_all(text, language, answer):
    assert speaks(text, language) is answer
