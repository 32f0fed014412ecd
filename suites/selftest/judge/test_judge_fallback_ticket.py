"""The oracle fallback-ticket: the vendor's grammar, its documented code, in time."""

from __future__ import annotations

import pytest

from harness.journal.model import Severity
from harness.judge import EvidenceMissing
from suites.selftest.judge.records import (
    APP_ID,
    NOW_S,
    REAL_TICKET,
    TICKET_1004,
    TICKET_2001,
    ask,
    client_fault,
    server_fault,
    the_one,
    ticket,
    with_evidence,
    with_expect,
    with_visit,
)

SLUG = "fallback-ticket"


def handed_over(text, **more):
    return with_evidence(client_fault(), tickets=(ticket(text, **more),))


def test_the_documented_ticket_in_a_submit_is_right():
    assert ask(SLUG, client_fault()) == ()


@pytest.mark.parametrize("prefix", ["terror", "trerror"])
@pytest.mark.parametrize("suffix", ["", "_session-id"])
def test_both_prefixes_and_the_fifth_part_are_right(prefix, suffix):
    assert ask(SLUG, handed_over(f"{prefix}_1004_{APP_ID}_{NOW_S}{suffix}")) == ()


@pytest.mark.parametrize("where", ["answer", "effect"])
def test_a_server_minted_ticket_is_looked_for_in_answer_and_effect(where):
    assert ask(SLUG, with_evidence(server_fault(), tickets=(ticket(REAL_TICKET), ticket(TICKET_2001, where)))) == ()


def test_a_server_code_submitted_by_the_page_was_not_minted_by_the_server():
    found = the_one(SLUG, with_evidence(server_fault(), tickets=(ticket(TICKET_2001, "submit"),)))
    assert "2001" in found.expected
    assert "no ticket at all" in found.seen


def test_a_client_code_only_in_the_business_record_was_never_handed_over():
    assert the_one(SLUG, handed_over(TICKET_1004, where="effect")).seen == "no ticket at all"


@pytest.mark.parametrize(
    ("who", "words"), [("vendor", "the client mints it"), ("page", "the page mints it"), (None, "somebody")]
)
def test_the_finding_says_who_should_have_minted_it(who, words):
    record = with_expect(with_evidence(client_fault(), tickets=()), minted_by=who)
    assert words in the_one(SLUG, record).expected


def test_no_ticket_at_all_is_a_blocker():
    found = the_one(SLUG, with_evidence(client_fault(), tickets=()))
    assert (found.severity, found.seen) == (Severity.BLOCKER, "no ticket at all")


def test_an_ordinary_ticket_is_no_fallback_ticket():
    assert "which is no fallback ticket" in the_one(SLUG, handed_over(REAL_TICKET)).seen


def test_a_ticket_of_another_visit_does_not_count():
    assert the_one(SLUG, handed_over(TICKET_1004, visit="new-tab")).seen == "no ticket at all"


def test_a_code_of_the_pages_own_says_how_its_watchdog_is_named():
    own = ticket(f"terror_1001_{APP_ID}_{NOW_S}")
    found = the_one(SLUG, with_evidence(client_fault(), tickets=(own,)))
    assert "flows.NAME.watchdog_ms" in found.mend
    brought = ticket(own.text, "callback")
    assert "watchdog_ms" not in the_one(SLUG, with_evidence(client_fault(), tickets=(own, brought))).mend


def test_a_ticket_the_callback_brought_and_the_page_threw_away_is_named():
    found = the_one(SLUG, handed_over(TICKET_1004, where="callback"))
    assert TICKET_1004 in found.seen
    assert "never submitted" in found.seen
    assert "errorCode" in found.mend


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"terror_1004_{APP_ID}{NOW_S}", "no-underscore-before-time"),
        (f"terror_1004__{NOW_S}", "empty-app-id"),
        (f"terror_{APP_ID}_{NOW_S}", "code-missing"),
        (f"terror_1004_{APP_ID}_{NOW_S}123", "milliseconds-for-seconds"),
        ("terror_whatever", "malformed-fallback"),
    ],
)
def test_a_near_miss_is_named_by_its_kind(text, kind):
    found = the_one(SLUG, handed_over(text))
    assert kind in found.seen
    assert text in found.seen
    assert found.severity is Severity.BLOCKER


