"""What the pages of one context have in flight, as the browser tells it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Request

from harness.lab.recorder import Recorder

Classify = Callable[[str, str], str]


@dataclass(slots=True, kw_only=True)
class Flight:
    """One request of a page. ``failure`` is Chromium's error text; ``ended`` None while in flight. Times are monotonic."""

    url: str
    method: str
    link: str
    host: str
    visit: str
    began: float
    ended: float | None = None
    failure: str = ""
    status: int | None = None


class Traffic:
    """Every request of a context, in flight or ended; ``changed`` is when one last began or ended."""

    def __init__(self, context: BrowserContext, recorder: Recorder, classify: Classify) -> None:
        self.flights: dict[Request, Flight] = {}
        self.changed = time.monotonic()
        self._recorder = recorder
        self._classify = classify
        context.on("request", self._began)
        context.on("requestfinished", self._finished)
        context.on("requestfailed", self._failed)

    def in_flight(self) -> list[Flight]:
        """Requests that have begun and not ended."""
        return [flight for flight in self.flights.values() if flight.ended is None]

    def forget_page(self, page: object) -> None:
        """A closed page's requests are over, though the browser no longer says so."""
        for request, flight in self.flights.items():
            if flight.ended is None and _page_of(request) is page:
                flight.ended = time.monotonic()
                flight.failure = "page closed"

    def _began(self, request: Request) -> None:
        self.changed = time.monotonic()
        if request.url.startswith(("data:", "blob:", "about:")):
            return
        link = self._classify(request.method, request.url)
        host = urlsplit(request.url).hostname or ""
        self.flights[request] = Flight(
            url=request.url, method=request.method, link=link, host=host, visit=self._recorder.visit, began=self.changed
        )
        self._recorder.mark("request", link=link, detail=f"{request.method} {request.url}")

    def _finished(self, request: Request) -> None:
        flight = self._end(request)
        if flight is not None:
            self._recorder.mark("request-finished", link=flight.link, detail=flight.url, visit=flight.visit)

    def _failed(self, request: Request) -> None:
        flight = self._end(request)
        if flight is not None:
            flight.failure = request.failure or "failed"
            self._recorder.mark("request-failed", link=flight.link, detail=f"{flight.failure} {flight.url}", visit=flight.visit)

    def _end(self, request: Request) -> Flight | None:
        self.changed = time.monotonic()
        flight = self.flights.get(request)
        if flight is not None:
            flight.ended = self.changed
        return flight


def _page_of(request: Request) -> object:
    try:
        return request.frame.page
    except Exception:  # noqa: BLE001 - Playwright raises a bare Error for requests of service workers and gone frames
        return None
