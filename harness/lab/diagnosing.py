"""Why a healthy visit did not come through, by name: read off the logs of one control's lab. docs/doctor.md lists the names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from harness.browsers import forbidden
from harness.catalog import Side
from harness.errors import closest
from harness.journal.model import Diagnosis, Visit
from harness.lab.collect import is_submit
from harness.lab.handle import CLICKED, PAGE_CLOSED
from harness.lab.leading import not_reached
from harness.lab.origin import OriginRequest
from harness.lab.passing import FLOW_RAISED, FLOW_STANDS, LEFT_ALONE, LEFT_AT
from harness.lab.recorder import Recorder
from harness.lab.recording import NOT_RECORDED
from harness.lab.slot import TARGET_HOST, Slot
from harness.target.cookies import taken_back
from harness.target.spec import FlowSpec, Target

_LONGEST = 160
_NOWHERE = "about:blank"
LACKS_RECORD = "not-recorded"
# A moment is rounded to a tenth.
_ROUNDED_MS = 0.1
_LOCAL = (TARGET_HOST, "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What one control's lab has seen: its logs, the last visit, and the port at which the target serves."""

    slot: Slot
    recorder: Recorder
    target: Target
    flow: FlowSpec
    visit: Visit
    port: int

    def said(self, what: str) -> str:
        """The detail of the last event of a name, "" where there was none."""
        return next((event.detail for event in reversed(self.recorder.events) if event.what == what), "")

    @property
    def clicked_s(self) -> float | None:
        """When (monotonic) the last click was that may have asked for the captcha; None where there was none."""
        clicks = [event.moment.at_ms for event in self.recorder.events if event.what == CLICKED]
        return self.recorder.began + (clicks[-1] - _ROUNDED_MS) / 1000 if clicks else None


def diagnoses(slot: Slot, recorder: Recorder, target: Target, flow: FlowSpec, visit: Visit) -> tuple[Diagnosis, ...]:
    """Every reason that is seen, what lies deepest first; none for a visit that is verified and has had its one effect."""
    seen = _Seen(slot=slot, recorder=recorder, target=target, flow=flow, visit=visit, port=slot.origin.target_port)
    found = [*_submit_path(seen), *_unmapped(seen), *_not_recorded(seen)]
    if visit.outcome != "verified":
        looks = (_https, _policy, _cookies, _paths, _flow_function, _live, _provider)
        found = [one for look in looks for one in look(seen)] + found
    found += _effects(seen)
    return tuple(found)


def _live(seen: _Seen) -> Iterator[Diagnosis]:
    """Nobody here solves a vendor's challenge, or knows what its console says: both are the owner's to give."""
    if seen.slot.live is None:
        return
    said = [arrival.said for arrival in seen.slot.provider.arrivals("verdict")]
    if "code 1" in said:
        return
    if said:
        shown = ", ".join(dict.fromkeys(said))
        mend = "hold provider.app_id and provider.credentials against the vendor's console, and provider.live.address"
        yield Diagnosis(name="live-not-verified", seen=f"the vendor's verdict was {_short(shown)}", mend=mend)
    elif not any(is_submit(request, seen.flow) for request in seen.slot.origin.log):
        yield Diagnosis(
            name="live-not-solved",
            seen="the vendor's challenge was not solved, so nothing was handed in",
            mend='name what solves a test app id, provider.live.solve = "flows.py:solve", or use keys that ask for nothing '
            "(docs/live.md)",
        )


def _https(seen: _Seen) -> Iterator[Diagnosis]:
    for request in seen.slot.origin.log:
        to = _header(request, b"location")
        if request.status in range(300, 400) and to.lower().startswith("https://"):
            yield Diagnosis(
                name="redirects-to-https",
                seen=f"{request.method} {_short(request.path)} was answered {request.status} to {_short(to)}",
                mend="the lab speaks plain http to the application, as a proxy that ends TLS does: switch its redirect to "
                "https off in [target.env], such as SECURE_SSL_REDIRECT=false",
            )
            return


def _policy(seen: _Seen) -> Iterator[Diagnosis]:
    hosts = {host for link in seen.slot.links.values() for host in link.hosts if host != TARGET_HOST}
    refused: dict[str, str] = {}
    for event in seen.recorder.events:
        for what, rule in forbidden(event.detail) if event.what == "console-error" else ():
            if (host := urlsplit(what).hostname) in hosts:
                refused.setdefault(f"https://{host}", rule)
    for origin, rule in refused.items():
        yield Diagnosis(
            name="csp-forbids-captcha",
            seen=f"the page's Content-Security-Policy ({_short(rule)}) forbids {origin}",
            mend=f"name {origin} in {rule.split(' ', 1)[0]}: it is the vendor's own host, so production needs it as well",
        )


