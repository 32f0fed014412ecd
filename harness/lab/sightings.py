"""Where was the fault seen to bite? Each place is looked at by itself; nothing here asks whether the fault was applied.

A sighting is a fact with a figure: a connection that the router saw refused, a request that the browser saw fail, an answer
that the provider rewrote, bytes that Toxiproxy took in and did not pass on, an error that the server's client met.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.catalog import Link, Place
from harness.journal.model import Scenario, SeenTicket, Sighting, Submit
from harness.lab.fault_window import Meters, Snapshot, Window, alters_answers
from harness.lab.recorder import Recorder
from harness.lab.scripted_sightings import at_the_bridge
from harness.lab.sightings_at_far_ends import answered_wrongly, at_origin, at_provider, at_server_client
from harness.lab.sightings_in_the_browser import at_browser
from harness.lab.sightings_on_the_wire import at_router, at_toxiproxy
from harness.lab.slot import Slot
from harness.target.spec import Observe


def sightings(
    scenario: Scenario,
    link: Link,
    slot: Slot,
    recorder: Recorder,
    seen: Snapshot,
    *,
    applied: float,
    healed: float,
    before: Meters,
    after: Meters,
    output: str,
    submits: Sequence[Submit],
    tickets: Sequence[SeenTicket],
    observe: Observe,
    visit: str = "honest",
) -> tuple[Sighting, ...]:
    """Look at every place for signs that this link was broken while the fault stood."""
    window = Window(
        scenario=scenario, link=link, slot=slot, recorder=recorder, seen=seen, applied=applied, healed=healed, visit=visit
    )
    if alters_answers(window) and not answered_wrongly(window):
        # What else went wrong then is another's doing: a second fault's on this link, or a busy machine's.
        return ()
    looked = [
        Sighting(place=Place.TOXIPROXY, what=at_toxiproxy(window, before, after)),
        Sighting(place=Place.ROUTER, what=at_router(window)),
        Sighting(place=Place.PROVIDER, what=at_provider(window)),
        Sighting(place=Place.BROWSER, what=at_browser(window)),
        Sighting(place=Place.ORIGIN, what=at_origin(window, submits)),
        Sighting(place=Place.SERVER_CLIENT, what=at_server_client(window, output, submits, tickets, observe)),
    ]
    from_ms, to_ms = (recorder.moment(at_s).at_ms for at_s in (applied, healed))
    told = at_the_bridge(link.name, recorder.events, visit, from_ms=from_ms, to_ms=to_ms)
    return (*(sighting for sighting in looked if sighting.what), *told)
