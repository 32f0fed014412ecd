"""Search what a lab saw for what nobody may read: only which secret was seen, and where, is kept, and never its text.

The account's secrets are known before the target starts; one-time codes and sessions only when they have been given out, so
these are searched for afterwards, in what the gate has kept.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from harness.catalog import Side
from harness.journal.codec import decode, encode
from harness.journal.model import LEAK_ELSEWHERE, LEAK_OUTPUT, LEAK_PAGE, LEAK_URL, Event, Evidence, Leak
from harness.journal.secrets import Masker, forms_of
from harness.lab.origin import OriginRequest
from harness.lab.recorder import Recorder
from harness.lab.sessions import sessions
from harness.lab.slot import TARGET_HOST, Slot
from harness.providers.base import Credentials
from harness.target.spec import FlowSpec

ONE_TIME_CODE = "one-time code"
PLACES = (LEAK_PAGE, LEAK_URL, LEAK_ELSEWHERE, LEAK_OUTPUT)
# Shorter ones stand in every page by chance.
SHORTEST_CODE = 6
MAX_UNPACKED_BYTES = 4 << 20
# Of what a target prints, for what is found out later: an account's secrets are heard for ever.
MAX_KEPT_OUTPUT_BYTES = 8 << 20


class SecretSearch:
    """Says by name which of some secrets stand in bytes, in any form in which a log, URL, header or page carries them."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.names = tuple(secrets)
        self._forms = {name: tuple({_bytes(form) for form in forms_of(secret)}) for name, secret in secrets.items()}
        self.longest = max((len(form) for forms in self._forms.values() for form in forms), default=0)

    def __call__(self, data: bytes) -> tuple[str, ...]:
        """The names of those that stand in ``data``."""
        return tuple(name for name, forms in self._forms.items() if any(form in data for form in forms))

    def __repr__(self) -> str:
        return f"SecretSearch({', '.join(self.names)})"


def secrets_of(credentials: Credentials) -> dict[str, str]:
    """The account's secrets by the names under which a target file asks for them."""
    secret = credentials.secrets()
    return {name: value for name, value in credentials.values().items() if value in secret}


