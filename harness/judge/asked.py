"""Was the provider asked about what was submitted? A quote in a ticket must not write the rest of the question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.journal.model import Asked, Attempt
from harness.judge.reading import quote

HOSTILE = "hostile-text:"


def usual_parameters(attempts: Iterable[Attempt]) -> Mapping[str, frozenset[str]]:
    """Every parameter, with its texts, that the provider was asked with in tries whose tickets had only usual characters."""
    usual: dict[str, set[str]] = {}
    for attempt in attempts:
        if not attempt.label.startswith(HOSTILE):
            for name, text in (pair for asked in attempt.asked for pair in asked.others):
                usual.setdefault(name, set()).add(text)
    return {name: frozenset(texts) for name, texts in usual.items()}


def question_changed(attempt: Attempt, usual: Mapping[str, frozenset[str]]) -> str:
    """In words what the provider was asked instead; empty where it was asked about the same, or not at all."""
    for asked in attempt.asked:
        if asked.ticket != attempt.ticket:
            return f"submitted was the ticket {quote(attempt.ticket)}, and the provider was asked about {quote(asked.ticket)}"
        if changed := _changed(asked, attempt, usual):
            return changed
    return ""


def _changed(asked: Asked, attempt: Attempt, usual: Mapping[str, frozenset[str]]) -> str:
    for name, text in asked.others:
        if text != attempt.randstr and text not in usual.get(name, frozenset()):
            return f"submitted was the randstr {quote(attempt.randstr)}, and the provider was asked with {name} {quote(text)}"
    return ""
