"""Where was the fault seen to bite? Each place is looked at by itself; nothing here asks whether the fault was applied.

A sighting is a fact with a figure: a connection that the router saw refused, a request that the browser saw fail, an answer
that the provider rewrote, bytes that Toxiproxy took in and did not pass on, an error that the server's client met.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlsplit

from harness import tickets as grammar
from harness.catalog import Link, Place, Side
from harness.errors import ToxiproxyError
from harness.journal.model import Scenario, SeenTicket, Sighting, Submit
from harness.lab.recorder import Recorder
from harness.lab.router import Connection
from harness.lab.scripted_sightings import at_the_bridge
from harness.lab.slot import OF_THE_SERVER, TARGET_HOST, Slot, ways_of
from harness.lab.traffic import Flight
from harness.providers.serving import Arrival
from harness.target.spec import FlowSpec, Observe
from harness.toxiproxy.metrics import ProxyBytes

SLOW_S = 0.8
# How late we may hear of a request that failed: a fault that strikes once is over as soon as the router has felt it.
HEARD_WITHIN_S = 1.0
_BAD_ENDS = ("refused", "no-such-name", "upstream-reset")
# Faults that take time and no answer: only of them is waiting a sign, for a busy machine waits as well.
_SLOW = re.compile(r"latency|bandwidth|slicer|slow|drip|timeout|half-answer")
_DELAYS_MS = ("latency_ms", "delay_ms", "timeout_ms")
# A place in a script ("…/a.js:1:2", a line of a stack) is not a request for it.
_URL = re.compile(r"https?://[^\s'\"<>()]+")
_LINE_AND_COLUMN = re.compile(r":\d+:\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meters:
    """Toxiproxy's byte counters at one moment, by (key of the slot's proxy, direction)."""

    bytes: Mapping[tuple[str, str], ProxyBytes] = field(default_factory=dict)

    def since(self, before: Meters, way: str, direction: str) -> ProxyBytes:
        """What moved between two readings."""
        now, then = (m.bytes.get((way, direction), ProxyBytes()) for m in (self, before))
        return ProxyBytes(received=now.received - then.received, sent=now.sent - then.sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What router and browser had logged just before the fault was ended: later, what hung has moved on.

    ``proxies``: what Toxiproxy then said of every proxy that is not clean, by its way (:func:`not_clean`).
    """

    connections: tuple[Connection, ...] = ()
    flights: tuple[Flight, ...] = ()
    proxies: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def take(
        cls, connections: Iterable[Connection], flights: Iterable[Flight], proxies: Mapping[str, str] | None = None
    ) -> Snapshot:
        """Copy both logs as they stand."""
        copied = tuple(replace(c, exchanges=dict(c.exchanges)) for c in connections)
        return cls(connections=copied, flights=tuple(map(replace, flights)), proxies=proxies or {})


async def not_clean(slot: Slot, link: Link) -> dict[str, str]:
    """Ask Toxiproxy itself which of the link's proxies are disabled or carry a toxic now; it is no sign when it is silent."""
    found = {}
    for way in ways_of(link, slot.links):
        try:
            state = await slot.proxies[way].state()
        except ToxiproxyError:
            continue
        if state.toxics or not state.enabled:
            found[way] = str(state)
    return found


def printed_between(then: str, now: str) -> str:
    """What was printed after ``then``; both are the end of one output, whose beginning may meanwhile have been forgotten."""
    if now.startswith(then):
        return now[len(then) :]
    _forgotten, kept, later = now.partition(then[-2000:])
    return later if kept else now


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The fault's window in monotonic seconds, everything that was logged, and the visit that met the fault."""

    scenario: Scenario
    link: Link
    slot: Slot
    recorder: Recorder
    seen: Snapshot
    applied: float
    healed: float
    visit: str


