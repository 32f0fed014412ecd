"""What the pages of one context have in flight, as the browser tells it."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, Request, Response
from playwright.async_api import Error as PlaywrightError

from harness.lab.recorder import Recorder

Classify = Callable[[str, str], str]


class Watch(Protocol):
    """Who looks on at a window beside the lab."""

    def begin(self, context: BrowserContext, classify: Classify) -> None:
        """Look on at a new context; ``classify`` names the link of a request."""

    async def opened(self, page: Page) -> None:
        """Look on at a new page of it, from here on whole."""

    async def closing(self) -> None:
        """Wait for what the pages of a context still load before it is closed, as long as that is worth."""


@dataclass(slots=True, kw_only=True)
class Flight:
    """One request of a page. ``failure`` is Chromium's error text; ``ended`` None while in flight. Times are monotonic.

    ``took_ms`` is what the browser measured of a request that ended well; ``began`` and ``ended`` are when we heard of it,
    which is late on a busy machine.
    ``status`` and ``sha256`` (of the body as the page received it) are known for the links that are looked into.
    ``streams``: it is a stream of events, which ends with its page.
    """

    url: str
    method: str
    link: str
    host: str
    visit: str
    began: float
    streams: bool = False
    ended: float | None = None
    took_ms: float = 0.0
    failure: str = ""
    status: int | None = None
    sha256: str = ""


class Traffic:
    """Every request of a context, in flight or ended; ``changed`` is when one last began or ended."""

    def __init__(
        self, context: BrowserContext, recorder: Recorder, classify: Classify, *, look_into: Collection[str] = ()
    ) -> None:
        self.flights: dict[Request, Flight] = {}
        self.changed = time.monotonic()
        self._recorder = recorder
        self._classify = classify
        self._look_into = look_into
        self._looks: set[asyncio.Task[None]] = set()
        context.on("request", self._began)
        context.on("response", self._answered)
        context.on("requestfinished", self._finished)
        context.on("requestfailed", self._failed)

    def seen(self) -> Collection[Flight]:
        """All of them."""
        return self.flights.values()

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
            url=request.url, method=request.method, link=link, host=host, visit=self._recorder.visit, began=self.changed,
            streams=request.resource_type == "eventsource",
        )  # fmt: skip
        self._recorder.mark("request", link=link, detail=f"{request.method} {request.url}")

    def _answered(self, response: Response) -> None:
        # A page that leaves the body of a bad answer unread leaves the request unfinished, too.
        flight = self.flights.get(response.request)
        if flight is not None and flight.link in self._look_into:
            flight.status = response.status

    def _finished(self, request: Request) -> None:
        flight = self._end(request)
        if flight is not None:
            flight.took_ms = max(0.0, request.timing["responseEnd"])
            self._recorder.mark("request-finished", link=flight.link, detail=flight.url, visit=flight.visit)
            if flight.link in self._look_into:
                look = asyncio.get_running_loop().create_task(_look(request, flight))
                self._looks.add(look)
                look.add_done_callback(self._looks.discard)

    async def settle(self) -> None:
        """Wait until every answer that is looked into has been read."""
        await asyncio.gather(*self._looks)

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


async def _look(request: Request, flight: Flight) -> None:
    try:
        response = await request.response()
        if response is None:
            return
        flight.status = response.status
        flight.sha256 = hashlib.sha256(await response.body()).hexdigest()
    except PlaywrightError:
        # The page went on before its answer could be read: then this place has seen nothing.
        return


def _page_of(request: Request) -> object:
    try:
        return request.frame.page
    except PlaywrightError:  # requests of service workers and of gone frames have no page
        return None
