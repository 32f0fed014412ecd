"""Was the provider asked about what was submitted? A quote in a ticket must not write the rest of the question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.journal.model import Asked, Attempt
from harness.judge.reading import quote

HOSTILE = "hostile-text:"
# Where what was added to a good ticket or randstr begins.
_ADDED = re.compile(r'["\\&%].*', re.DOTALL)
# Shorter texts stand in any other by chance.
_TELLING_CHARS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What the provider is asked in tries with usual characters: parameters with their texts, and which hold the randstr."""

    texts: frozenset[tuple[str, str]]
    randstr: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """The parameters that were asked with."""
        return frozenset(name for name, _ in self.texts)


def usual_parameters(attempts: Iterable[Attempt]) -> Usual:
    """Read what is usual off the tries whose tickets had only usual characters."""
    tries = [attempt for attempt in attempts if not attempt.label.startswith(HOSTILE)]
    said = [(attempt, pair) for attempt in tries for asked in attempt.asked for pair in asked.others]
    return Usual(
        texts=frozenset(pair for _, pair in said),
        randstr=frozenset(name for attempt, (name, text) in said if text and text == attempt.randstr),
    )


def question_changed(attempt: Attempt, usual: Usual) -> str:
    """In words what the provider was asked instead; empty where it was asked about the same, or not at all."""
    for asked in attempt.asked:
        if asked.ticket != attempt.ticket:
            return f"submitted was the ticket {quote(attempt.ticket)}, and the provider was asked about {quote(asked.ticket)}"
        for name, text in _changed(asked, attempt, usual):
            sent = f"the ticket {quote(attempt.ticket)} with the randstr {quote(attempt.randstr)}"
            return f"submitted was {sent}, and the provider was asked with {name} {quote(text)}"
    return ""


def _changed(asked: Asked, attempt: Attempt, usual: Usual) -> Iterator[tuple[str, str]]:
    """Parameters that nobody asks with, that hold a part of what was added, or another randstr than was submitted.

    Any other text is the target's own: it may name the account, the order or the hour.
    """
    for name, text in asked.others:
        if text == attempt.randstr or (name, text) in usual.texts:
            continue
        unknown = bool(usual.names) and name not in usual.names
        if unknown or name in usual.randstr or _was_added(text, attempt):
            yield name, text


def _was_added(text: str, attempt: Attempt) -> bool:
    found = (_ADDED.search(sent) for sent in (attempt.ticket, attempt.randstr))
    return len(text) >= _TELLING_CHARS and any(added is not None and text in added.group() for added in found)
