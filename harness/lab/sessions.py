"""Tell the sessions of signed-in users from other cookies: by what changes with the business that a user came for.

A cookie that a target hands to whoever comes (a device's id, the way back, a load balancer's mark) is nobody's session. One
that the answer sets or changes which lets somebody in is, where others at the same step go without.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from harness.lab.collect import is_submit
from harness.lab.origin import OriginRequest
from harness.target import signals
from harness.target.spec import FlowSpec

# Shorter ones stand in every page by chance.
SHORTEST_SESSION = 16
# Words of a name, as its marks, digits and capitals divide it: "sidebar" and "author" are none of them.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SESSION = re.compile(r"\w*session(id\w*)?s?|(php)?sess(id)?|sid|o?auth|jwt", re.IGNORECASE)
# What guests are given, too: the way to follow one order, say.
_TOKEN = re.compile(r"(access|auth|id|refresh|user)?tokens?", re.IGNORECASE)
_NO_SECRET = re.compile(r"csrf|xsrf", re.IGNORECASE)
# What a name says that has nothing of a session in it: for one who has not signed in, or for a thing.
_OF_A_GUEST = re.compile(r"guests?|visitors?|anon(ymous)?|orders?|carts?|baskets?|checkout|forms?|nonce", re.IGNORECASE)
# Who only looks is not yet where guests are given theirs.
_LOOKS = ("GET", "HEAD", "OPTIONS")
_PLACEHOLDER = re.compile(r"\\\{[^}]*\\\}")
_ADDRESS = re.compile(r"/|[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """One cookie that an answer set to a value that its request had not brought; ``before`` is the one that it had."""

    request: OriginRequest
    name: str
    value: str
    hidden: bool
    before: str | None


def sessions(log: Sequence[OriginRequest], flow: FlowSpec, named: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    """Name and value of every session that was given out, each once.

    ``named`` are the target's session cookies where its file names them; None where it leaves that to be seen.
    """
    every = [one for request in log for one in _cookies_set(request)]
    if named is not None:
        yield from dict.fromkeys((one.name, one.value) for one in every if one.name in named)
        return
    through = {id(request) for request in log if _let_in(request, flow)}
    others = [request for request in log if id(request) not in through and request.status is not None]
    by_others = [one for one in every if id(one.request) not in through]
    given = [one for one in every if id(one.request) in through and _may_be_a_session(one)]
    yield from dict.fromkeys((one.name, one.value) for one in given if _comes_with_it(one, others, by_others))


def cookies_sent(request: OriginRequest) -> dict[str, str]:
    """The cookies that came with a request."""
    pairs = (pair.partition("=") for pair in request.cookies.decode("latin-1").split(";"))
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}


def _cookies_set(request: OriginRequest) -> Iterator[Set]:
    sent = cookies_sent(request)
    for header, line in request.answer_head:
        if header != b"set-cookie":
            continue
        pair, *attributes = line.decode("utf-8", "replace").split(";")
        name, _, value = (part.strip().strip('"') for part in pair.partition("="))
        hidden = any(attribute.strip().lower() == "httponly" for attribute in attributes)
        if len(value) >= SHORTEST_SESSION and sent.get(name) != value:
            yield Set(request=request, name=name, value=value, hidden=hidden, before=sent.get(name))


def _let_in(request: OriginRequest, flow: FlowSpec) -> bool:
    """Whether an answer says that the business is done: to the submit, or to the code that confirms it."""
    if request.method == "GET" or request.status is None or request.status >= 400:
        return False
    if not is_submit(request, flow):
        return confirms(request, flow)
    if flow.completed.status is None and not flow.completed.json:
        return True
    return signals.completed(signals.answered(request.status, bytes(request.answer).decode("utf-8", "replace")), flow)


def confirms(request: OriginRequest, flow: FlowSpec) -> bool:
    """Whether a request may bring the code of the flow's second factor: any may where the target file names no path for it."""
    if flow.step_up is None:
        return False
    spec = flow.step_up.confirm
    if spec is None:
        return True
    path = _PLACEHOLDER.sub("[^/]+", re.escape(spec.path.partition("?")[0]))
    return re.fullmatch(path, request.path.partition("?")[0]) is not None


def _may_be_a_session(one: Set) -> bool:
    if _NO_SECRET.search(one.name) or _ADDRESS.match(unquote(one.value)):
        return False
    if _named(one, _SESSION):
        return True
    if _named(one, _OF_A_GUEST):
        return False
    # What the answer itself shows as well, or what its user has sent, is an id or a name, and no secret of its own.
    shown = any(form.encode() in part for form in (one.value, unquote(one.value)) for part in _shown(one.request))
    return (one.hidden or _named(one, _TOKEN)) and not shown


def _named(one: Set, words: re.Pattern[str]) -> bool:
    return any(words.fullmatch(word) for word in _WORD.findall(one.name))


def _shown(request: OriginRequest) -> Iterable[bytes]:
    yield bytes(request.body)
    yield request.whole or bytes(request.answer)
    yield from (line for header, line in request.answer_head if header == b"location")


def _comes_with_it(one: Set, others: Sequence[OriginRequest], by_others: Sequence[Set]) -> bool:
    """Whether a cookie comes with the business, and not with any answer.

    Of one whose name says nothing that can be told only beside somebody who sent something, too, and was not let in: many a
    guest is given a token with the first thing that he sends.
    """
    with_it = [request for request in others if (one.name in cookies_sent(request)) is (one.before is not None)]
    set_anyway = {id(other.request) for other in by_others if other.name == one.name}
    anyway = sum(id(request) in set_anyway for request in with_it)
    named = _named(one, _SESSION)
    told = named or any(request.method not in _LOOKS for request in with_it)
    if one.before is None:
        # To who had none it is given here; it must have been withheld from all others who had none.
        return told and bool(with_it) and not anyway
    # Many frameworks sign a session anew with each answer, and so do load balancers their mark.
    return named or (told and anyway * 2 <= len(with_it))
