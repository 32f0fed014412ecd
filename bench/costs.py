"""Where the time of a scenario goes, read off the time stamps of its recorded events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from harness.journal.model import Event, Record

# A visit's steps, each from the event before it that was seen; requests are named by their link.
_STEPS: tuple[tuple[str, str, str], ...] = (
    ("request", "page", "navigation begins (effects counted before)"),
    ("page-usable", "", "page and its scripts load, the form is filled"),
    ("clicked-show", "", "pause, fault at the click"),
    ("challenge-visible", "", "click, config, template, iframe, library, slider; seen as ready"),
    ("dragged", "", "drag (and refresh)"),
    ("submit", "", "verify, callback, submit arrives"),
    ("submit-answered", "", "target answers, verdict call included"),
    ("completed", "", "page shows it; seen as completed"),
    ("visit-ends", "", "effects counted after, screenshot of the honest visit"),
)
_BEFORE = "slot reset, target start, context"
_BETWEEN = "between two visits (heal, new tab or context)"
Step = tuple[str, float]


def steps(record: Record) -> Iterator[Step]:
    """Name and milliseconds of each step of one record, in order; what lies between two visits has a step of its own."""
    at_ms = 0.0
    visits = _by_visit(record.evidence.events)
    for position, (name, events) in enumerate(visits.items()):
        begins_ms = next((e.moment.at_ms for e in events if e.what == "visit-begins"), at_ms)
        yield (_BEFORE if position == 0 else _BETWEEN), begins_ms - at_ms
        at_ms = begins_ms
        kind = "1st visit: " if name == "honest" else "later visits: "
        for what, link, words in _STEPS:
            seen = next((e.moment.at_ms for e in events if _is(e, what, link) and e.moment.at_ms >= at_ms), None)
            if seen is not None:
                yield kind + words, seen - at_ms
                at_ms = seen
    yield "contexts closed, evidence gathered", record.evidence.real_ms - at_ms


def _is(event: Event, what: str, link: str) -> bool:
    return event.what == what and (not link or event.link == link)


def _by_visit(events: Sequence[Event]) -> dict[str, list[Event]]:
    visits: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.visit:
            visits[event.visit].append(event)
    return dict(visits)


def cost_rows(records: Sequence[Record]) -> list[tuple[str, str, str, str]]:
    """Step, how often it comes in one scenario, its median, and its mean share of a scenario's time."""
    browser = [record for record in records if record.evidence.visits]
    taken: dict[str, list[float]] = defaultdict(list)
    for record in browser:
        for name, step_ms in steps(record):
            taken[name].append(step_ms)
    whole_ms = sum(record.evidence.real_ms for record in browser)
    return [
        (name, f"{len(values) / len(browser):.1f}", f"{median(values):.0f} ms", f"{100 * sum(values) / whole_ms:.1f} %")
        for name, values in taken.items()
    ]


def longest_waits(record: Record, count: int = 1) -> list[str]:
    """The longest stretches of real time in which nothing at all was recorded, in words."""
    events = sorted(record.evidence.events, key=lambda event: event.moment.at_ms)
    gaps = [(after.moment.at_ms - before.moment.at_ms, before, after) for before, after in pairwise(events)]
    gaps.sort(key=lambda gap: -gap[0])
    return [f"{gap_ms / 1000:.1f} s from {_words(a)} to {_words(b)} ({b.visit})" for gap_ms, a, b in gaps[:count]]


def _words(event: Event) -> str:
    return f"{event.what} {event.link}".strip()
