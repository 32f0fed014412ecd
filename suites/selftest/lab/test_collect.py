"""Tickets are collected from every place at which they can be seen, and each place keeps its meaning."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.journal.model import Moment
from harness.lab import collect
from harness.lab.handle import Leg
from harness.lab.origin import OriginRequest
from harness.lab.recorder import Recorder
from harness.providers.base import PROVIDERS
from harness.providers.serving import Arrival
from harness.target.loader import find_target, load_target

FLOW = load_target(find_target(None)).flows["login"]
VENDOR = "terror_1002_199999164_1700000000"
WATCHDOG = "terror_1001_199999164_1699999988"
SERVER = "terror_2001_199999164_1700000000_hmac"
START = Moment(at_ms=0, page_ms=0)


@pytest.fixture
def recorder() -> Recorder:
    made = Recorder()
    made.began -= 5
    made.visits = [(made.began, "honest")]
    return made


def login(ticket: str, at_s: float, answered: float) -> OriginRequest:
    body = bytearray(json.dumps({"ticket": ticket, "randstr": "@r"}).encode())
    return OriginRequest(method="POST", path="/login", arrived=at_s, body=body, status=200, answered=answered)


def slot(*requests: OriginRequest) -> Any:
    return cast(
        Any, SimpleNamespace(origin=SimpleNamespace(log=list(requests)), provider=SimpleNamespace(arrivals=lambda _: []))
    )


def arrival(link: str, **fields: Any) -> Arrival:
    return Arrival(link=link, host="vendor", method="GET", path="/", connection="c", arrived=0.0, status=200, **fields)


def facts(recorder: Recorder, where: Any, *legs: Leg) -> collect.VisitFacts:
    return collect.visit_facts(recorder.visit, where, recorder, FLOW, legs=legs or [Leg(clicked=START, over=START)])


def test_what_the_callback_brought_is_seen_at_the_callback(recorder: Recorder) -> None:
    recorder.callback(json.dumps({"ret": 0, "ticket": VENDOR, "errorCode": 1002}))
    [seen] = collect.tickets_of(slot(), recorder, FLOW)
    assert (seen.text, seen.where, seen.visit, seen.moment) == (VENDOR, "callback", "honest", recorder.callbacks[0].moment)


@pytest.mark.parametrize("fields", ['{"ret": 2, "ticket": ""}', '{"ticket": null}', "[]", "no JSON", '{"ticket": 7}'])
def test_a_callback_without_a_ticket_brings_none(recorder: Recorder, fields: str) -> None:
    recorder.callback(fields)
    assert collect.tickets_of(slot(), recorder, FLOW) == []


def test_a_callback_that_was_cut_short_still_tells_its_ticket(recorder: Recorder) -> None:
    recorder.callback(json.dumps({"ticket": VENDOR, "padding": "x" * 3000}))
    assert [seen.text for seen in collect.tickets_of(slot(), recorder, FLOW)] == [VENDOR]


def test_a_late_callback_is_no_ticket_that_was_handed_over(recorder: Recorder) -> None:
    recorder.callback(json.dumps({"ticket": VENDOR}))
    assert not facts(recorder, slot()).fallback
    assert facts(recorder, slot()).fallback_ms is None
    handed_over = slot(login(WATCHDOG, recorder.began + 8, recorder.began + 8.1))
    assert facts(recorder, handed_over).fallback_ms == 8000


def test_a_ticket_kept_only_with_the_record_is_seen_there_at_the_submits_answer(recorder: Recorder) -> None:
    where = slot(login("tr0good", recorder.began + 1, recorder.began + 4))
    collect.note_effect_tickets("[]", json.dumps([{"fallback": SERVER}]), where, recorder, FLOW)
    [_, seen] = collect.tickets_of(where, recorder, FLOW)
    assert (seen.text, seen.where, seen.visit, seen.moment.at_ms) == (SERVER, "effect", "honest", 4000)
    assert facts(recorder, where).fallback_ms == 4000


def leg(clicked_s: float, over_s: float) -> Leg:
    clicked, over = (Moment(at_ms=at_s * 1000, page_ms=at_s * 1000) for at_s in (clicked_s, over_s))
    return Leg(clicked=clicked, over=over)


def posted(ticket: str, at_s: float) -> OriginRequest:
    body = bytearray(json.dumps({"ticket": ticket}).encode())
    return OriginRequest(method="POST", path="/elsewhere", arrived=at_s, body=body, status=200, answered=at_s)


def test_of_two_captchas_the_longer_wait_counts_each_from_its_own_click(recorder: Recorder) -> None:
    """Asked at 1 s and handed over at 4 s elsewhere, asked at 6 s and handed over at 11 s."""
    where = slot(posted(WATCHDOG, recorder.began + 4), login(VENDOR, recorder.began + 11, recorder.began + 11.1))
    assert facts(recorder, where, leg(1, 5), leg(6, 12)).fallback_ms == 5000
    assert facts(recorder, where, leg(0, 5), leg(8, 12)).fallback_ms == 4000


def test_a_ticket_of_the_first_captcha_makes_the_visit_one_with_a_fallback(recorder: Recorder) -> None:
    where = slot(posted(WATCHDOG, recorder.began + 4), login("tr0good", recorder.began + 11, recorder.began + 11.1))
    assert facts(recorder, where, leg(1, 5), leg(6, 12)).fallback


def test_what_a_page_with_one_captcha_posts_elsewhere_is_nothing_handed_over(recorder: Recorder) -> None:
    assert not facts(recorder, slot(posted(WATCHDOG, recorder.began + 4)), leg(1, 12)).fallback


def test_an_old_records_ticket_is_not_the_next_visits(recorder: Recorder) -> None:
    records = json.dumps([{"fallback": SERVER}])
    collect.note_effect_tickets("[]", records, slot(), recorder, FLOW)
    recorder.begin("same-tab")
    collect.note_effect_tickets(records, records, slot(), recorder, FLOW)
    assert [seen.visit for seen in recorder.tickets] == ["honest"]
    assert not facts(recorder, slot()).fallback


def test_a_submit_tells_what_the_pages_clock_said(recorder: Recorder) -> None:
    """Set 45 s into the past, moved on by 20 s: at its third second the page believes itself 25 s earlier."""
    recorder.behind_ms = 45_000
    recorder.advances = [(recorder.began + 2, 20_000.0)]
    [early, late] = collect.tickets_of(
        slot(*(login(WATCHDOG, recorder.began + at_s, recorder.began + 4) for at_s in (1, 3))), recorder, FLOW
    )
    assert early.page_unix_s == pytest.approx(recorder.began_unix_s + 1 - 45, abs=0.01)
    assert late.page_unix_s == pytest.approx(recorder.began_unix_s + 3 - 25, abs=0.01)
    assert late.unix_s == pytest.approx(recorder.began_unix_s + 3, abs=0.01)


def test_a_new_visitors_clock_is_nobodys_but_the_worlds(recorder: Recorder) -> None:
    recorder.behind_ms = 45_000
    recorder.visits.append((recorder.began + 0.5, "new-visitor"))
    [seen] = collect.tickets_of(slot(login(WATCHDOG, recorder.began + 1, recorder.began + 2)), recorder, FLOW)
    assert seen.page_unix_s == seen.unix_s


def test_a_script_is_compared_where_a_healthy_page_gets_it_too(recorder: Recorder) -> None:
    links = {link.name: link for link in PROVIDERS.get("geetest_v4").links}
    served = [arrival(name, sha256=f"sha of {name}") for name in ("entry", "bypass", "load", "static")]
    served.append(arrival("gct", sha256="altered", rewritten="empty"))
    provider = SimpleNamespace(log=served, arrivals=lambda _: [])
    where = cast(Any, SimpleNamespace(origin=SimpleNamespace(log=[]), provider=provider, links=links, live=None))
    found = collect.evidence_of(where, recorder, FLOW)
    assert found.scripts == (("entry", "sha of entry"), ("static", "sha of static"))
