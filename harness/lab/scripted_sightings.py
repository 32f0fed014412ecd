"""Where a silent bridge is seen: at its page's end, which calls it, and at its native end, which hears less than was said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.catalog import Place
from harness.journal.model import Event, Sighting
from harness.lab.scripted_bridge import BRIDGE, CALLED, HEARD


def at_the_bridge(link: str, events: Iterable[Event], visit: str, *, from_ms: float, to_ms: float) -> Iterator[Sighting]:
    """Look at both ends in one visit, between two moments of real time; there is none to be seen on any other link."""
    if link != BRIDGE:
        return
    mine = [event for event in events if event.visit == visit and from_ms <= event.moment.at_ms <= to_ms]
    called, heard = (sum(event.what == what for event in mine) for what in (CALLED, HEARD))
    if heard < called:
        yield Sighting(place=Place.BROWSER, what=f"the page called the bridge {called} times")
        yield Sighting(place=Place.NATIVE, what=f"{heard} of its messages arrived at the native part")
