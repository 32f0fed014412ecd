"""The lab's notebook: append-only while a scenario runs. All times are taken here, from one monotonic clock."""

from __future__ import annotations

import time
from collections.abc import Sequence

from harness.faults.base import Receipt
from harness.journal.model import Applied, Callback, Event, Moment, SeenTicket

MAX_DETAIL = 2000


class Recorder:
    """Record what happens in one lab. ``advanced_ms`` is what the page's clock was moved beyond real time."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.began_unix_s = time.time()
        self.advanced_ms = 0.0
        self.visit = ""
        self.events: list[Event] = []
        self.applied: list[Applied] = []
        self.tickets: list[SeenTicket] = []
        self.callbacks: list[Callback] = []

    def moment(self, monotonic_s: float | None = None) -> Moment:
        """Now, or a given monotonic time, as a moment of this lab."""
        at_ms = ((time.monotonic() if monotonic_s is None else monotonic_s) - self.began) * 1000
        return Moment(at_ms=round(at_ms, 1), page_ms=round(at_ms + self.advanced_ms, 1))

    def mark(self, what: str, *, link: str = "", detail: str = "", visit: str | None = None) -> Moment:
        """Note one event; the detail is hostile text and is cut, not cleaned."""
        moment = self.moment()
        name = self.visit if visit is None else visit
        self.events.append(Event(what=what, moment=moment, visit=name, link=link, detail=detail[:MAX_DETAIL]))
        return moment

    def receipts(self, action: str, receipts: Sequence[Receipt]) -> None:
        """Note that a fault was applied or healed, with what was read back."""
        texts = tuple(f"{r.place}: {r.asked} → {r.read_back}" for r in receipts)
        moment = self.mark("fault-applied" if action == "apply" else "fault-healed", detail="; ".join(texts))
        self.applied.append(Applied(action="apply" if action == "apply" else "heal", moment=moment, receipts=texts))

    def callback(self, fields: str) -> None:
        """Note one call of the page's callback, as JSON."""
        self.callbacks.append(Callback(visit=self.visit, moment=self.moment(), fields=fields[:MAX_DETAIL]))
        self.mark("callback", detail=fields)
