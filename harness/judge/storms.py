"""What a crowd got that was held up by an outage and came back at its end, all at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from harness.journal.model import AGAIN, FRESH, HELD_UP, NEXT, Attempt, Limits, Record
from harness.judge.crowd_effects import Count
from harness.judge.timing import SOLVING_ALLOWANCE_MS

_CROWD = (HELD_UP, AGAIN, FRESH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """``accounts`` who came, ``completed`` who were told that it is done, ``served`` also who were offered a step-up;
    ``effects`` that the origin gained by all of them.
    """

    accounts: int
    completed: int
    served: int
    effects: int


def tries(record: Record, labels: Collection[str] = _CROWD) -> tuple[Attempt, ...]:
    """The tries of these labels."""
    return tuple(attempt for attempt in record.evidence.attempts if attempt.label in labels)


def crowd(record: Record) -> Crowd:
    """Count what the crowd got."""
    came = tries(record)
    completed = {attempt.account for attempt in came if attempt.completed}
    return Crowd(
        accounts=len({attempt.account for attempt in came}),
        completed=len(completed),
        served=len(completed | {attempt.account for attempt in came if attempt.offered}),
        effects=sum(attempt.effects for attempt in came),
    )


def unverified(record: Record, limits: Limits) -> Iterator[tuple[str, int, int]]:
    """Who came, in words, how many effects they have without a 1 of the provider for that ticket, and how many are their due.

    Next visitors are another person each, who may come from another address: limits hold for them by themselves.
    """
    for who, labels in (("a crowd", _CROWD), ("next visitors", (NEXT,))):
        came = tries(record, labels)
        accounts, addresses = len({one.account for one in came}), len({one.address for one in came})
        most = min(limits.per_account * accounts, limits.per_address * addresses)
        where = "one address" if addresses == 1 else f"{addresses} addresses"
        yield f"{who} at {where}", sum(one.effects for one in came if not _passed(record, one)), most


def troubles(record: Record) -> Iterator[tuple[str, str]]:
    """What is wrong with how the target comes back to normal: what is expected, what was seen."""
    told, came = crowd(record), tries(record, (*_CROWD, NEXT))
    if failed := [attempt for attempt in came if attempt.server_error]:
        yield "no 5xx when all come back at once", f"{len(failed)} of {len(came)} tries were answered with a 5xx"
    if silent := [attempt for attempt in came if attempt.status is None]:
        yield "every try is answered when all come back at once", f"{len(silent)} of {len(came)} tries were not answered"
    if told.served < told.accounts:
        left = told.accounts - told.served
        yield f"each of the {told.accounts} gets through in the end, with a ticket of its own at the latest", f"{left} did not"
    yield from _next(record)


def effects_told(record: Record) -> tuple[Count, ...]:
    """Count for each of the crowd, each of whom may have it once; for all together unless every effect names an account."""
    came, by = tries(record), _by_account(record)
    if by is None:
        told = crowd(record)
        return (Count(whose="", told=told.completed, unheard=0, effects=told.effects),)
    counts = []
    for whose in dict.fromkeys(attempt.account for attempt in came):
        own = [attempt for attempt in came if attempt.account == whose]
        done, unheard = any(one.completed for one in own), any(one.status is None for one in own)
        counts.append(Count(whose=whose, told=int(done), unheard=int(unheard and not done), effects=by.get(whose, 0)))
    return tuple(counts)


def _by_account(record: Record) -> Mapping[str, int] | None:
    """The effects of everybody who came, by the accounts that the target's records name; None unless each names one."""
    by = dict(record.evidence.crowd_effects_by)
    all_of_them = sum(attempt.effects for attempt in tries(record, (*_CROWD, NEXT)))
    return by if by and sum(by.values()) == all_of_them else None


def next_verified(record: Record) -> Attempt | None:
    """The first who came after the crowd, was told that it is done and has the provider's 1; None where nobody was."""
    return next((one for one in tries(record, (NEXT,)) if one.completed and _passed(record, one)), None)


def _next(record: Record) -> Iterator[tuple[str, str]]:
    """Somebody new is verified in time; until then each may be let in as the policy says, yet never twice."""
    came, by = tries(record, (NEXT,)), _by_account(record)
    effects = {one.account: one.effects if by is None else by.get(one.account, 0) for one in came}
    for one in came:
        if effects[one.account] > 1 or (one.completed and not effects[one.account]):
            expected = "the next visitor after the crowd who is told that it is done has it done, exactly once"
            yield expected, _seen(record, one, effects[one.account])
    good = [one for one in came if one.completed and _passed(record, one)]
    budget_ms = record.scenario.expect.recovery_budget_ms
    if came and not good:
        last = came[-1]
        seen = f"{len(came)} came, the last {last.after_ms:.0f} ms after it: {_seen(record, last, effects[last.account])}"
        yield f"a next visitor is verified within {budget_ms} ms of the outage's end", seen
    budget_ms += SOLVING_ALLOWANCE_MS
    for one in good:
        if one.real_ms > budget_ms:
            yield f"the next visitor is served within {budget_ms} ms", f"after {one.real_ms:.0f} ms"


def _passed(record: Record, one: Attempt) -> bool:
    calls = record.evidence.verdict_calls
    return any(call.ticket == one.ticket and call.reached and call.answer.strip() == "1" for call in calls)


def _seen(record: Record, one: Attempt, effects: int) -> str:
    said = "no answer" if one.status is None else f"status {one.status}"
    return f"{said}, {effects} effects, {'a' if _passed(record, one) else 'no'} 1 of the provider"
