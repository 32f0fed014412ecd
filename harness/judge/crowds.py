"""What a crowd's calls say: shares, the time that nearly all of them took, and when it was over."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence

from harness.journal.model import CrowdCall, Record

WAVES = ("before", "outage", "after")
NEARLY_ALL = 0.95


def calls(record: Record, *, wave: str = "", who: Collection[str] = ()) -> tuple[CrowdCall, ...]:
    """The calls of one wave ("" for all) by those kinds of users (none named: all), in the order in which they were made."""
    found = (call for call in record.evidence.crowd if wave in ("", call.wave) and (not who or call.who in who))
    return tuple(sorted(found, key=lambda call: call.began_ms))


def nearly_all_ms(made: Sequence[CrowdCall]) -> float:
    """The time within which 95 of 100 of these calls were answered; infinite when more than that never were."""
    return within_ms([call.real_ms if call.status is not None else math.inf for call in made], NEARLY_ALL)


def within_ms(times_ms: Collection[float], share: float) -> float:
    """The time within which this share of some times lies; 0 where there is none."""
    return sorted(times_ms)[math.ceil(share * len(times_ms)) - 1] if times_ms else 0.0


def passed(record: Record) -> frozenset[str]:
    """The tickets that the provider passed."""
    return frozenset(call.ticket for call in record.evidence.verdict_calls if call.reached and call.answer.strip() == "1")


def verified(record: Record, made: Sequence[CrowdCall]) -> Iterator[bool]:
    """For each call whether its business completed on the provider's word."""
    good = passed(record)
    return (call.completed and call.ticket in good for call in made)


def last_unverified_ms(record: Record) -> float:
    """When the last honest user who was not verified arrived, counted from the fault's end; 0 when everybody was."""
    honest = calls(record, wave="after", who=("honest",))
    late = [call.began_ms for call, fine in zip(honest, verified(record, honest), strict=True) if not fine]
    return max(late, default=0.0)


def ended_unverified(record: Record) -> bool:
    """Whether the very last honest user was not verified, so that nobody saw it end."""
    return not all(verified(record, calls(record, wave="after", who=("honest",))[-1:]))
