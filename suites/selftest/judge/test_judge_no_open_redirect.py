"""The oracle no-open-redirect: no way through an outage leads to the site that the visitor's address named."""

from __future__ import annotations

from harness.journal.model import Look, Record, Severity, Verdict
from harness.judge import ORACLES
from suites.selftest.judge.records import ask, client_fault, control, judged, the_one, with_evidence, with_expect, with_visit

SLUG = "no-open-redirect"


def lured() -> Record:
    return with_expect(client_fault(), lure="elsewhere.example")


def test_a_page_that_leads_to_its_own_pages_and_to_a_partner_is_as_it_should_be():
    record = with_visit(lured(), looks=(Look(when="ended", leads_to=("partner.example", "not-elsewhere.example")),))
    record = with_evidence(record, refused_hosts=("tracker.example:443", "www.elsewhere.example:443"))
    assert ask(SLUG, record) == ()
    assert judged(record).verdict is Verdict.PASS


def test_a_browser_that_was_sent_there_is_found():
    found = the_one(SLUG, with_evidence(lured(), refused_hosts=("x.example:443", "elsewhere.example:443")))
    assert (found.severity, found.seen) == (Severity.MAJOR, "the browser asked for 'elsewhere.example:443'")


def test_a_link_that_leads_there_is_found():
    record = with_visit(lured(), looks=(Look(when="offered"), Look(when="ended", leads_to=("elsewhere.example",))))
    assert the_one(SLUG, record).seen == "a link in the visit honest leads there"
    assert judged(record).verdict is Verdict.FAIL


def test_a_page_whose_links_nobody_read_is_unknown():
    judgement = judged(with_visit(lured(), looks=()))
    assert judgement.verdict is Verdict.UNKNOWN
    assert "no-open-redirect cannot tell: nobody could look at the page of the visit honest" in judgement.unknown_because


def test_a_page_that_never_loaded_had_no_links():
    assert ask(SLUG, with_visit(lured(), looks=(), loaded_ms=None)) == ()


def test_without_such_a_parameter_it_has_nothing_to_say():
    oracle = ORACLES.get(SLUG)
    assert not oracle.applies(client_fault().scenario)
    assert not oracle.applies(with_expect(control(), lure="elsewhere.example").scenario)
