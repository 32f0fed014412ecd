"""What the far ends saw of a fault: the provider, the target's own door, and the client that the target's server is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus

from harness import tickets as grammar
from harness.catalog import Side
from harness.journal.model import SeenTicket, Submit
from harness.lab.fault_window import Window, ends_connections, is_target_link, slow_s, takes_time, unverified
from harness.providers.serving import Arrival
from harness.target.spec import Observe

# Who turns somebody away for coming too often, however good the ticket, need not have asked anybody: neither shows an outage.
TOO_OFTEN = HTTPStatus.TOO_MANY_REQUESTS


def at_provider(window: Window) -> str:
    """What the provider saw on the link, or missed that should have followed; empty when there is none."""
    name = window.link.name
    near = [a for a in window.slot.provider.arrivals(name) if window.applied - 0.5 <= a.arrived <= window.healed]
    arrivals = [a for a in near if window.recorder.visit_at(a.arrived) == window.visit]
    for arrival in arrivals:
        if arrival.rewritten:
            return f"{name}: answered with {arrival.rewritten}"
        if arrival.said.startswith("error ") and not ends_connections(window):
            return f"{name}: answered {arrival.said}"
        if name == "verdict" and unverified(arrival):
            return f"{name}: a request arrived over a connection that was shown the {arrival.certificate} certificate"
    if len(arrivals) > 1 and name != "verdict":
        return f"{name}: asked for {len(arrivals)} times"
    of_provider = window.link.hosts and not is_target_link(window)
    if window.link.side is Side.BROWSER and of_provider and not _in_visit(window, name):
        went_on = _went_on(window)
        return f"{name}: nothing arrived, though {went_on}" if went_on else ""
    if window.link.side is Side.SERVER and not arrivals:
        came = [r for r in window.slot.origin.log if r.method != "GET" and window.applied <= r.arrived <= window.healed]
        submitted = [r for r in came if r.status != TOO_OFTEN]
        if submitted:
            return f"{name}: {len(submitted)} submits reached the target, and no call arrived here"
    return ""


def answered_wrongly(window: Window) -> bool:
    """Whether provider or target gave, while the fault stood, an altered answer on the link, or an error of its own."""
    came = [a for a in window.slot.provider.arrivals(window.link.name) if a.arrived <= window.healed]
    # However early a question came, what is altered is altered while the fault stands.
    altered = any(a.rewritten for a in came) or any(r.rewritten and r.link == window.link.name for r in window.slot.origin.log)
    return altered or any(a.said.startswith("error ") and a.arrived >= window.applied - 0.5 for a in came)


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


def at_origin(window: Window, submits: Sequence[Submit]) -> str:
    """What the target's own door saw of the fault; empty when there is none."""
    for request in window.slot.origin.log:
        if request.rewritten and request.link == window.link.name and window.recorder.visit_at(request.arrived) == window.visit:
            return f"{request.link}: answered with {request.rewritten}"
    honest = [s for s in submits if s.visit == window.visit]
    if window.link.name == "submit":
        if len(honest) > 1:
            return f"the submit arrived {len(honest)} times"
        if any(s.status is None for s in honest):
            return "a submit arrived and its answer was cut off"
    if window.link.side is Side.SERVER and honest and takes_time(window):
        healed_ms = window.recorder.moment(window.healed).at_ms
        waited_ms, answered = max((s.real_ms or healed_ms - s.moment.at_ms, s.real_ms is not None) for s in honest)
        if waited_ms > slow_s(window) * 1000:
            return f"the submit was {'answered' if answered else 'still not answered'} after {waited_ms:.0f} ms"
    return ""


def at_server_client(
    window: Window, output: str, submits: Sequence[Submit], tickets: Sequence[SeenTicket], observe: Observe
) -> str:
    """What the target's server shows of a call that failed (ticket, log, answer); empty when there is none."""
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
    first = next((s for s in own if s.status != TOO_OFTEN), None)
    if first is None or first.status is None:
        return ""
    if first.status >= 400:
        return f"the target answered the submit with {first.status}, though its ticket was good"
    arrivals = window.slot.provider.arrivals(window.link.name)
    told = [a for a in arrivals if a.answered is not None and a.answered <= window.healed]
    if any(a.rewritten for a in told):
        return f"the target answered the submit with {first.status} after the altered answer"
    if window.link.name == "verdict" and (kinds := {a.certificate for a in told if unverified(a)}):
        return f"the target answered the submit with {first.status} on an answer under the {kinds.pop()} certificate"
    return ""
