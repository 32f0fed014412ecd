"""Every time that is judged, with the budget it is judged by. One place, so that "near the budget" means the same to all.

Source of the rule that such times lie on a busy machine: PITFALLS.md, "HTTP" (a deadline of 2.5 s read as 5.1 s with four
browsers on two cores).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.catalog import ONCE
from harness.journal.model import AGAIN, FRESH, HELD_UP, NEXT, Record, SeenTicket, Visit
from harness.judge import crowds
from harness.judge.reading import (
    COMPLETED,
    HONEST,
    PAGE_LINK,
    RECOVERY_VISITS,
    is_fault,
    is_schedule,
    spares_own_edge,
    visits,
)

# A page that cannot be used 4 s after it was opened is held up by the captcha's script: DOMContentLoaded on the same machine
# takes a tenth of that, and the shortest wait of the vendor's client (10 s, template check) more than twice.
LOADED_BUDGET_MS = 4000
# An interaction that is answered after a second reads as a hang: the limit at which a user's flow of thought breaks.
USABLE_BUDGET_MS = 1000
# The user's part of a healthy visit, from the click on show: reading the challenge and dragging, twice when the first misses.
SOLVING_ALLOWANCE_MS = 5000
# What a busy machine adds to a time that is short by itself: with three runs on two cores a page answered after 3.4 s.
BUSY_MS = 5000
# What was busy when a flow had gone on is given a second to end (harness/lab/looking.py).
CALM_BUDGET_MS = 1000
# What a page's rest is called: it is given up after its budget, so no time after that is known.
CALM = "calm"
_TIMED = COMPLETED | {"nothing"}
_SUBMIT = "a submit"
# A page beside the outage may be this much slower than before it: the same machine now also holds the calls that hang.
SLOWER = 3
SUBMITS = ("honest", "forger")
_OF_A_CROWD = {"page": "a page beside a crowd", "honest": "a submit of a crowd", "forger": "a submit of a crowd"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One measured time and its budget, both in milliseconds; ``given_up``: it had not ended when the lab went on.

    ``quantity`` names what is measured in controls, too (:func:`undisturbed`); a fallback ticket is not.
    """

    what: str
    quantity: str
    spent_ms: float
    budget_ms: float
    given_up: bool = False

    @property
    def overdue(self) -> bool:
        """Whether the time is over its budget; a time that is not a number is."""
        return not self.spent_ms <= self.budget_ms

    def near(self, factor: float) -> bool:
        """Whether the time is over its budget by no more than ``factor`` times it, or by what load adds to the shortest."""
        return self.budget_ms < self.spent_ms <= max(self.budget_ms * factor, self.budget_ms + BUSY_MS)

    @property
    def expected(self) -> str:
        """The demand in words."""
        return f"{self.what} within {self.budget_ms:.0f} ms"

    @property
    def seen(self) -> str:
        """The measurement in words."""
        return f"{self.what} after {self.spent_ms:.0f} ms"


def _since_click(visit: Visit, page_ms: float) -> float:
    return page_ms - (visit.clicked or visit.began).page_ms


def fallback(record: Record, visit: Visit, ticket: SeenTicket) -> Timed:
    """Page time from the click on show to the fallback ticket; from the visit's beginning where nobody clicked."""
    spent = visit.fallback_ms if visit.fallback_ms is not None else _since_click(visit, ticket.moment.page_ms)
    return Timed(
        what="the fallback ticket", quantity="fallback", spent_ms=spent, budget_ms=record.scenario.expect.fallback_budget_ms
    )


def business(record: Record, visit: Visit) -> Timed:
    """Page time from the click on show to completion."""
    spent = visit.business_ms if visit.business_ms is not None else _since_click(visit, visit.ended.page_ms)
    budget = record.scenario.expect.business_budget_ms
    given_up = visit.business_ms is None
    return Timed(what="the business completes", quantity="business", spent_ms=spent, budget_ms=budget, given_up=given_up)


def recovery(record: Record, visit: Visit) -> Timed:
    """The same for a visit after the fault has ended, with what the user's own solving takes allowed for."""
    spent = visit.business_ms if visit.business_ms is not None else _since_click(visit, visit.ended.page_ms)
    budget = record.scenario.expect.recovery_budget_ms + SOLVING_ALLOWANCE_MS
    what = f"the visit {visit.name} completes"
    return Timed(what=what, quantity="business", spent_ms=spent, budget_ms=budget, given_up=visit.business_ms is None)


def page(record: Record, visit: Visit) -> Iterator[Timed]:
    """How long the page took until it could be used, and then to answer; what was not measured is left out."""
    if record.scenario.link == PAGE_LINK:
        return
    if visit.loaded_ms is not None:
        yield Timed(what="the page can be used", quantity="loaded", spent_ms=visit.loaded_ms, budget_ms=LOADED_BUDGET_MS)
    if visit.usable_ms is not None:
        what = "the page answers an interaction"
        yield Timed(what=what, quantity="usable", spent_ms=visit.usable_ms, budget_ms=USABLE_BUDGET_MS)


def calm(visit: Visit) -> Iterator[Timed]:
    """Each look that waited for the page to come to rest, and gave that up."""
    for look in visit.looks:
        if look.restless_ms is not None:
            what = "the page comes to rest"
            yield Timed(what=what, quantity=CALM, spent_ms=look.restless_ms, budget_ms=CALM_BUDGET_MS, given_up=True)