def sightings(
    scenario: Scenario,
    link: Link,
    slot: Slot,
    recorder: Recorder,
    seen: Snapshot,
    flow: FlowSpec,
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
    looked = [
        Sighting(place=Place.TOXIPROXY, what=_at_toxiproxy(window, before, after)),
        Sighting(place=Place.ROUTER, what=_at_router(window)),
        Sighting(place=Place.PROVIDER, what=_at_provider(window)),
        Sighting(place=Place.BROWSER, what=_at_browser(window)),
        Sighting(place=Place.ORIGIN, what=_at_origin(window, submits)),
        Sighting(place=Place.SERVER_CLIENT, what=_at_server_client(window, output, submits, tickets, observe)),
    ]
    from_ms, to_ms = (recorder.moment(at_s).at_ms for at_s in (applied, healed))
    told = at_the_bridge(link.name, recorder.events, visit, from_ms=from_ms, to_ms=to_ms)
    return (*(sighting for sighting in looked if sighting.what), *told)


def _at_toxiproxy(window: Window, before: Meters, after: Meters) -> str:
    for way in ways_of(window.link, window.slot.links):
        host = way.removesuffix(OF_THE_SERVER)
        up, down = after.since(before, way, "upstream"), after.since(before, way, "downstream")
        for name, moved in (("upstream", up), ("downstream", down)):
            if moved.received > moved.sent:
                return f"{host}, {name}: took in {moved.received} bytes and passed on {moved.sent}"
        tried = [c for c in _connections(window) if c.host == host]
        # An open connection's bytes are not counted yet (harness/toxiproxy/metrics.py): the router knows whether any came back.
        stands = window.seen.proxies.get(way)
        if stands and tried and not up.received and not down.received and not any(c.bytes_down for c in tried):
            return f"{host}: no byte went through, and just before the heal it said: {stands}"
    return ""


def _connections(window: Window) -> list[Connection]:
    standing = (c for c in window.seen.connections if c.ended is None or c.ended >= window.applied)
    return [c for c in standing if c.host in window.link.hosts and c.side is window.link.side]


def _at_router(window: Window) -> str:
    for connection in _connections(window):
        end = min(connection.ended or window.healed, window.healed)
        begun = max(connection.opened, window.applied)
        host, how = connection.host, connection.ended_by or "still open"
        if how in _BAD_ENDS:
            return f"{host}: {how} after {_ms(end - begun)}"
        silent = connection.ended is not None or _takes_time(window)
        if silent and connection.bytes_up and connection.last_down < connection.last_up <= end:
            return f"{host}: {connection.bytes_up} bytes sent, then no answer for {_ms(end - connection.last_up)} ({how})"
        if _takes_time(window) and (longest_s := _longest_exchange_s(window, connection)) > _slow_s(window):
            return f"{host}: an exchange took {_ms(longest_s)}"
        if _broke_off(window, connection) and connection.bytes_down and not _arrived_over(window, connection):
            return f"{host}: {how} in the handshake, no request followed"
    return ""


def _slow_s(window: Window) -> float:
    """What counts as slow: the delay that was asked for, where the fault has one (less what clocks may differ by)."""
    asked_ms = max((value for name, value in window.scenario.parameters if name in _DELAYS_MS), default=0)
    return max(SLOW_S, asked_ms * 0.95 / 1000)


def _takes_time(window: Window) -> bool:
    """Whether the fault is one that slows or hangs."""
    fault = window.scenario.fault
    asked = any(value and name in _DELAYS_MS for name, value in window.scenario.parameters)
    return asked or (fault is not None and (fault.hangs or _SLOW.search(fault.name) is not None))


def _longest_exchange_s(window: Window, connection: Connection) -> float:
    """The longest exchange that ended in the fault's window, counted from the fault on."""
    ends = ((asked, asked + took) for asked, took in connection.exchanges.items())
    return max((end - max(asked, window.applied) for asked, end in ends if end <= window.healed), default=0.0)


def _broke_off(window: Window, connection: Connection) -> bool:
    """Whether a connection ended as a broken handshake does: at a bad certificate the client leaves, else the other side."""
    fault = window.scenario.fault
    bad_certificate = fault is not None and fault.name.endswith("-certificate")
    return connection.ended is not None and (bad_certificate or connection.ended_by.startswith("upstream-"))


def _arrived_over(window: Window, connection: Connection) -> bool:
    """Whether any request on this host was seen at its far end while the connection stood (a handshake alone is none)."""
    ended = connection.ended or window.healed
    if connection.host == TARGET_HOST:
        return any(connection.opened <= r.arrived <= ended for r in window.slot.origin.log)
    return any(
        a.host == connection.host and _side_of(window, a) is connection.side and connection.opened <= a.arrived <= ended
        for a in window.slot.provider.log
    )


def _side_of(window: Window, arrival: Arrival) -> Side:
    """Who asked; what belongs to no link (a favicon) comes from browsers."""
    link = window.slot.links.get(arrival.link)
    return Side.BROWSER if link is None else link.side


def _at_provider(window: Window) -> str:
    name = window.link.name
    near = [a for a in window.slot.provider.arrivals(name) if window.applied - 0.5 <= a.arrived <= window.healed]
    arrivals = [a for a in near if window.recorder.visit_at(a.arrived) == window.visit]
    for arrival in arrivals:
        if arrival.rewritten:
            return f"{name}: answered with {arrival.rewritten}"
        if arrival.said.startswith("error "):
            return f"{name}: answered {arrival.said}"
        if name == "verdict" and _unverified(arrival):
            return f"{name}: a request arrived over a connection that was shown the {arrival.certificate} certificate"
    if len(arrivals) > 1 and name != "verdict":
        return f"{name}: asked for {len(arrivals)} times"
    of_provider = window.link.hosts and not _is_target_link(window)
    if window.link.side is Side.BROWSER and of_provider and not _in_visit(window, name):
        went_on = _went_on(window)
        return f"{name}: nothing arrived, though {went_on}" if went_on else ""
    if window.link.side is Side.SERVER and not arrivals:
        submitted = [r for r in window.slot.origin.log if r.method != "GET" and window.applied <= r.arrived <= window.healed]
        if submitted:
            return f"{name}: {len(submitted)} submits reached the target, and no call arrived here"
    return ""


def _unverified(arrival: Arrival) -> bool:
    """Whether a request came over a connection whose handshake showed a bad certificate: its client never looked at it."""
    return arrival.certificate not in ("", "good")


def _in_visit(window: Window, name: str) -> list[Arrival]:
    """Every arrival on a link in the visit that met the fault, up to the fault's end."""
    arrivals = (a for a in window.slot.provider.arrivals(name) if a.arrived <= window.healed)
    return [a for a in arrivals if window.recorder.visit_at(a.arrived) == window.visit]


def _went_on(window: Window) -> str:
    """What the far ends saw of a page that should have needed the link: what comes right before it. Not the browser's word."""
    before = window.link.after
    if before is not None:
        answered = [a for a in _in_visit(window, before) if a.answered is not None]
        return f"{before}, which comes before it, had been answered" if answered else ""
    visited = (r for r in window.slot.origin.log if r.arrived <= window.healed and r.status is not None)
    mine = [r for r in visited if window.recorder.visit_at(r.arrived) == window.visit]
    return f"the target had answered {len(mine)} requests of the page" if mine else ""


def _is_target_link(window: Window) -> bool:
    return TARGET_HOST in window.link.hosts


def _at_browser(window: Window) -> str:
    altered = _not_as_it_should_be(window)
    for flight in (f for f in window.seen.flights if f.link == window.link.name and _began_under_the_fault(window, f)):
        ended = min(flight.ended or window.healed, window.healed)
        if ended < window.applied:
            continue
        if flight.status is not None and flight.status >= 400:
            return f"HTTP {flight.status}"
        if flight.failure:
            return f"{flight.failure} after {_ms(max(0.0, ended - flight.began))}"
        if flight.sha256 in altered:
            return f"received the altered answer ({flight.status}, SHA-256 {flight.sha256[:12]}…)"
        waited_ms = _waited_ms(window, flight, ended)
        if _takes_time(window) and waited_ms > (_slow_s(window) if flight.ended else SLOW_S) * 1000:
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
        if window.slot.provider.emulator.classify(parts.hostname or "", "GET", parts.path, query) == window.link.name:
            return True
    return False


def _at_origin(window: Window, submits: Sequence[Submit]) -> str:
    for request in window.slot.origin.log:
        if request.rewritten and request.link == window.link.name and window.recorder.visit_at(request.arrived) == window.visit:
            return f"{request.link}: answered with {request.rewritten}"
    honest = [s for s in submits if s.visit == window.visit]
    if window.link.name == "submit":
        if len(honest) > 1:
            return f"the submit arrived {len(honest)} times"
        if any(s.status is None for s in honest):
            return "a submit arrived and its answer was cut off"
    if window.link.side is Side.SERVER and honest and _takes_time(window):
        healed_ms = window.recorder.moment(window.healed).at_ms
        waited_ms, answered = max((s.real_ms or healed_ms - s.moment.at_ms, s.real_ms is not None) for s in honest)
        if waited_ms > _slow_s(window) * 1000:
            return f"the submit was {'answered' if answered else 'still not answered'} after {waited_ms:.0f} ms"
    return ""


def _at_server_client(
    window: Window, output: str, submits: Sequence[Submit], tickets: Sequence[SeenTicket], observe: Observe
) -> str:
    if window.link.side is not Side.SERVER:
        return ""
    for seen in tickets:
        read = grammar.read(seen.text)
        if read.ticket is not None and read.ticket.minted_by_server and seen.visit == window.visit:
            return f"the server minted {read.ticket.prefix}_{read.ticket.code}"
    if observe.log and (found := re.search(rf".*{re.escape(observe.log)}.*", output)):
        return f"the target's log: {found.group(0)[:200]}"
    return _at_the_answer(window, submits)


def _at_the_answer(window: Window, submits: Sequence[Submit]) -> str:
    """What a target that signals nothing did with the first ticket of the vendor's own that it was given."""
    own = (s for s in submits if s.visit == window.visit and grammar.read(s.ticket).kind is grammar.TicketKind.OTHER)
    first = next(own, None)
    if first is None or first.status is None:
        return ""
    if first.status >= 400:
        return f"the target answered the submit with {first.status}, though its ticket was good"
    arrivals = window.slot.provider.arrivals(window.link.name)
    told = [a for a in arrivals if a.answered is not None and a.answered <= window.healed]
    if any(a.rewritten for a in told):
        return f"the target answered the submit with {first.status} after the altered answer"
    if window.link.name == "verdict" and (kinds := {a.certificate for a in told if _unverified(a)}):
        return f"the target answered the submit with {first.status} on an answer under the {kinds.pop()} certificate"
    return ""


def _ms(seconds: float) -> str:
    return f"{max(0.0, seconds) * 1000:.0f} ms"
