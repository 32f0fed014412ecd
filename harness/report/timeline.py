"""The time line of a scenario, as geometry: what stands where on one axis of page time. Drawing is the template's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from harness import tickets
from harness.journal.model import Event, Evidence, Moment
from harness.report.text import SHORT, duration, one_line

WIDTH = 960.0
GUTTER = 118.0
ROW = 22.0
TOP = 40.0
_RIGHT = WIDTH - 22.0
_MOST_PER_ROW = 150
_MOST_LINKS = 14
_LABEL_ROOM = 66.0
_STEPS_MS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 300_000, 600_000, 3_600_000)
_USER = {
    "page-usable", "clicked-show", "challenge-visible", "refreshed", "dragged", "step-up-offered", "step-up-done",
    "other-way-tried",
}  # fmt: skip
_BUSINESS = {"completed", "not-completed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From ``x`` over ``width``, in units of the drawing; ``kind`` is its look."""

    x: float
    width: float
    kind: str
    title: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment; ``label`` is empty where there is no room for it."""

    x: float
    kind: str
    title: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the drawing. ``name`` is a key of the word list, or with ``is_link`` the link's own name."""

    name: str
    y: float
    is_link: bool = False
    spans: tuple[Span, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A whole drawing."""

    height: float
    visits: tuple[Span, ...]
    faults: tuple[Span, ...]
    advanced: tuple[Span, ...]
    ticks: tuple[Mark, ...]
    rows: tuple[Row, ...]
    width: float = WIDTH
    left: float = GUTTER
    right: float = _RIGHT
    top: float = TOP
    row_height: float = ROW


@dataclass(slots=True)
class _Axis:
    begin_ms: float
    end_ms: float
    rows: list[Row] = field(default_factory=list)

    def x(self, page_ms: float) -> float:
        share = (min(max(page_ms, self.begin_ms), self.end_ms) - self.begin_ms) / (self.end_ms - self.begin_ms)
        return round(GUTTER + share * (_RIGHT - GUTTER), 1)

    def span(self, begin_ms: float, end_ms: float, kind: str, title: str, label: str = "") -> Span:
        x = self.x(begin_ms)
        return Span(x=x, width=max(2.0, round(self.x(end_ms) - x, 1)), kind=kind, title=title, label=label)

    def marks(self, points: Iterable[tuple[Moment, str, str, str]]) -> tuple[Mark, ...]:
        """Marks of ``(moment, kind, title, label)``; a label that would run into the one before is left out."""
        marks: list[Mark] = []
        free_from = 0.0
        for moment, kind, title, label in sorted(points, key=lambda point: point[0].page_ms)[:_MOST_PER_ROW]:
            x = self.x(moment.page_ms)
            shown = label if x >= free_from and x + _LABEL_ROOM < WIDTH else ""
            free_from = x + _LABEL_ROOM if shown else free_from
            marks.append(Mark(x=x, kind=kind, title=f"{duration(moment.page_ms)} · {title}", label=shown))
        return tuple(marks)

    def add(self, name: str, *, spans: Sequence[Span] = (), marks: tuple[Mark, ...] = (), is_link: bool = False) -> None:
        if spans or marks:
            y = TOP + len(self.rows) * ROW
            self.rows.append(Row(name=name, y=y, is_link=is_link, spans=tuple(spans[:_MOST_PER_ROW]), marks=marks))


def draw(evidence: Evidence) -> Timeline | None:
    """Lay out the evidence on an axis of page time; None when nothing has a time."""
    moments = _moments(evidence)
    if not moments:
        return None
    begin, end = min(at.page_ms for at in moments), max(at.page_ms for at in moments)
    axis = _Axis(begin_ms=begin, end_ms=max(end, begin + 10))
    axis.add("row.user", marks=axis.marks(_points(evidence.events, _USER, "user")))
    _add_links(axis, evidence)
    _add_tickets(axis, evidence)
    axis.add("row.business", marks=axis.marks(_business(evidence)))
    return Timeline(
        height=TOP + len(axis.rows) * ROW + 30,
        visits=_visits(axis, evidence),
        faults=_fault_windows(axis, evidence),
        advanced=_advanced(axis, moments),
        ticks=_ticks(axis),
        rows=tuple(axis.rows),
    )


def _moments(evidence: Evidence) -> list[Moment]:
    found = [event.moment for event in evidence.events]
    found += [at for visit in evidence.visits for at in (visit.began, visit.ended, visit.clicked) if at]
    found += [one.moment for one in evidence.applied]
    found += [one.moment for one in evidence.callbacks]
    found += [one.moment for one in evidence.tickets]
    found += [one.moment for one in evidence.submits]
    return found + [one.moment for one in evidence.verdict_calls]


def _points(events: Iterable[Event], words: set[str], kind: str) -> list[tuple[Moment, str, str, str]]:
    return [(one.moment, kind, _said(one), "") for one in events if one.what in words]


def _said(event: Event) -> str:
    detail = one_line(event.detail, SHORT)
    return " · ".join(part for part in (event.visit, event.what, one_line(event.link), detail) if part)


def _add_links(axis: _Axis, evidence: Evidence) -> None:
    links = dict.fromkeys(event.link for event in evidence.events if event.what.startswith("request") and event.link)
    for link in list(links)[:_MOST_LINKS]:
        mine = [event for event in evidence.events if event.link == link and event.what.startswith("request")]
        axis.add(one_line(link, 18), spans=_requests(axis, mine), is_link=True)


def _requests(axis: _Axis, events: Iterable[Event]) -> list[Span]:
    """Pair each request with its end: the one of the same detail, else the oldest of its visit."""
    spans: list[Span] = []
    waiting: list[Event] = []
    for event in sorted(events, key=lambda one: one.moment.page_ms):
        if event.what == "request":
            waiting.append(event)
            continue
        mine = [one for one in waiting if one.visit == event.visit]
        begun = next((one for one in mine if one.detail == event.detail), mine[0] if mine else event)
        if mine:
            waiting.remove(begun)
        kind = "failed" if event.what == "request-failed" else "answered"
        spans.append(axis.span(begun.moment.page_ms, event.moment.page_ms, kind, _said(event)))
    spans += [axis.span(one.moment.page_ms, axis.end_ms, "open", _said(one)) for one in waiting]
    return spans


def _add_tickets(axis: _Axis, evidence: Evidence) -> None:
    calls = [(one.moment, "callback", one_line(one.fields), "") for one in evidence.callbacks]
    axis.add("row.callback", marks=axis.marks(calls))
    seen = [(one.moment, "ticket", f"{one.where} · {one_line(one.text)}", _code(one.text)) for one in evidence.tickets]
    axis.add("row.ticket", marks=axis.marks(seen))
    submits = [
        axis.span(
            one.moment.page_ms,
            one.moment.page_ms + (one.real_ms or 0.0),
            "answered" if one.status and one.status < 500 else "failed",
            f"{duration(one.moment.page_ms)} · {one.visit} · HTTP {one.status or '–'} · {duration(one.real_ms)}",
        )
        for one in evidence.submits
    ]
    axis.add("row.submit", spans=submits)
    answers = [
        (one.moment, "verdict" if one.reached else "verdict-lost", one_line(one.answer), one_line(one.answer, 10))
        for one in evidence.verdict_calls
    ]
    axis.add("row.verdict", marks=axis.marks(answers))


def _code(text: str) -> str:
    ticket = tickets.read(text).ticket
    return str(ticket.code) if ticket else ""


def _business(evidence: Evidence) -> list[tuple[Moment, str, str, str]]:
    outcomes = {visit.name: visit.outcome for visit in evidence.visits}
    return [
        (one.moment, one.what, _said(one), outcomes.get(one.visit, one.what))
        for one in evidence.events
        if one.what in _BUSINESS
    ]


def _visits(axis: _Axis, evidence: Evidence) -> tuple[Span, ...]:
    return tuple(
        axis.span(visit.began.page_ms, visit.ended.page_ms, visit.outcome, f"{visit.name}: {visit.outcome}", visit.name)
        for visit in evidence.visits
    )


def _fault_windows(axis: _Axis, evidence: Evidence) -> tuple[Span, ...]:
    windows: list[Span] = []
    since: float | None = None
    for one in sorted(evidence.applied, key=lambda change: change.moment.page_ms):
        if one.action == "apply" and since is None:
            since = one.moment.page_ms
        elif one.action == "heal" and since is not None:
            windows.append(axis.span(since, one.moment.page_ms, "fault", f"{duration(since)} – {duration(one.moment.page_ms)}"))
            since = None
    if since is not None:
        windows.append(axis.span(since, axis.end_ms, "fault", f"{duration(since)} –"))
    return tuple(windows)


def _advanced(axis: _Axis, moments: Iterable[Moment]) -> tuple[Span, ...]:
    """Where page time ran ahead of real time: each growth of the difference, as the span it skipped; neighbours joined."""
    spans: list[tuple[float, float]] = []
    lead = 0.0
    for at in sorted(moments, key=lambda moment: (moment.at_ms, moment.page_ms)):
        grown = at.page_ms - at.at_ms - lead
        if grown < 1.0:
            continue
        lead += grown
        begin = at.page_ms - grown
        if spans and begin - spans[-1][1] < 250:
            begin = spans.pop()[0]
        spans.append((begin, at.page_ms))
    return tuple(axis.span(begin, end, "advanced", f"{duration(begin)} – {duration(end)}") for begin, end in spans)


def _ticks(axis: _Axis) -> tuple[Mark, ...]:
    length = axis.end_ms - axis.begin_ms
    step = next((step for step in _STEPS_MS if length / step <= 10), length)
    first = int(axis.begin_ms // step) + (axis.begin_ms % step > 0)
    count = int((axis.end_ms - first * step) // step) + 1
    return tuple(
        Mark(x=axis.x(at), kind="tick", title="", label=f"{at / 1000:g} s") for at in ((first + n) * step for n in range(count))
    )
