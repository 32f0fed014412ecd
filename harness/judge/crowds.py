"""What a crowd's calls say: shares, the time that nearly all of them took, and when it was over."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence

from harness.journal.model import CrowdCall, Record

NEARLY_ALL = 0.95


def calls(record: Record, *, wave: str = "", who: Collection[str] = ()) -> tuple[CrowdCall, ...]:
    """The calls of one wave ("" for all) by those kinds of users (none named: all), in the order in which they were made."""
    found = (call for call in record.evidence.crowd if wave in ("", call.wave) and (not who or call.who in who))
    return tuple(sorted(found, key=lambda call: call.began_ms))


def nearly_all_ms(made: Sequence[CrowdCall]) -> float:
    """The time within which 95 of 100 of these calls were answered; infinite when more than that never were."""
    times = sorted(call.real_ms if call.status is not None else math.inf for call in made)
    return times[math.ceil(NEARLY_ALL * len(times)) - 1] if times else 0.0


def passed(record: Record) -> frozenset[str]:
    """The tickets that the provider passed."""
    return frozenset(call.ticket for call in record.evidence.verdict_calls if call.reached and call.answer.strip() == "1")


def verified(record: Record, made: Sequence[CrowdCall]) -> Iterator[bool]:
    """For each call whether its business completed on the provider's word."""
    good = passed(record)
    return (call.completed and call.ticket in good for call in made)


def back_to_normal_ms(record: Record) -> float | None:
    """From the fault's end until the first honest user after whom all are verified arrived; None when that never came."""
    honest = calls(record, wave="after", who=("honest",))
    since: float | None = None
    for call, fine in zip(honest, verified(record, honest), strict=True):
        if not fine:
            since = None
        elif since is None:
            since = call.began_ms
    return since