def test_a_near_miss_beside_a_right_ticket_is_still_told():
    record = with_evidence(client_fault(), tickets=(ticket(TICKET_1004), ticket(f"terror_1004__{NOW_S}", ms=1900)))
    found = the_one(SLUG, record)
    assert "empty-app-id" in found.seen
    assert found.severity is Severity.MAJOR


def test_a_piece_of_an_inline_script_in_an_answer_is_no_near_miss():
    """A page that is rendered again after a submit carries the source that mints: ``'terror_1001_' + appId``."""
    seen = (ticket("terror_1001_", "answer"), ticket(TICKET_2001, "answer", ms=1600))
    assert ask(SLUG, with_evidence(server_fault(), tickets=seen)) == ()
    assert "malformed" in the_one(SLUG, handed_over("terror_1001_")).seen


def test_a_wrong_code_names_what_was_expected_and_what_was_seen():
    found = the_one(SLUG, handed_over(f"terror_1006_{APP_ID}_{NOW_S}"))
    assert "1004" in found.expected
    assert "1006" in found.seen


def test_any_of_the_accepted_codes_is_right():
    record = with_expect(handed_over(f"terror_1001_{APP_ID}_{NOW_S}"), codes=(1004, 1001))
    assert ask(SLUG, record) == ()


def test_a_second_code_does_not_matter_when_the_first_is_right():
    late = ticket(f"terror_1006_{APP_ID}_{NOW_S}", ms=2500)
    assert ask(SLUG, with_evidence(client_fault(), tickets=(late, ticket(TICKET_1004)))) == ()


def test_a_right_code_does_not_save_a_wrong_first_one():
    early = ticket(f"terror_1006_{APP_ID}_{NOW_S}", ms=100)
    assert "1006" in the_one(SLUG, with_evidence(client_fault(), tickets=(ticket(TICKET_1004), early))).seen


@pytest.mark.parametrize("other", ["200000000", f"{APP_ID}a", "undefined", "647f5ed2ed8acb4be36784e01556bb71"])
def test_another_apps_id_is_wrong(other):
    found = the_one(SLUG, handed_over(f"terror_1004_{other}_{NOW_S}"))
    assert APP_ID in found.expected
    assert other in found.seen
    assert found.severity is Severity.BLOCKER


@pytest.mark.parametrize(("offset_s", "word"), [(-61, "before"), (61, "after")])
def test_a_timestamp_more_than_a_minute_off_is_stale(offset_s, word):
    found = the_one(SLUG, handed_over(f"terror_1004_{APP_ID}_{NOW_S + offset_s}"))
    assert f"61 s {word}" in found.seen


@pytest.mark.parametrize("offset_s", [-60, 60])
def test_a_minute_off_is_fresh(offset_s):
    assert ask(SLUG, handed_over(f"terror_1004_{APP_ID}_{NOW_S + offset_s}")) == ()


def test_an_advanced_page_clock_may_be_another_minute_off_and_no_more():
    within = with_evidence(handed_over(f"terror_1004_{APP_ID}_{NOW_S - 120}"), clock="advanced")
    beyond = with_evidence(handed_over(f"terror_1004_{APP_ID}_{NOW_S - 121}"), clock="advanced")
    assert ask(SLUG, within) == ()
    assert "121 s before" in the_one(SLUG, beyond).seen


@pytest.mark.parametrize("off_s", [-10, 0, 10])
def test_on_the_pages_own_clock_ten_seconds_are_fresh(off_s):
    """The page's clock is 20 s behind the world's, as the lab set it: only what the page could know counts."""
    record = handed_over(f"terror_1004_{APP_ID}_{NOW_S - 20 + off_s}", page_unix_s=NOW_S - 20)
    assert ask(SLUG, with_evidence(record, clock="advanced")) == ()


@pytest.mark.parametrize(("waited_s", "clock"), [(12, "real"), (20, "advanced"), (45, "advanced")])
def test_a_time_taken_when_the_page_was_rendered_shows_after_a_hang(waited_s, clock):
    record = handed_over(f"terror_1004_{APP_ID}_{NOW_S - waited_s}", page_unix_s=NOW_S)
    assert f"{waited_s} s before" in the_one(SLUG, with_evidence(record, clock=clock)).seen


