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
from harness.journal.model import LEAK_ELSEWHERE, LEAK_OUTPUT, LEAK_PAGE, LEAK_URL, Evidence, Leak
from harness.journal.secrets import Masker, forms_of
from harness.lab.origin import OriginRequest
from harness.lab.recorder import Recorder
from harness.lab.slot import Slot
from harness.providers.base import Credentials

ONE_TIME_CODE = "one-time code"
PLACES = (LEAK_PAGE, LEAK_URL, LEAK_ELSEWHERE, LEAK_OUTPUT)
# Shorter ones stand in every page by chance.
SHORTEST_CODE, SHORTEST_SESSION = 6, 16
MAX_UNPACKED_BYTES = 4 << 20
_SESSION = re.compile(r"sess|sid|auth|token|jwt", re.IGNORECASE)
_NO_SECRET = re.compile(r"csrf|xsrf", re.IGNORECASE)


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
    """What a target prints, searched as it comes: whatever is forgotten of it later has been heard."""

    search: SecretSearch
    names: set[str] = field(default_factory=set)
    _end: bytes = b""

    def __call__(self, chunk: bytes) -> None:
        """Hear the next piece; a secret may stand across two of them."""
        heard = self._end + chunk
        self.names.update(self.search(heard))
        self._end = heard[-self.search.longest :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given out in a lab and is its user's alone: by name, with the moment from which the user has sent it himself."""

    name: str
    text: str
    typed: float
    found: re.Pattern[str]


def searched(evidence: Evidence, slot: Slot, recorder: Recorder, overheard: Overheard, output: str) -> Evidence:
    """The evidence with what was searched for and where it was seen; a code or session that was seen is hidden in it.

    The account's own secrets are hidden where a journal is written.
    """
    given = [*_codes(recorder, slot.origin.log), *_sessions(slot.origin.log)]
    by_account = [*_at_the_target(slot, recorder), *_elsewhere(slot, recorder), *_in_urls(recorder, overheard.search)]
    by_account += [_leak(name, LEAK_OUTPUT, "", "") for name in sorted(overheard.names)]
    by_user = [(one, leak) for one in given for leak in _of_user(one, slot, recorder, output)]
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
            url = urlsplit(event.detail.partition(" ")[2])
            for name in search(_bytes(event.detail)):
                yield _leak(name, LEAK_URL, f"{url.hostname or ''}{url.path}"[:200], event.visit)


def _of_user(one: Given, slot: Slot, recorder: Recorder, output: str) -> Iterator[Leak]:
    for request in slot.origin.log:
        visit = recorder.visit_at(request.arrived)
        if one.found.search(request.path) or one.found.search(unquote(request.path)):
            yield _leak(one.name, LEAK_URL, _line(request), visit)
        if _before_it_was_typed(one, request) and one.found.search(_answer_text(request)):
            yield _leak(one.name, LEAK_PAGE, _line(request), visit)
    if one.found.search(output):
        yield _leak(one.name, LEAK_OUTPUT, "", "")


def _before_it_was_typed(one: Given, request: OriginRequest) -> bool:
    """Whether an answer may not show a code yet: what a user has typed he may be shown again."""
    return one.name == ONE_TIME_CODE and request.answered is not None and request.answered < one.typed


def _codes(recorder: Recorder, log: Sequence[OriginRequest]) -> Iterator[Given]:
    for code in recorder.codes:
        if len(code) >= SHORTEST_CODE:
            # Digits of a longer number, or of a fraction of a second, are no code.
            found = re.compile(rf"(?<![\w.]){re.escape(code)}(?!\w|\.\d)")
            sent = (request.arrived for request in log if found.search(_text(request.body)))
            yield Given(name=ONE_TIME_CODE, text=code, typed=min(sent, default=float("inf")), found=found)


def _sessions(log: Iterable[OriginRequest]) -> Iterator[Given]:
    for name, value in dict.fromkeys(pair for request in log for pair in _cookies(request)):
        found = re.compile("|".join(re.escape(form) for form in dict.fromkeys((value, unquote(value)))))
        yield Given(name=f"session cookie {name}"[:80], text=value, typed=0.0, found=found)


def _cookies(request: OriginRequest) -> Iterator[tuple[str, str]]:
    """The cookies of an answer that are worth stealing: those that scripts may not read, or whose names say so."""
    for header, line in request.answer_head:
        if header != b"set-cookie":
            continue
        pair, *attributes = _text(line).split(";")
        name, _, value = (part.strip().strip('"') for part in pair.partition("="))
        hidden = any(attribute.strip().lower() == "httponly" for attribute in attributes)
        if len(value) >= SHORTEST_SESSION and (hidden or _SESSION.search(name)) and not _NO_SECRET.search(name):
            yield name, value


def leaked_in(answer_head: Iterable[tuple[bytes, bytes]], body: bytes, search: SecretSearch) -> tuple[str, ...]:
    """The secrets that stand in an answer of the target's, in its head or its body."""
    head = tuple(answer_head)
    told = b"\n".join(value for _name, value in head)
    return tuple(dict.fromkeys((*search(told), *search(_unpacked(body, head)))))


def _answer_text(request: OriginRequest) -> str:
    head = b"\n".join(value for _name, value in request.answer_head)
    return _text(head + b"\n" + _unpacked(bytes(request.answer), request.answer_head))


def _unpacked(body: bytes, head: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A body as it was before it was compressed (gzip, deflate), as far as it can be read."""
    coding = next((value.strip().lower() for name, value in head if name == b"content-encoding"), b"")
    if coding not in (b"gzip", b"deflate", b"x-gzip"):
        return body
    try:
        return zlib.decompressobj(wbits=47).decompress(body, MAX_UNPACKED_BYTES)
    except zlib.error:
        return body


def _leak(secret: str, where: str, at: str, visit: str) -> Leak:
    return Leak(secret=secret, where=where, at=at, visit=visit)


def _line(request: OriginRequest) -> str:
    return f"{request.method} {urlsplit(request.path).path}"[:200]


def _text(data: bytes | bytearray) -> str:
    return bytes(data).decode("utf-8", "replace")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
