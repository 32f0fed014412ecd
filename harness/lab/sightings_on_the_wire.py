"""What Toxiproxy and the router saw of a fault: bytes that were not passed on, connections that did not end as they should."""

from __future__ import annotations

from harness.catalog import Side
from harness.lab.fault_window import Meters, Window, bad_certificate, ms, slow_s, takes_time
from harness.lab.router import Connection
from harness.lab.slot import OF_THE_SERVER, TARGET_HOST, ways_of
from harness.providers.serving import Arrival

_BAD_ENDS = ("refused", "no-such-name", "upstream-reset")


def at_toxiproxy(window: Window, before: Meters, after: Meters) -> str:
    """What Toxiproxy's own counters or its word just before the heal say; empty when there is none."""
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


def at_router(window: Window) -> str:
    """What the router saw of a connection to the link while the fault stood; empty when there is none."""
    for connection in _connections(window):
        end = min(connection.ended or window.healed, window.healed)
        begun = max(connection.opened, window.applied)
        host, how = connection.host, connection.ended_by or "still open"
        if how in _BAD_ENDS:
            return f"{host}: {how} after {ms(end - begun)}"
        # Whoever goes by himself has waited too long, perhaps for a busy machine: only a fault that makes people wait did that.
        silent = takes_time(window) or how.startswith("upstream-") or (bad_certificate(window) and connection.ended is not None)
        if silent and connection.bytes_up and connection.last_down < connection.last_up <= end:
            return f"{host}: {connection.bytes_up} bytes sent, then no answer for {ms(end - connection.last_up)} ({how})"
        if takes_time(window) and (longest_s := _longest_exchange_s(window, connection)) > slow_s(window):
            return f"{host}: an exchange took {ms(longest_s)}"
        if _broke_off(window, connection) and connection.bytes_down and not _arrived_over(window, connection):
            return f"{host}: {how} in the handshake, no request followed"
    return ""


def _longest_exchange_s(window: Window, connection: Connection) -> float:
    """The longest exchange that ended in the fault's window, counted from the fault on."""
    ends = ((asked, asked + took) for asked, took in connection.exchanges.items())
    return max((end - max(asked, window.applied) for asked, end in ends if end <= window.healed), default=0.0)


def _broke_off(window: Window, connection: Connection) -> bool:
    """Whether a connection ended as a broken handshake does: at a bad certificate the client leaves, else the other side."""
    return connection.ended is not None and (bad_certificate(window) or connection.ended_by.startswith("upstream-"))


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