def _cookies(seen: _Seen) -> Iterator[Diagnosis]:
    """A cookie that was given out over plain http and is missing in a later request, though nobody took it back."""
    given: dict[str, tuple[float, str]] = {}
    for request in seen.slot.origin.log:
        lost = [name for name, (at, _) in given.items() if request.arrived > at and f"{name}=".encode() not in request.cookies]
        if lost:
            name, came = lost[0], f"{request.method} {_short(request.path)} came without it"
            domain = given[name][1]
            yield _of_another_host(name, domain, came) if domain else _secure(name, came)
            return
        if request.answered is not None:
            given.update({name: (request.answered, domain) for name, domain in _cookies_at_risk(request)})


def _secure(name: str, came: str) -> Diagnosis:
    return Diagnosis(
        name="secure-cookies-on-http",
        seen=f"the cookie {name} is marked Secure, and {came}",
        mend="give out cookies without Secure where the application is served over plain http: a setting in [target.env], "
        "such as SESSION_COOKIE_SECURE=false",
    )


def _of_another_host(name: str, domain: str, came: str) -> Diagnosis:
    return Diagnosis(
        name="cookies-of-another-host",
        seen=f"the cookie {name} is for Domain={domain}, which 127.0.0.1 is not, and {came}",
        mend="give out cookies without a Domain in the configuration that the lab starts: a setting in [target.env], "
        "such as SESSION_COOKIE_DOMAIN=",
    )


def _paths(seen: _Seen) -> Iterator[Diagnosis]:
    for request in seen.slot.origin.log:
        if request.status in (404, 405, 410) and not request.path.endswith((".ico", ".map", ".svg", ".png")):
            yield Diagnosis(
                name="wrong-path",
                seen=f"{request.method} {_short(request.path)} was answered {request.status}",
                mend=f"mend the path in flows.{seen.flow.name} or its function, or the route in the application",
            )
            return


def _submit_path(seen: _Seen) -> Iterator[Diagnosis]:
    """The page sends another request than the target file says: then no fault on its submit would be felt."""
    flow, clicked = seen.flow, seen.clicked_s
    # What was sent before that click, such as a login, is no submit; and without a click none was due.
    log = [request for request in seen.slot.origin.log if clicked is not None and request.arrived >= clicked]
    posted = list(dict.fromkeys(urlsplit(request.path).path for request in log if request.method != "GET"))
    if flow.submit is not None and posted and not any(is_submit(request, flow) for request in log):
        yield Diagnosis(
            name="wrong-path",
            seen=f"flows.{flow.name}.submit says {flow.submit.method} {flow.submit.path}, and the page sent none such"
            f"{closest(flow.submit.path, posted)}",
            mend=f"write the path and method that the page sends into flows.{flow.name}.submit",
        )


def _flow_function(seen: _Seen) -> Iterator[Diagnosis]:
    where, raised, stands = seen.said(LEFT_AT), seen.said(FLOW_RAISED), seen.said(FLOW_STANDS)
    if where == PAGE_CLOSED:
        mend = "leave the page open: the lab looks in it for what flows say in completed, and closes it afterwards"
        yield Diagnosis(name="flow-leaves-page", seen="the flow closed its page before the business was completed", mend=mend)
    elif _left(where, seen.port) and not (raised and where == _NOWHERE):
        mend = "stay on the application's own pages until completed can be seen; others' hosts belong into [third_party]"
        yield Diagnosis(name="flow-leaves-page", seen=f"the page stood at {_short(where)} in the end", mend=mend)
    if raised and where != PAGE_CLOSED:
        mend = "mend that line of the flow, or the page that it is about"
        yield Diagnosis(name="flow-raises", seen=_short(raised), mend=mend)
    elif stands:
        mend = "what that line waits for did not come: look at the selector, and at the page in the screenshot"
        yield Diagnosis(name="flow-hangs", seen=f"it still waited at {_short(stands)}", mend=mend)
    elif seen.said(LEFT_ALONE):
        mend = "let it be solved after the click: flow.solve(), in an async flow await flow.captcha(page), with its await"
        yield Diagnosis(name=LEFT_ALONE, seen="the flow ended, and had nobody solve its captcha", mend=mend)
    elif not raised and where != PAGE_CLOSED and seen.visit.outcome == "nothing":
        wanted = seen.flow.completed.selector or seen.flow.completed.url or "completed"
        mend = f"look at flows.{seen.flow.name}.completed, and at the page in the screenshot"
        if refused := _refused(seen):
            mend = "mend what the application answered so, which its own output may tell, or what flows.py typed"
        yield Diagnosis(name="not-completed", seen=f"the flow ended, and {wanted} never showed{refused}", mend=mend)


