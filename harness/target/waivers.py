"""``[[waivers]]`` of a target file: known fails that may stand until a day. Days are UTC days, here and wherever they count."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.target.problems import Problem

# A waiver is a promise to mend: one whose day nobody waits for is a finding switched off.
LONGEST_DAYS = 366


def with_plain_dates(document: dict[str, Any]) -> dict[str, Any]:
    """Write TOML's own dates in waivers as the text that the schema knows, so that ``until`` may be said either way."""
    waivers = document.get("waivers")
    return {**document, "waivers": [_plain(waiver) for waiver in waivers]} if isinstance(waivers, list) else document


def _plain(waiver: Any) -> Any:
    # A date with a time of day is a date, too, in Python, and not meant.
    if isinstance(waiver, dict) and type(waiver.get("until")) is datetime.date:
        return {**waiver, "until": waiver["until"].isoformat()}
    return waiver


def waiver_problems(waivers: Sequence[Mapping[str, str]], today: datetime.date) -> Iterator[Problem]:
    """What a schema cannot say of waivers: days that do not exist or are too far away, and two of the same."""
    first: dict[tuple[str, ...], int] = {}
    for index, waiver in enumerate(waivers):
        at = ("waivers", index)
        if complaint := _about_day(waiver["until"], today):
            yield Problem(at=(*at, "until"), sentence=f"waivers[{index}].until is {waiver['until']!r}, {complaint}")
        same = tuple(waiver.get(key, "") for key in ("finding", "scenarios", "text", "severity"))
        if same in first:
            said = f"waivers[{index}] waives what waivers[{first[same]}] waives already: leave one of them"
            yield Problem(at=at, sentence=said, beside=(("waivers", first[same]),))
        first.setdefault(same, index)


def _about_day(until: str, today: datetime.date) -> str:
    try:
        day = datetime.date.fromisoformat(until)
    except ValueError:
        return "which is no day of the calendar: say one, such as '2026-06-30'"
    last = today + datetime.timedelta(days=LONGEST_DAYS)
    if day > last:
        return f"more than a year away: say {last.isoformat()} or an earlier day, and renew it then"
    return ""
