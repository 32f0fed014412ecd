"""For every oracle two records: one that must fail by it alone, and one on which it speaks and that must pass.

:mod:`suites.selftest.judge.test_judge_mutation` takes each oracle away, and turns each round, and demands that this table
notices. Whoever adds an oracle adds its line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.catalog import Policy
from harness.journal.model import GuardedCall, Leak, Look, OtherWay, Record, Signalled
from harness.judge.reading import BACK
from suites.selftest.judge.records import (
    APP_ID,
    NOW_S,
    REFUSED,
    at,
    attempt,
    call,
    client_fault,
    control,
    forgery,
    server_fault,
    submit,
    ticket,
    verdicts,
    visit,
    with_evidence,
    with_expect,
    with_scenario,
    with_visit,
)
from suites.selftest.judge.test_judge_load import a_crowd, but


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """``bad`` must fail, and every finding be the oracle's; ``good`` must pass, and the oracle have something to say on it."""

    bad: Record
    good: Record


def _no_reuse(*verdicts_on_one: str) -> Record:
    """The honest user's ticket, asked about once for each verdict."""
    calls = tuple(call("honest", verdict, "t03 the honest one") for verdict in verdicts_on_one)
    record = with_evidence(server_fault(), tickets=server_fault().evidence.tickets[1:], submits=(submit("t03 the honest one"),))
    return with_evidence(record, verdict_calls=(*calls, *server_fault().evidence.verdict_calls))


def _in_outage(effects: int) -> Record:
    """Tries without a ticket while the verdict API is down, of a target that accepts one unverified user an account."""
    tried = (attempt("no-ticket", effects, health="outage"), attempt("garbage", health="outage"))
    fault = client_fault()
    record = with_scenario(forgery(Policy.ACCEPT, *tried), fault=REFUSED, link="verdict")
    return with_evidence(record, applied=fault.evidence.applied, sightings=fault.evidence.sightings)


def _watched(log: int) -> Record:
    """A target that names where it signals, and did so with the honest visit as often as this."""
    record = with_expect(client_fault(), signals=("the word 'degraded' in its output",))
    for name, count in {"honest": log, "same-tab": 0, "new-tab": 0, "new-visitor": 0}.items():
        record = with_visit(record, name, signalled=Signalled(log=count))
    return record


def _other_way(*, through: bool) -> Record:
    """Another user who took the other way in while the fault stood."""
    taken = OtherWay(asked="POST /login", moment=at(3100), status=200 if through else 503, real_ms=12.0, through=through)
    return with_evidence(with_expect(server_fault(), other_way="POST /login"), other_way=taken)


def _lured(*leads_to: str) -> Record:
    """A visitor whose address named a site to go to afterwards, and the hosts to which the page's links lead."""
    record = with_expect(client_fault(), lure="elsewhere.example")
    return _looking(record, Look(when="ended", language="en", leads_to=("partner.example", *leads_to)))


def _looking(record: Record, look: Look) -> Record:
    """The honest user's page at its end, of which all else is as it should be; healthy visits lead to a partner, too."""
    healthy = Look(when="ended", language="en", busy=("div#chat.widget",), leads_to=("partner.example",))
    for name in ("new-tab", "new-visitor"):
        record = with_visit(record, name, looks=(healthy,))
    return with_visit(record, looks=(look,))


def _spinning(*busy: str) -> Record:
    """A page with a widget that always says that it works, and what else still says so when the flow has gone on."""
    return _looking(client_fault(), Look(when="ended", language="en", busy=("div#chat.widget", *busy)))


def _searched(*leaks: Leak) -> Record:
    """A target that was searched for its secrets, for the code that its user was sent and for the session that he got."""
    names = ("app_secret", "secret_key", "one-time code", "session cookie sid")
    return with_evidence(client_fault(), secrets=names, searched=("page", "url", "elsewhere", "output"), leaks=leaks)


def _went_back(effects: int) -> Record:
    """A user who went back when all was done, and came again without solving."""
    record = with_scenario(client_fault(), id="login-recovery-goes-back-frame-refused", kind="recovery", strikes="once")
    back = visit(BACK, "unverified" if effects else "refused", effects=effects)
    return with_evidence(record, visits=(*record.evidence.visits, back))


def _with_sms(passed: tuple[Any, ...]) -> Record:
    """A code that was sent by SMS, and what the provider had said of its token before."""
    sent = GuardedCall(link="sms", visit="honest", moment=at(1700), ticket="71d0c4a8", answer="SMS sent")
    return with_evidence(server_fault(), guarded_calls=(sent,), verdict_calls=(*passed, *server_fault().evidence.verdict_calls))


def _wrong_code() -> Record:
    text = f"terror_1005_{APP_ID}_{NOW_S}_sid"
    return with_evidence(client_fault(), tickets=(ticket(text),), submits=(submit(text),))


PAIRS: Mapping[str, Pair] = {
    "bounded-wait": Pair(bad=with_evidence(client_fault(), submits=(submit("x", real_ms=60_000),)), good=client_fault()),
    "business-completes": Pair(bad=with_visit(client_fault(), effects=2), good=client_fault()),
    "exactly-once": Pair(bad=_went_back(1), good=_went_back(0)),
    "fallback-ticket": Pair(bad=_wrong_code(), good=client_fault()),
    "healthy-control": Pair(bad=with_evidence(control(), refused_hosts=("cdn.example",)), good=control()),
    "holds-under-load": Pair(bad=but(a_crowd(), "outage", "page", real_ms=9000.0), good=a_crowd()),
    "no-open-redirect": Pair(bad=_lured("elsewhere.example"), good=_lured()),
    "no-reuse": Pair(bad=_no_reuse("7", "9"), good=_no_reuse("7")),
    "no-side-effect": Pair(bad=_with_sms(()), good=_with_sms((call("honest", text="71d0c4a8"),))),
    "nothing-for-free": Pair(
        bad=forgery(Policy.STEP_UP, attempt("garbage", 1, 201)), good=forgery(Policy.STEP_UP, attempt("garbage"))
    ),
    "nothing-for-nothing": Pair(bad=_in_outage(1), good=_in_outage(0)),
    "observable": Pair(bad=_watched(0), good=_watched(1)),
    "other-way-open": Pair(bad=_other_way(through=False), good=_other_way(through=True)),
    "page-usable": Pair(bad=with_visit(client_fault(), loaded_ms=20_000), good=client_fault()),
    "private": Pair(
        bad=_searched(Leak(secret="app_secret", where="page", at="GET /", visit="honest")),
        good=_searched(),
    ),
    "recovers": Pair(bad=with_visit(client_fault(), "new-tab", outcome="refused", effects=0), good=client_fault()),
    "ux": Pair(bad=_spinning("#spinner"), good=_spinning()),
    "verdict-is-a-verdict": Pair(bad=verdicts(attempt("code-8", 1, 201)), good=verdicts(attempt("code-8"))),
}
