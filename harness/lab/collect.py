"""Turn the raw logs of one lab (origin, provider, router, browser) into evidence. Nothing here knows what was hoped for."""

from __future__ import annotations

import json
import math
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from harness import tickets
from harness.journal.model import Event, GuardedCall, Post, SeenTicket, Submit, VerdictCall
from harness.lab.edges import AID, AID_USED_LINK
from harness.lab.handle import Leg
from harness.lab.origin import OriginRequest
from harness.lab.passing import Passed
from harness.lab.recorder import Recorder
from harness.lab.scripted_bridge import BRIDGE, HEARD
from harness.lab.slot import Slot
from harness.providers.base import AID_USED
from harness.target.spec import APP, FlowSpec

# A text part of a multipart body: its name, and what stands in it.
_PART = re.compile(r'name="([^"]*)"(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n(.*?)\r\n(?=--)', re.DOTALL)
Where = Literal["submit", "post", "answer", "effect", "callback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFacts:
    """What the logs say of one visit.

    ``fallback_ms``: page time from the click to the first fallback ticket, of several captchas where it took the longest;
    ``passed_verdicts``: how many verdict calls were answered 1.
    """

    fallback_ms: float | None
    fallback: bool
    passed_verdicts: int
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The parts of the evidence that come from the logs of origin and provider."""

    tickets: tuple[SeenTicket, ...]
    submits: tuple[Submit, ...]
    posts: tuple[Post, ...]
    verdict_calls: tuple[VerdictCall, ...]
    guarded_calls: tuple[GuardedCall, ...]
    requests_at_origin: tuple[tuple[str, int], ...]
    scripts: tuple[tuple[str, str], ...]


def is_submit(request: OriginRequest, flow: FlowSpec) -> bool:
    """Whether a request that arrived at the target is the flow's submit."""
    return names_submit(request.method, request.path, flow)


def names_submit(method: str, path: str, flow: FlowSpec) -> bool:
    """Whether a request line's method and path are those of the flow's submit."""
    if flow.submit is None:
        return method != "GET" and urlsplit(path).path != urlsplit(flow.aid or "").path
    return method == flow.submit.method and urlsplit(path).path == urlsplit(flow.submit.path).path


def submitted(request: OriginRequest, flow: FlowSpec, placeholder: str) -> str:
    """What stands in the submit's field for ``{ticket}`` or ``{randstr}``; "" when there is none."""
    spec = flow.submit
    template = dict(spec.fields) if spec is not None else {}
    key = next((name for name, value in template.items() if value == placeholder), placeholder.strip("{}"))
    fields = fields_of(bytes(request.body))
    value = fields.get(key, "")
    return value if isinstance(value, str) else json.dumps(value)


def fields_of(body: bytes) -> dict[str, object]:
    """A body's fields: JSON, a GraphQL operation's variables, multipart or form; {} when it is none of them."""
    text = body.decode("utf-8", "replace")
    if (parts := _PART.findall(text)) and text.startswith("--"):
        return dict(parts)
    try:
        read = json.loads(text)
    except ValueError:
        return dict(parse_qsl(text, keep_blank_values=True))
    if not isinstance(read, dict):
        return {}
    variables = read.get("variables") if "query" in read else None
    return variables if isinstance(variables, dict) else read


def tickets_of(slot: Slot, recorder: Recorder, flow: FlowSpec) -> list[SeenTicket]:
    """Every ticket handed over: in submits and callbacks whatever they hold, in answers and records fallback tickets."""
    seen: list[SeenTicket] = []
    for request in slot.origin.log:
        if is_submit(request, flow):
            if text := submitted(request, flow, "{ticket}"):
                seen.append(_seen(text, "submit", request.arrived, recorder))
        elif request.method not in ("GET", "HEAD"):
            posted = unquote_plus(bytes(request.body).decode("utf-8", "replace"))
            seen += [_seen(text, "post", request.arrived, recorder) for text in tickets.find(posted)]
        if request.method != "GET" and request.answered is not None:
            answer = unquote_plus(bytes(request.answer).decode("utf-8", "replace"))
            seen += [_seen(text, "answer", request.answered, recorder) for text in tickets.find(answer)]
    for callback in recorder.callbacks:
        if text := _called_back(callback.fields):
            at_s = recorder.began + callback.moment.at_ms / 1000
            seen.append(replace(_seen(text, "callback", at_s, recorder), visit=callback.visit, moment=callback.moment))
    return [*seen, *recorder.tickets]


def _called_back(fields: str) -> str:
    """The ticket in a callback's JSON; in what was cut off in the middle, the first fallback ticket."""
    try:
        read = json.loads(fields)
    except ValueError:
        return next(iter(tickets.find(fields)), "")
    text = read.get("ticket") if isinstance(read, dict) else None
    return text if isinstance(text, str) else ""


def note_effect_tickets(before: str, now: str, slot: Slot, recorder: Recorder, flow: FlowSpec) -> None:
    """Note the fallback tickets that the business records gained in the visit that goes on.

    They are dated by the last answer to a submit of that visit, which they were recorded before, not by this late look.
    """
    known = {*tickets.find(before), *(seen.text for seen in recorder.tickets)}
    answered = [r.answered for r in slot.origin.log if is_submit(r, flow) and r.answered is not None]
    of_visit = [at_s for at_s in answered if recorder.visit_at(at_s) == recorder.visit]
    at_s = max(of_visit, default=time.monotonic())
    recorder.tickets += [_seen(text, "effect", at_s, recorder) for text in tickets.find(now) if text[:600] not in known]


def _seen(text: str, where: Where, at_s: float, recorder: Recorder) -> SeenTicket:
    visit, unix_s = recorder.visit_at(at_s), recorder.unix_s(at_s)
    # A new visitor comes in a context of its own, whose clock nobody touches.
    page_unix_s = recorder.page_unix_s(at_s) if visit != "new-visitor" else unix_s
    return SeenTicket(
        text=text[:600],
        where=where,
        visit=visit,
        moment=recorder.moment(at_s),
        unix_s=unix_s,
        page_unix_s=page_unix_s if where in ("submit", "post", "callback") else 0.0,
    )


def verdict_calls(slot: Slot, recorder: Recorder) -> tuple[VerdictCall, ...]:
    """Every call of the verdict API that reached the provider, with what it was answered."""
    calls = []
    for arrival in slot.provider.arrivals("verdict"):
        said = arrival.said.removeprefix("code ")
        answer = f"rewritten: {arrival.rewritten}" if arrival.rewritten else said
        if arrival.answered is not None and recorder.into_the_fault("verdict", arrival.answered):
            answer = f"{answer}, not delivered"
        calls.append(
            VerdictCall(
                visit=recorder.visit_at(arrival.arrived),
                moment=recorder.moment(arrival.arrived),
                ticket=arrival.ticket[:600],
                answer=answer if arrival.answered is not None else "never answered",
                certificate=arrival.certificate,
                user_ip=arrival.user_ip[:100],
                fingerprint=arrival.fingerprint,
            )
        )
    return tuple(calls)


def guarded_calls(slot: Slot, recorder: Recorder) -> tuple[GuardedCall, ...]:
    """Every request that reached the provider on a link that another one's pass guards."""
    guarded = {link.name for link in slot.links.values() if link.guarded_by}
    return tuple(
        GuardedCall(
            link=arrival.link,
            visit=recorder.visit_at(arrival.arrived),
            moment=recorder.moment(arrival.arrived),
            ticket=arrival.ticket[:600],
            answer=arrival.said,
        )
        for arrival in slot.provider.log
        if arrival.link in guarded
    )


def submits(slot: Slot, recorder: Recorder, flow: FlowSpec) -> tuple[Submit, ...]:
    """Every arrival of the flow's submit at the origin."""
    return tuple(
        Submit(
            visit=recorder.visit_at(request.arrived),
            moment=recorder.moment(request.arrived),
            status=request.status,
            real_ms=_took_ms(request),
            ticket=submitted(request, flow, "{ticket}")[:600],
            randstr=submitted(request, flow, "{randstr}")[:200],
        )
        for request in slot.origin.log
        if is_submit(request, flow)
    )


def posts(slot: Slot, recorder: Recorder, flow: FlowSpec) -> tuple[Post, ...]:
    """Every other request that asks the target to do something."""
    return tuple(
        Post(
            visit=recorder.visit_at(request.arrived),
            moment=recorder.moment(request.arrived),
            method=request.method,
            path=urlsplit(request.path).path[:200],
            status=request.status,
            real_ms=_took_ms(request),
        )
        for request in slot.origin.log
        if request.method not in ("GET", "HEAD") and not is_submit(request, flow)
    )


def _took_ms(request: OriginRequest) -> float | None:
    return None if request.answered is None else round((request.answered - request.arrived) * 1000, 1)


def visit_facts(
    name: str, slot: Slot, recorder: Recorder, flow: FlowSpec, *, legs: Sequence[Leg]
) -> VisitFacts:
    """Read one visit off the logs; called when it has just ended. ``legs``: its ways past each captcha of the flow.

    A ticket that only the callback brought was not handed over: it may have come too late to be needed. What the page posts
    elsewhere than the flow's submit is looked at only where there is more than one captcha to hand over a ticket of.
    """
    apart = ("callback",) if len(legs) > 1 else ("callback", "post")
    handed_over = [t for t in tickets_of(slot, recorder, flow) if t.visit == name and t.where not in apart]
    fallbacks = [ticket for ticket in handed_over if ticket.text.startswith(("terror", "trerror"))]
    calls = [call for call in verdict_calls(slot, recorder) if call.visit == name]
    statuses = [s.status for s in submits(slot, recorder, flow) if s.visit == name]
    last = statuses[-1] if statuses else None
    return VisitFacts(
        fallback_ms=max(_waited_ms(fallbacks, legs), default=None),
        fallback=bool(fallbacks),
        passed_verdicts=sum(call.answer == "1" for call in calls),
        refused=last is not None and 400 <= last < 500,
    )


def _waited_ms(fallbacks: Sequence[SeenTicket], legs: Sequence[Leg]) -> Iterator[float]:
    """How long each leg's first new ticket took from its click; what comes before the click has taken no time."""
    first: dict[str, float] = {}
    for ticket in sorted(fallbacks, key=lambda seen: seen.moment.page_ms):
        first.setdefault(ticket.text, ticket.moment.page_ms)
    for place, leg in enumerate(legs):
        ends_ms = leg.over.page_ms if place < len(legs) - 1 else math.inf
        of_leg = [text for text, at_ms in first.items() if at_ms <= ends_ms]
        if of_leg:
            yield max(0.0, first[of_leg[0]] - leg.clicked.page_ms)
        for text in of_leg:
            del first[text]


def outcome(passed: Passed, facts: VisitFacts) -> Literal["verified", "unverified", "stepped-up", "refused", "nothing"]:
    """Name what was seen; "verified" needs the provider's own 1 for this visit."""
    if passed.completed:
        if passed.stepped_up:
            return "stepped-up"
        return "verified" if facts.passed_verdicts and not facts.fallback else "unverified"
    return "refused" if facts.refused else "nothing"


def evidence_of(slot: Slot, recorder: Recorder, flow: FlowSpec) -> Found:
    """Collect what origin and provider recorded."""
    counted = Counter(arrival.link for arrival in slot.provider.log if arrival.link)
    if flow.aid:
        counted[AID] = sum(1 for r in slot.origin.log if r.link == AID)
        counted[AID_USED_LINK] = sum(1 for arrival in slot.provider.log if arrival.said.endswith(AID_USED))
    counted["page"] = sum(1 for r in slot.origin.log if r.method == "GET" and r.link != AID)
    counted["submit"] = sum(1 for r in slot.origin.log if is_submit(r, flow))
    if flow.client == APP:
        counted[BRIDGE] = sum(event.what == HEARD for event in recorder.events)
    scripts: dict[str, str] = {}
    for arrival in slot.provider.log:
        link = slot.links.get(arrival.link)
        # What comes only in an outage has no control to be compared with, and a vendor may serve each visitor another one.
        compared = link is not None and link.script and link.control and slot.live is None
        if compared and arrival.status == 200 and not arrival.rewritten:
            scripts.setdefault(arrival.link, arrival.sha256)
    return Found(
        tickets=tuple(tickets_of(slot, recorder, flow)),
        submits=submits(slot, recorder, flow),
        posts=posts(slot, recorder, flow),
        verdict_calls=verdict_calls(slot, recorder),
        guarded_calls=guarded_calls(slot, recorder),
        requests_at_origin=tuple(sorted(counted.items())),
        scripts=tuple(sorted(scripts.items())),
    )


_ORDINARY_ENDS = ("client-eof", "lab-closed", "upstream-eof")


def _submit_events(slot: Slot, recorder: Recorder, flow: FlowSpec) -> Iterator[Event]:
    for request in slot.origin.log:
        if is_submit(request, flow):
            ticket = submitted(request, flow, "{ticket}")
            yield _event("submit", request.arrived, recorder, link="submit", detail=ticket)
            if request.answered is not None:
                yield _event("submit-answered", request.answered, recorder, link="submit", detail=str(request.status))


def timeline(recorder: Recorder, slot: Slot, flow: FlowSpec) -> tuple[Event, ...]:
    """Every event of the lab in order of real time, the logs of router, provider and origin woven in."""
    events = [
        *recorder.events,
        *(
            _event("router", c.ended, recorder, detail=f"{c.host} {c.ended_by}")
            for c in slot.router.log
            if c.ended is not None and c.ended_by not in _ORDINARY_ENDS
        ),
        *(
            _event("verdict-call", a.arrived, recorder, link="verdict", detail=a.said)
            for a in slot.provider.arrivals("verdict")
        ),
        *_submit_events(slot, recorder, flow),
    ]
    if recorder.advances:
        events += [_event("clock-advanced", at_s, recorder, detail=f"{total:.0f}") for at_s, total in recorder.advances[::10]]
    return tuple(sorted(events, key=lambda event: event.moment.at_ms))


def _event(what: str, at_s: float, recorder: Recorder, *, link: str = "", detail: str = "") -> Event:
    moment = recorder.moment(at_s)
    return Event(what=what, moment=moment, visit=recorder.visit_at(at_s), link=link, detail=detail[:600])