@dataclass(slots=True)
class Overheard:
    """What a target prints, searched as it comes: whatever is forgotten of it later has been heard.

    ``kept`` is its beginning, unmasked, to be searched for what is given out later; it goes nowhere.
    """

    search: SecretSearch
    names: set[str] = field(default_factory=set)
    kept: bytearray = field(default_factory=bytearray, repr=False)
    _end: bytes = b""

    def __call__(self, chunk: bytes) -> None:
        """Hear the next piece; a secret may stand across two of them."""
        heard = self._end + chunk
        self.names.update(self.search(heard))
        self._end = heard[-self.search.longest :]
        self.kept += chunk[: max(0, MAX_KEPT_OUTPUT_BYTES - len(self.kept))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given out in a lab and is its user's alone: by name, with the moment from which the user has sent it himself."""

    name: str
    text: str
    typed: float
    found: re.Pattern[str]
    forms: tuple[bytes, ...]

    def stands_in(self, data: bytes) -> bool:
        """Whether it stands in ``data`` and is no part of something longer."""
        return any(form in data for form in self.forms) and self.found.search(_text(data)) is not None


def searched(
    evidence: Evidence,
    slot: Slot,
    recorder: Recorder,
    overheard: Overheard,
    flow: FlowSpec,
    session_cookies: Sequence[str] | None,
) -> Evidence:
    """The evidence with what was searched for and where it was seen; a code or session that was seen is hidden in it.

    The account's own secrets are hidden where a journal is written. ``session_cookies`` are as the target file names them.
    """
    given = [*_codes(recorder, slot.origin.log), *_sessions(slot.origin.log, flow, session_cookies)]
    by_account = [*_at_the_target(slot, recorder), *_elsewhere(slot, recorder), *_in_urls(recorder, overheard.search)]
    by_account += [_leak(name, LEAK_OUTPUT, "", "") for name in sorted(overheard.names)]
    bodies, printed = _Bodies(), bytes(overheard.kept)
    by_user = [(one, leak) for one in given for leak in _of_user(one, slot, recorder, printed, bodies)]
    names = dict.fromkeys((*overheard.search.names, *(one.name for one in given)))
    leaks = dict.fromkeys((*by_account, *(leak for _one, leak in by_user)))
    told = replace(evidence, secrets=tuple(names), searched=PLACES, leaks=tuple(leaks))
    if not by_user:
        return told
    return decode(Evidence, encode(told, text=Masker(one.text for one, _leak in by_user)))


def _at_the_target(slot: Slot, recorder: Recorder) -> Iterator[Leak]:
    for request in slot.origin.log:
        for name in request.leaked:
            yield _leak(name, LEAK_PAGE, _line(request), recorder.visit_at(request.arrived))


def _elsewhere(slot: Slot, recorder: Recorder) -> Iterator[Leak]:
    """Requests with a secret that are no question of the server's: on a browser's link, or on none."""
    for arrival in slot.provider.log:
        link = slot.links.get(arrival.link)
        if arrival.carried and (link is None or link.side is Side.BROWSER):
            at = f"{arrival.method} {arrival.host}{urlsplit(arrival.path).path}"[:200]
            for name in arrival.carried:
                yield _leak(name, LEAK_ELSEWHERE, at, recorder.visit_at(arrival.arrived))


def _in_urls(recorder: Recorder, search: SecretSearch) -> Iterator[Leak]:
    for event in recorder.events:
        if event.what == "request":
            for name in search(_bytes(event.detail)):
                yield _leak(name, LEAK_URL, _place(event), event.visit)


def _told_to_others(one: Given, recorder: Recorder) -> Iterator[Leak]:
    """What a page's requests to other hosts have in their URLs; those to the target are in the gate's log."""
    for event in recorder.events:
        if event.what == "request" and not _place(event).startswith(TARGET_HOST) and one.stands_in(_bytes(event.detail)):
            yield _leak(one.name, LEAK_URL, _place(event), event.visit)


def _place(event: Event) -> str:
    """Host and path of a request that a page made."""
    url = urlsplit(event.detail.partition(" ")[2])
    return f"{url.hostname or ''}{url.path}"[:200]


class _Bodies:
    """The bodies of answers as they were before they were compressed: each is unpacked, and searched for each secret, once."""

    def __init__(self) -> None:
        self._unpacked: dict[tuple[bytes, bytes], bytes] = {}
        self._shown: dict[tuple[str, bytes], bool] = {}

    def show(self, one: Given, request: OriginRequest) -> bool:
        """Whether it stands in what was kept of an answer's body."""
        packed = (_coding(request.answer_head), request.whole or bytes(request.answer))
        if packed not in self._unpacked:
            self._unpacked[packed] = _unpacked(packed[1], request.answer_head)
        asked = (one.text, self._unpacked[packed])
        if asked not in self._shown:
            self._shown[asked] = one.stands_in(asked[1])
        return self._shown[asked]


def _of_user(one: Given, slot: Slot, recorder: Recorder, output: bytes, bodies: _Bodies) -> Iterator[Leak]:
    for request in slot.origin.log:
        visit = recorder.visit_at(request.arrived)
        if one.stands_in(request.path.encode()) or one.stands_in(unquote(request.path).encode()):
            yield _leak(one.name, LEAK_URL, _line(request), visit)
        if _is_shown(one, request, bodies):
            yield _leak(one.name, LEAK_PAGE, _line(request), visit)
    yield from _told_to_others(one, recorder)
    if one.stands_in(output):
        yield _leak(one.name, LEAK_OUTPUT, "", "")


def _is_shown(one: Given, request: OriginRequest, bodies: _Bodies) -> bool:
    """Whether an answer shows what it may not: a session in its body, or a code that its user has not typed yet."""
    if one.name != ONE_TIME_CODE:
        return bodies.show(one, request)
    if request.answered is None or request.answered >= one.typed:
        return False
    head = b"\n".join(value for _name, value in request.answer_head)
    return one.stands_in(head) or bodies.show(one, request)


def _codes(recorder: Recorder, log: Sequence[OriginRequest]) -> Iterator[Given]:
    for code in recorder.codes:
        if len(code) >= SHORTEST_CODE:
            # Digits of a longer number, or of a fraction of a second, are no code.
            found = re.compile(rf"(?<![\w.]){re.escape(code)}(?!\w|\.\d)")
            sent = (request.arrived for request in log if found.search(_text(request.body)))
            typed = min(sent, default=float("inf"))
            yield Given(name=ONE_TIME_CODE, text=code, typed=typed, found=found, forms=(_bytes(code),))


def _sessions(log: Sequence[OriginRequest], flow: FlowSpec, named: Sequence[str] | None) -> Iterator[Given]:
    for name, value in sessions(log, flow, named):
        forms = tuple(dict.fromkeys((value, unquote(value))))
        found = re.compile("|".join(map(re.escape, forms)))
        told = f"session cookie {name}"[:80]
        yield Given(name=told, text=value, typed=0.0, found=found, forms=tuple(map(_bytes, forms)))


def leaked_in(answer_head: Iterable[tuple[bytes, bytes]], body: bytes, search: SecretSearch) -> tuple[str, ...]:
    """The secrets that stand in an answer of the target's, in its head or its body."""
    head = tuple(answer_head)
    told = b"\n".join(value for _name, value in head)
    return tuple(dict.fromkeys((*search(told), *search(_unpacked(body, head)))))


def _unpacked(body: bytes, head: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A body as it was before it was compressed (gzip, deflate), as far as it can be read."""
    if _coding(head) not in (b"gzip", b"deflate", b"x-gzip"):
        return body
    try:
        return zlib.decompressobj(wbits=47).decompress(body, MAX_UNPACKED_BYTES)
    except zlib.error:
        return body


def _coding(head: Iterable[tuple[bytes, bytes]]) -> bytes:
    return next((value.strip().lower() for name, value in head if name == b"content-encoding"), b"")


def _leak(secret: str, where: str, at: str, visit: str) -> Leak:
    return Leak(secret=secret, where=where, at=at, visit=visit)


def _line(request: OriginRequest) -> str:
    return f"{request.method} {urlsplit(request.path).path}"[:200]


def _text(data: bytes | bytearray) -> str:
    return bytes(data).decode("utf-8", "replace")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
