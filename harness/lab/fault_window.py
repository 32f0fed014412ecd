"""The time in which a fault stood: what was logged then, and what Toxiproxy, router and browser knew just before its end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from harness.catalog import Family, Link
from harness.errors import ToxiproxyError
from harness.journal.model import Scenario
from harness.lab.recorder import Recorder
from harness.lab.router import Connection
from harness.lab.slot import TARGET_HOST, Slot, ways_of
from harness.lab.traffic import Flight
from harness.providers.serving import Arrival
from harness.toxiproxy.metrics import ProxyBytes

SLOW_S = 0.8
# Faults that take time and no answer: only of them is waiting a sign, for a busy machine waits as well.
_SLOW = re.compile(r"latency|bandwidth|slicer|slow|drip|timeout|half-answer")
# A browser's own faults, and a name's, after which no connection comes about.
_LETS_NONE_COME = ("dns-failure", "offline")
_DELAYS_MS = ("latency_ms", "delay_ms", "timeout_ms")


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


def slow_s(window: Window) -> float:
    """What counts as slow: the delay that was asked for, where the fault has one (less what clocks may differ by)."""
    asked_ms = max((value for name, value in window.scenario.parameters if name in _DELAYS_MS), default=0)
    return max(SLOW_S, asked_ms * 0.95 / 1000)


def takes_time(window: Window) -> bool:
    """Whether the fault is one that slows or hangs."""
    fault = window.scenario.fault
    asked = any(value and name in _DELAYS_MS for name, value in window.scenario.parameters)
    return asked or (fault is not None and (fault.hangs or _SLOW.search(fault.name) is not None))


def bad_certificate(window: Window) -> bool:
    """Whether the fault is a certificate that nobody should trust."""
    fault = window.scenario.fault
    return fault is not None and fault.name.endswith("-certificate")


def ends_connections(window: Window) -> bool:
    """Whether the fault only ends connections, or lets none come about: then nothing that is answered shows it."""
    fault = window.scenario.fault
    if fault is None or takes_time(window) or bad_certificate(window):
        return False
    return fault.family is Family.TRANSPORT or fault.name in _LETS_NONE_COME


def alters_answers(window: Window) -> bool:
    """Whether the fault is a wrong answer: nobody meets it whose question did not arrive."""
    fault = window.scenario.fault
    return fault is not None and fault.family is Family.RESPONSE


def is_target_link(window: Window) -> bool:
    """Whether the link leads to the target itself."""
    return TARGET_HOST in window.link.hosts


def unverified(arrival: Arrival) -> bool:
    """Whether a request came over a connection whose handshake showed a bad certificate: its client never looked at it."""
    return arrival.certificate not in ("", "good")


def ms(seconds: float) -> str:
    """Write a time in whole milliseconds."""
    return f"{max(0.0, seconds) * 1000:.0f} ms"