def server(record: Record) -> Iterator[Timed]:
    """The server's answers to what the honest user asked it to do, in real time at the origin."""
    budget = record.scenario.expect.server_budget_ms
    for submit in record.evidence.submits:
        if submit.visit == HONEST and submit.real_ms is not None:
            what = "the server answers a submit"
            yield Timed(what=what, quantity=_SUBMIT, spent_ms=submit.real_ms, budget_ms=budget)
    for post in record.evidence.posts:
        if post.visit == HONEST and post.real_ms is not None:
            asked = f"{post.method} {post.path}"
            yield Timed(what=f"the server answers {asked}", quantity=asked, spent_ms=post.real_ms, budget_ms=budget)


def undisturbed(control: Record) -> Iterator[tuple[str, float]]:
    """The same quantities where nothing is broken, each with a time in milliseconds."""
    for visit in control.evidence.visits:
        measured = {"business": visit.business_ms, "loaded": visit.loaded_ms, "usable": visit.usable_ms}
        yield from ((quantity, spent_ms) for quantity, spent_ms in measured.items() if spent_ms is not None)
    yield from ((_SUBMIT, submit.real_ms) for submit in control.evidence.submits if submit.real_ms is not None)
    for post in control.evidence.posts:
        if post.real_ms is not None:
            yield f"{post.method} {post.path}", post.real_ms
    answered = (call for call in crowds.calls(control, wave="before") if call.status is not None)
    yield from ((_OF_A_CROWD[call.who], call.real_ms) for call in answered)


def _storm(record: Record) -> Iterator[Timed]:
    """How long each of a crowd that came back waited; who had no answer was given up by the lab after some seconds."""
    budget = record.scenario.expect.server_budget_ms
    for attempt in record.evidence.attempts:
        if attempt.label in (HELD_UP, AGAIN, FRESH, NEXT):
            yield Timed(what="one of a crowd is answered", quantity=_SUBMIT, spent_ms=attempt.real_ms, budget_ms=budget)
    if came := [attempt for attempt in record.evidence.attempts if attempt.label == NEXT]:
        # Nobody comes after one who was verified, so who comes after the budget comes in vain.
        yield Timed(
            what="once the outage is over, the last next visitor comes",
            quantity="back to normal",
            spent_ms=came[-1].after_ms,
            budget_ms=record.scenario.expect.recovery_budget_ms,
            given_up=True,
        )


def crowd_in_health(record: Record) -> Timed:
    """How long nearly all of a crowd waited before the outage: by this a target or a machine carries it, or does not."""
    return Timed(
        what="95 of 100 of the crowd are answered before the outage",
        quantity="a crowd in health",
        spent_ms=crowds.nearly_all_ms(crowds.calls(record, wave="before")),
        budget_ms=USABLE_BUDGET_MS,
    )


def crowd_submits(record: Record) -> Timed:
    """How long nearly all of a crowd waited for an answer in the outage."""
    return Timed(
        what="95 of 100 submits of the crowd are answered in the outage",
        quantity=_OF_A_CROWD["honest"],
        spent_ms=crowds.nearly_all_ms(crowds.calls(record, wave="outage", who=SUBMITS)),
        budget_ms=record.scenario.expect.server_budget_ms,
    )


def crowd_pages(record: Record) -> Timed:
    """How long nearly all pages that need no captcha took in the outage; the budget follows from what they took before."""
    before, during = (crowds.nearly_all_ms(crowds.calls(record, wave=wave, who=("page",))) for wave in ("before", "outage"))
    return Timed(
        what="95 of 100 pages that need no captcha are answered in the outage",
        quantity=_OF_A_CROWD["page"],
        spent_ms=during,
        budget_ms=max(float(USABLE_BUDGET_MS), SLOWER * before),
    )


def crowd_recovery(record: Record) -> Timed:
    """When the last honest user came who was not verified, counted from the outage's end."""
    return Timed(
        what="once the outage is over, the last honest user who is not verified comes",
        quantity="back to normal",
        spent_ms=crowds.last_unverified_ms(record),
        budget_ms=record.scenario.expect.recovery_budget_ms,
        given_up=crowds.ended_unverified(record),
    )


def _schedule(record: Record) -> Iterator[Timed]:
    """What is judged of several faults: what the target owes its user past them, where its own edge is whole."""
    if spares_own_edge(record.scenario):
        yield from (business(record, visit) for visit in visits(record, HONEST)[:1] if visit.outcome in _TIMED)
        yield from server(record)
    for name in RECOVERY_VISITS:
        yield from (recovery(record, visit) for visit in visits(record, name)[:1] if visit.outcome in _TIMED)


def judged(record: Record) -> Iterator[Timed]:
    """Every time on which a finding may rest, that of a visit given up without a result among them."""
    if record.scenario.kind == "storm":
        yield from _storm(record)
    if record.scenario.kind == "load":
        yield from (crowd_in_health(record), crowd_submits(record), crowd_pages(record), crowd_recovery(record))
    if is_schedule(record.scenario):
        yield from _schedule(record)
    if not is_fault(record.scenario):
        return
    for visit in visits(record, HONEST)[:1]:
        yield from page(record, visit)
        yield from calm(visit)
        if visit.fallback_ms is not None and record.scenario.expect.codes:
            budget = record.scenario.expect.fallback_budget_ms
            # Of a visit that was given up a ticket may be known by the last look at its effects alone, which dates it.
            given_up = visit.outcome == "nothing"
            what = "the fallback ticket"
            yield Timed(what=what, quantity="fallback", spent_ms=visit.fallback_ms, budget_ms=budget, given_up=given_up)
        if visit.outcome in _TIMED:
            yield business(record, visit)
    yield from server(record)
    if record.scenario.strikes != ONCE:
        for name in RECOVERY_VISITS:
            yield from (recovery(record, visit) for visit in visits(record, name)[:1] if visit.outcome in _TIMED)
