"""What the browser saw of a fault: requests that failed, waited or brought something else, and its console."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from harness.lab.fault_window import SLOW_S, Window, ms, slow_s, takes_time
from harness.lab.traffic import Flight

# How late we may hear of a request that failed: a fault that strikes once is over as soon as the router has felt it.
HEARD_WITHIN_S = 1.0
# A place in a script ("…/a.js:1:2", a line of a stack) is not a request for it.
_URL = re.compile(r"https?://[^\s'\"<>()]+")
_LINE_AND_COLUMN = re.compile(r":\d+:\d+$")


def at_browser(window: Window) -> str:
    """What the browser saw of a request that met the fault, or wrote on its console; empty when there is none."""
    altered = _not_as_it_should_be(window)
    for flight in (f for f in window.seen.flights if f.link == window.link.name and _began_under_the_fault(window, f)):
        ended = min(flight.ended or window.healed, window.healed)
        if ended < window.applied:
            continue
        if flight.status is not None and flight.status >= 400:
            return f"HTTP {flight.status}"
        if flight.failure:
            return f"{flight.failure} after {ms(max(0.0, ended - flight.began))}"
        if flight.sha256 in altered:
            return f"received the altered answer ({flight.status}, SHA-256 {flight.sha256[:12]}…)"
        waited_ms = _waited_ms(window, flight, ended)
        if takes_time(window) and waited_ms > (slow_s(window) if flight.ended else SLOW_S) * 1000:
            return f"{'waited' if flight.ended else 'no end after'} {waited_ms:.0f} ms of page time"
    return _on_the_console(window)


def _not_as_it_should_be(window: Window) -> set[str]:
    """The SHA-256 of each body on the link that was altered, or is a refusal of the provider's own."""
    name = window.link.name
    at_provider = (a.sha256 for a in window.slot.provider.arrivals(name) if a.rewritten or a.said.startswith("error "))
    return {*at_provider, *(r.sha256 for r in window.slot.origin.log if r.rewritten and r.link == name)}


def _began_under_the_fault(window: Window, flight: Flight) -> bool:
    late = HEARD_WITHIN_S if flight.failure and window.scenario.strikes == "once" else 0.0
    return flight.began <= window.healed + late


def _waited_ms(window: Window, flight: Flight, ended: float) -> float:
    """Page time that a request waited while the fault stood, or what the browser measured of it, whichever is longer."""
    noticed_ms = window.recorder.moment(ended).page_ms - window.recorder.moment(max(flight.began, window.applied)).page_ms
    return max(noticed_ms, flight.took_ms) if flight.began >= window.applied else noticed_ms


def _on_the_console(window: Window) -> str:
    begun_ms, healed_ms = (window.recorder.moment(at_s).at_ms for at_s in (window.applied, window.healed))
    for event in window.recorder.events:
        in_window = event.what == "console-error" and begun_ms <= event.moment.at_ms <= healed_ms
        if in_window and event.visit == window.visit and _names_the_link(window, event.detail):
            return f"console: {event.detail[:160]}"
    return ""


def _names_the_link(window: Window, text: str) -> bool:
    """Whether a text holds the address of a request on this link."""
    mine = {urlsplit(f.url)[1:3] for f in window.seen.flights if f.link == window.link.name}
    for url in _URL.findall(text):
        parts = urlsplit(url.rstrip(".,;"))
        if _LINE_AND_COLUMN.search(url):
            continue
        if parts[1:3] in mine:
            return True
        query = dict(parse_qsl(parts.query))
        if window.slot.provider.classify(parts.hostname or "", "GET", parts.path, query) == window.link.name:
            return True
    return False