@pytest.mark.parametrize("where", ["answer", "effect"])
@pytest.mark.parametrize("clock", ["real", "advanced"])
def test_a_servers_time_is_measured_by_the_real_clock(where, clock):
    def minted(off_s):
        text = f"terror_2001_{APP_ID}_{NOW_S + off_s}_hmac"
        return with_evidence(server_fault(), tickets=(ticket(text, where),), clock=clock)

    assert ask(SLUG, minted(-10)) == ask(SLUG, minted(10)) == ()
    assert "11 s before" in the_one(SLUG, minted(-11)).seen
    assert "11 s after" in the_one(SLUG, minted(11)).seen


def test_a_ticket_after_its_budget_is_late():
    found = the_one(SLUG, with_visit(client_fault(), fallback_ms=5001))
    assert "within 5000 ms" in found.expected
    assert "5001 ms" in found.seen
    assert ask(SLUG, with_visit(client_fault(), fallback_ms=5000)) == ()


def test_without_a_measured_time_the_tickets_own_moment_is_taken():
    record = with_evidence(client_fault(), tickets=(ticket(TICKET_1004, ms=9000),))
    assert "8500 ms" in the_one(SLUG, with_visit(record, fallback_ms=None)).seen
    unclicked = with_visit(record, fallback_ms=None, clicked=None)
    assert "9000 ms" in the_one(SLUG, unclicked).seen
    assert "nobody had clicked" in the_one(SLUG, unclicked).seen


@pytest.mark.parametrize("where", ["submit", "answer", "effect", "callback"])
def test_where_none_is_documented_any_fallback_ticket_is_a_finding(where):
    record = with_expect(handed_over(TICKET_1004, where=where), codes=(), minted_by=None)
    found = the_one(SLUG, record)
    assert "none is documented" in found.expected
    assert TICKET_1004 in found.seen
    assert ask(SLUG, with_evidence(record, tickets=(ticket(REAL_TICKET, where),))) == ()


def test_without_an_honest_visit_it_cannot_tell():
    with pytest.raises(EvidenceMissing, match="honest"):
        ask(SLUG, with_evidence(client_fault(), visits=()))


FIRST = f"terror_1004_{APP_ID}_{NOW_S - 5}"


def at_two_captchas(first, where="post", captchas=2):
    """A first ticket handed over before the submit, five seconds earlier, and then the documented one."""
    earlier = ticket(first, where, ms=500, unix_s=NOW_S - 5)
    return with_evidence(with_visit(client_fault(), captchas=captchas), tickets=(earlier, ticket(TICKET_1004)))


@pytest.mark.parametrize("where", ["post", "submit"])
def test_a_right_ticket_at_each_of_two_captchas_is_right(where):
    assert ask(SLUG, at_two_captchas(FIRST, where)) == ()


def test_the_ticket_of_the_first_captcha_is_held_to_code_app_and_time():
    assert "code 1006" in the_one(SLUG, at_two_captchas(FIRST.replace("1004", "1006"))).seen
    assert "123 in" in the_one(SLUG, at_two_captchas(FIRST.replace(f"_{APP_ID}_", "_123_"))).seen
    assert "3600 s before it" in the_one(SLUG, at_two_captchas(f"terror_1004_{APP_ID}_{NOW_S - 3605}")).seen


def second(text):
    """The documented ticket at the first captcha, and this one at the second."""
    record = at_two_captchas(FIRST)
    return with_evidence(record, tickets=(record.evidence.tickets[0], ticket(text, ms=2000)))


def test_that_of_the_second_is_held_to_app_and_time():
    assert "123 in" in the_one(SLUG, second(TICKET_1004.replace(APP_ID, "123"))).seen
    assert "3600 s before it" in the_one(SLUG, second(f"terror_1004_{APP_ID}_{NOW_S - 3600}")).seen


def test_at_the_second_captcha_another_link_of_the_broken_host_may_fail_first():
    assert ask(SLUG, second(TICKET_1004.replace("1004", "1006"))) == ()


def test_a_record_that_shows_the_first_ticket_when_all_is_done_does_not_date_it():
    first, second = TICKET_2001.replace(str(NOW_S), str(NOW_S - 40)), TICKET_2001
    seen = (
        ticket(first, "answer", ms=500, unix_s=NOW_S - 40),
        ticket(second, "answer", ms=40_500),
        ticket(first, "effect", ms=40_500),
    )
    assert ask(SLUG, with_evidence(with_visit(server_fault(), captchas=2), tickets=seen)) == ()


def test_what_a_page_with_one_captcha_posts_elsewhere_is_not_judged():
    assert ask(SLUG, at_two_captchas("terror_1006_1_1", captchas=1)) == ()
