"""Small questions that several oracles put to the evidence."""

from __future__ import annotations

from collections.abc import Collection

from harness.catalog import Habit
from harness.journal.model import Record, Scenario, SeenTicket, VerdictCall, Visit
from harness.judge.oracle import EvidenceMissing
from harness.tickets import TicketKind, read

HONEST = "honest"
# The next user of a fault that comes back, and the honest one who goes back when all is done.
COMES_BACK, BACK = "comes-back", "back"
RECOVERY_VISITS = ("same-tab", "new-tab", "new-visitor")
COMPLETED = frozenset({"verified", "unverified", "stepped-up"})

# The two links of the target's own edge, by the names the catalog of links gives them.
PAGE_LINK = "page"
SUBMIT_LINK = "submit"

_QUOTED = 80
_LOOKED_AT = {"offered": "when the second factor was offered", "ended": "when it had ended"}


def is_fault(scenario: Scenario) -> bool:
    """Say whether the scenario is a browser visit through a broken link."""
    return scenario.kind in ("fault", "recovery")


def is_schedule(scenario: Scenario) -> bool:
    """Say whether the scenario is a browser visit through several broken links."""
    return scenario.kind == "schedule"


def spares_own_edge(scenario: Scenario) -> bool:
    """Say whether it is a schedule that leaves the way between the user and the target itself whole."""
    return is_schedule(scenario) and not any(one.own_edge for one in scenario.schedule)


def visits(record: Record, name: str) -> tuple[Visit, ...]:
    """Every recorded visit called ``name``."""
    return tuple(visit for visit in record.evidence.visits if visit.name == name)


def honest(record: Record) -> Visit:
    """Return the honest user's visit; raises :class:`EvidenceMissing` when none was recorded."""
    found = visits(record, HONEST)
    if not found:
        raise EvidenceMissing("no visit of the honest user was recorded")
    return found[0]


def demand_looks(record: Record, visit: Visit) -> None:
    """Raise :class:`EvidenceMissing` where the plan has a visit's page looked at, its flow went on, and nobody saw the page."""
    if not record.scenario.expect.looks or visit.loaded_ms is None or not went_on(record, visit):
        return
    seen = {look.when for look in visit.looks}
    for when, words in _LOOKED_AT.items():
        if when not in seen and (when == "ended" or visit.step_up_offered):
            raise EvidenceMissing(f"nobody could look at the page of the visit {visit.name} {words}")


def went_on(record: Record, visit: Visit) -> bool:
    """Whether the flow came as far as it should."""
    return visit.outcome in COMPLETED or record.scenario.expect.outcome == "nothing"


def tickets(record: Record, visit: str, where: Collection[str]) -> tuple[SeenTicket, ...]:
    """Tickets seen in ``visit`` at one of the places ``where``, in the order they were seen."""
    seen = (ticket for ticket in record.evidence.tickets if ticket.visit == visit and ticket.where in where)
    return tuple(sorted(seen, key=lambda ticket: ticket.moment.at_ms))


def posing(seen: SeenTicket) -> bool:
    """Say whether a ticket is a fallback ticket or one of its near-misses."""
    kind = read(seen.text).kind
    if kind is TicketKind.MALFORMED:
        # Answers and records are searched as text, and the source of an inline script holds pieces such as 'terror_1001_'.
        return seen.where in ("submit", "callback")
    return kind not in (TicketKind.OTHER, TicketKind.EMPTY)


def effects_allowed(scenario: Scenario) -> int:
    """How often the business may take effect in a visit that completes: once, in two tabs as the limit for an account says."""
    in_two_tabs = scenario.behaviour.habit is Habit.SECOND_TAB
    return min(2, scenario.expect.limits.per_account) if in_two_tabs else 1


def passed_by_provider(record: Record, visit: str) -> tuple[VerdictCall, ...]:
    """Verdict calls of ``visit`` that reached the provider and were answered 1."""
    return tuple(
        call for call in record.evidence.verdict_calls if call.visit == visit and call.reached and call.answer.strip() == "1"
    )


def submits_of(record: Record, visit: str) -> int:
    """How many submits of ``visit`` arrived at the origin, silent re-sends counted."""
    return sum(1 for submit in record.evidence.submits if submit.visit == visit)


def quote(text: str) -> str:
    """Quote hostile text for a sentence, shortened."""
    return repr(text if len(text) <= _QUOTED else text[:_QUOTED] + "…")


def times(count: int) -> str:
    """Say ``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def listed(words: Collection[str]) -> str:
    """Join words for a sentence; ``none`` when there are none."""
    return ", ".join(words) if words else "none"