def _refused(seen: _Seen) -> str:
    """What the last submit was answered, where that was an error; "" elsewhere."""
    sent = [request for request in seen.slot.origin.log if is_submit(request, seen.flow) and request.status is not None]
    status = sent[-1].status if sent else None
    return f"; {sent[-1].method} {_short(sent[-1].path)} was answered {status}" if status is not None and status >= 400 else ""


def _provider(seen: _Seen) -> Iterator[Diagnosis]:
    arrived = {arrival.link for arrival in seen.slot.provider.log}
    links = seen.slot.links.values()
    servers = [link for link in links if link.side is Side.SERVER and link.control and not link.guarded_by]
    silent = [link for link in servers if link.name not in arrived]
    if silent and seen.visit.outcome in ("unverified", "stepped-up", "refused") and arrived:
        heard = {host for link in links if link.side is Side.SERVER and link.name in arrived for host in link.hosts}
        yield from not_reached(seen.target, silent, seen.slot.router.log, heard=heard)


def _unmapped(seen: _Seen) -> Iterator[Diagnosis]:
    hosts = [host for host in seen.slot.router.refused_hosts() if host.partition(":")[0] not in _LOCAL]
    if hosts:
        yield Diagnosis(
            name="unmapped-host",
            seen=f"nothing maps {', '.join(hosts[:5])}, which {'was' if len(hosts) == 1 else 'were'} asked for",
            mend="name each under [third_party], as a folder or \"allow\" (`captchaos discover` writes that), or switch it off",
        )


def _not_recorded(seen: _Seen) -> Iterator[Diagnosis]:
    said = [arrival.said for arrival in seen.slot.provider.log if arrival.said.startswith(NOT_RECORDED)]
    lacking = list(dict.fromkeys(_short(one.removeprefix(NOT_RECORDED)) for one in said))
    if lacking:
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        yield Diagnosis(
            name=LACKS_RECORD,
            seen=f"the record of a third party lacks {', '.join(lacking[:3])}{more}",
            mend="run `captchaos discover --record`, which asks the real host and adds its answers; where the address is "
            'another at every visit, name a folder in the place of "record"',
        )


def _effects(seen: _Seen) -> Iterator[Diagnosis]:
    count, visit = seen.visit.effects, seen.visit
    key = f"flows.{seen.flow.name}.effects"
    if count < 0:
        mend = f"point {key} at something that only grows, such as the list of all records, and not at what is left or newest"
        yield Diagnosis(name="effects-count-backwards", seen=f"the effects went down by {-count} in one visit", mend=mend)
    elif visit.outcome == "verified" and count == 0:
        mend = f"point {key} at what the business leaves behind: after a completed visit it must have grown by one"
        same = "the visit was completed, and the effects are as many as before"
        yield Diagnosis(name="effect-not-counted", seen=same, mend=mend)
    elif count > 1:
        mend = f"one visit must be one effect: count one kind of record in {key}, or mend what does it twice"
        yield Diagnosis(name="effect-counted-twice", seen=f"one visit had {count} effects", mend=mend)


def _left(where: str, port: int) -> bool:
    parts = urlsplit(where)
    if where == _NOWHERE:
        return True
    return parts.scheme in ("http", "https") and (parts.hostname, parts.port) != (TARGET_HOST, port)


def _header(request: OriginRequest, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in request.answer_head if name.lower() == wanted), "")


def _cookies_at_risk(request: OriginRequest) -> Iterator[tuple[str, str]]:
    """The cookies of an answer that a browser may not send again: name, and the domain that they are for ("" any)."""
    for name, value in request.answer_head:
        if name.lower() == b"set-cookie":
            with contextlib.suppress(CookieError):
                for key, one in SimpleCookie(value.decode("latin-1")).items():
                    if not taken_back(one) and (one["secure"] or one["domain"]):
                        yield key, one["domain"]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
