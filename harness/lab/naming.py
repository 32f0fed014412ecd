"""Whose a record of the target's is, as far as the record says so. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator


def named(records: Iterable[object], accounts: Collection[str]) -> Counter[str]:
    """Count the records that name each of these accounts: as the whole of one of their texts, in whatever letters.

    A record that names nobody, or more than one of them, is nobody's.
    """
    known = {account.casefold(): account for account in accounts}
    found = ({text.casefold() for text in _texts(record)} & known.keys() for record in records)
    return Counter(known[names.pop()] for names in found if len(names) == 1)


def _texts(record: object) -> Iterator[str]:
    """Every text in nested JSON, but the names of its keys."""
    waiting = [record]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case dict() as members:
                waiting.extend(members.values())
            case list() as members:
                waiting.extend(members)
