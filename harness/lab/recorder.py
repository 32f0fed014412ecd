"""The lab's notebook: append-only while a scenario runs. All times are taken here, from one monotonic clock."""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Literal

from harness.faults.base import Receipt
from harness.journal.model import Applied, Callback, Event, Moment, PageError, SeenTicket

MAX_DETAIL = 2000


class Recorder:
    """Record what happens in one lab.

    ``advances`` holds when (monotonic) the page's clock was moved, and by how much in all until then; ``visits`` when each
    began. ``into_the_fault`` tells whether an answer on a link, made at a monotonic time, went into a broken connection.
    ``behind_ms``: how far the page's clock was set into the past at first, where one of the lab's was installed at all.
    ``codes``: the one-time codes that users have read.
    ``listeners`` are told each event as it is noted.
    """

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.began_unix_s = time.time()
        self.advances: list[tuple[float, float]] = []
        self.visits: list[tuple[float, str]] = []
        self.into_the_fault: Callable[[str, float], bool] = lambda _link, _answered: False
        self.behind_ms = 0.0
        self.clock_installed = False
        self.codes: set[str] = set()
        self.awaits_code = False
        self._moved = asyncio.Event()
        self.events: list[Event] = []
        self.listeners: list[Callable[[Event], None]] = []
        self.applied: list[Applied] = []
        self.tickets: list[SeenTicket] = []
        self.callbacks: list[Callback] = []
        self.page_errors: list[tuple[str, PageError]] = []

    @property
    def advanced_ms(self) -> float:
        """What the page's clock has been moved beyond real time."""
        return self.advances[-1][1] if self.advances else 0.0

    @property
    def clock(self) -> Literal["advanced", "installed", "real"]:
        """By what clock the page went: one that was moved, one that only stood in the past, or the real one."""
        if self.advances:
            return "advanced"
        return "installed" if self.clock_installed else "real"

    def advance(self, step_ms: float, *, since: float | None = None) -> None:
        """Note that the page's clock was moved by a step that began at a monotonic time.

        What a timer of the step sets off may arrive before the step is known to be done: it came after it all the same.
        """
        self.advances.append((time.monotonic() if since is None else since, self.advanced_ms + step_ms))
        self._moved.set()
        self._moved = asyncio.Event()

    async def until_page_ms(self, page_ms: float) -> None:
        """Return when page time has come so far: by real time, or by the clock's being moved."""
        while (left_ms := page_ms - self.moment().page_ms) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), left_ms / 1000)

    @contextlib.contextmanager
    def code_awaited(self) -> Iterator[None]:
        """Let ``awaits_code`` say, inside, that a visitor waits for the target's message: no clock may run ahead of that."""
        self.awaits_code = True
        try:
            yield
        finally:
            self.awaits_code = False

    @property
    def visit(self) -> str:
        """The visit that goes on."""
        return self.visits[-1][1] if self.visits else ""

    def begin(self, visit: str) -> Moment:
        """Note that a visit begins; what follows belongs to it."""
        self.visits.append((time.monotonic(), visit))
        return self.mark("visit-begins")

    @contextlib.contextmanager
    def aside(self, visit: str) -> Iterator[None]:
        """Let what happens inside belong to ``visit``, and what follows to the visit that goes on."""
        goes_on = self.visit
        self.visits.append((time.monotonic(), visit))
        try:
            yield
        finally:
            self.visits.append((time.monotonic(), goes_on))

    def visit_at(self, monotonic_s: float) -> str:
        """Which visit went on at a monotonic time."""
        place = bisect.bisect_right(self.visits, monotonic_s, key=itemgetter(0))
        return self.visits[place - 1][1] if place else ""

    def moment(self, monotonic_s: float | None = None) -> Moment:
        """Now, or a given monotonic time, as a moment of this lab."""
        at_s = time.monotonic() if monotonic_s is None else monotonic_s
        place = bisect.bisect_right(self.advances, at_s, key=itemgetter(0))
        advanced_ms = self.advances[place - 1][1] if place else 0.0
        at_ms = (at_s - self.began) * 1000
        return Moment(at_ms=round(at_ms, 1), page_ms=round(at_ms + advanced_ms, 1))

    def unix_s(self, monotonic_s: float) -> float:
        """A monotonic time as wall-clock seconds."""
        return self.began_unix_s + monotonic_s - self.began

    def page_unix_s(self, monotonic_s: float) -> float:
        """What ``Date`` said at a monotonic time in the honest user's tabs, in seconds: the lab alone moves that clock."""
        moment = self.moment(monotonic_s)
        return self.unix_s(monotonic_s) + (moment.page_ms - moment.at_ms - self.behind_ms) / 1000

    def mark(self, what: str, *, link: str = "", detail: str = "", visit: str | None = None) -> Moment:
        """Note one event; the detail is hostile text and is cut, not cleaned."""
        moment = self.moment()
        name = self.visit if visit is None else visit
        event = Event(what=what, moment=moment, visit=name, link=link, detail=detail[:MAX_DETAIL])
        self.events.append(event)
        for told in self.listeners:
            told(event)
        return moment

    def receipts(self, action: str, receipts: Sequence[Receipt], *, stroke: int = 0) -> None:
        """Note that a fault was applied or healed, with what was read back; ``stroke``: which of a schedule, from 0."""
        texts = tuple(f"{r.place}: {r.asked} → {r.read_back}" for r in receipts)
        moment = self.mark("fault-applied" if action == "apply" else "fault-healed", detail="; ".join(texts))
        done: Literal["apply", "heal"] = "apply" if action == "apply" else "heal"
        self.applied.append(Applied(action=done, moment=moment, receipts=texts, stroke=stroke))

    def page_error(self, text: str, script: str) -> None:
        """Note an error that no script caught, with the target's own script that had a part in it."""
        self.page_errors.append((self.visit, PageError(text=text[:MAX_DETAIL], script=script[:300])))
        self.mark("console-error", detail=text)

    def page_errors_of(self, visit: str) -> tuple[PageError, ...]:
        """The errors of a visit so far, each once."""
        return tuple(dict.fromkeys(error for name, error in self.page_errors if name == visit))

    def callback(self, fields: str) -> None:
        """Note one call of the page's callback, as JSON."""
        self.callbacks.append(Callback(visit=self.visit, moment=self.moment(), fields=fields[:MAX_DETAIL]))
        self.mark("callback", detail=fields)
