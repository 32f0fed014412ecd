"""What a crowd got that was held up by an outage and came back at its end, all at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from harness.journal.model import AGAIN, FRESH, HELD_UP, NEXT, Attempt, Record
from harness.judge.timing import SOLVING_ALLOWANCE_MS

_CROWD = (HELD_UP, AGAIN, FRESH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """``accounts`` who came, ``completed`` who were told that it is done, ``served`` also who were offered a step-up;
    ``effects`` that the origin gained by all of them. ``unverified``: effects without a 1 of the provider for that ticket.
    """

    accounts: int
    completed: int
    served: int
    effects: int
    unverified: int


def tries(record: Record, labels: Collection[str] = _CROWD) -> tuple[Attempt, ...]:
    """The tries of these labels."""
    return tuple(attempt for attempt in record.evidence.attempts if attempt.label in labels)


def crowd(record: Record) -> Crowd:
    """Count what the crowd got."""
    came = tries(record)
    completed = {attempt.account for attempt in came if attempt.completed}
    passed = {call.ticket for call in record.evidence.verdict_calls if call.reached and call.answer.strip() == "1"}
    return Crowd(
        accounts=len({attempt.account for attempt in came}),
        completed=len(completed),
        served=len(completed | {attempt.account for attempt in came if attempt.offered}),
        effects=sum(attempt.effects for attempt in came),
        unverified=sum(attempt.effects for attempt in came if attempt.ticket not in passed),
    )


def troubles(record: Record) -> Iterator[tuple[str, str]]:
    """What is wrong with how the target comes back to normal: what is expected, what was seen."""
    told, came = crowd(record), tries(record)
    if failed := [attempt for attempt in came if attempt.server_error]:
        yield "no 5xx when all come back at once", f"{len(failed)} of {len(came)} tries were answered with a 5xx"
    if silent := [attempt for attempt in came if attempt.status is None]:
        yield "every try is answered when all come back at once", f"{len(silent)} of {len(came)} tries were not answered"
    if told.served < told.accounts:
        left = told.accounts - told.served
        yield f"each of the {told.accounts} gets through in the end, with a ticket of its own at the latest", f"{left} did not"
    yield from _next(record)


def _next(record: Record) -> Iterator[tuple[str, str]]:
    budget_ms = record.scenario.expect.recovery_budget_ms + SOLVING_ALLOWANCE_MS
    for attempt in tries(record, (NEXT,)):
        passed = any(
            call.ticket == attempt.ticket and call.reached and call.answer.strip() == "1"
            for call in record.evidence.verdict_calls
        )
        if not (attempt.completed and attempt.effects == 1 and passed):
            said = "no answer" if attempt.status is None else f"status {attempt.status}"
            seen = f"{said}, {attempt.effects} effects, {'a' if passed else 'no'} 1 of the provider"
            yield "the next visitor after the crowd is verified, exactly once", seen
        elif attempt.real_ms > budget_ms:
            yield f"the next visitor is served within {budget_ms} ms", f"after {attempt.real_ms:.0f} ms"
