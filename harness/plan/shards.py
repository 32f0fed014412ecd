"""A part of the work for each of several machines, and a time by which it must be done: as people write both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

T = TypeVar("T")
_SHARD = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")
_TIME = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|)")
_UNITS_S = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """The ``number``-th of ``of`` parts, counted from 1."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2/5``; raises ValueError with a sentence."""
        found = _SHARD.fullmatch(text)
        if found is None or int(found[1]) > int(found[2]):
            raise ValueError(f"{text!r} is no shard: write the second of five as 2/5")
        return cls(number=int(found[1]), of=int(found[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def part(self, all_of_it: Sequence[T]) -> tuple[T, ...]:
        """This shard's part: every ``of``-th, so that each has some of everything and none has all that is slow."""
        return tuple(all_of_it[self.number - 1 :: self.of])


def seconds(text: str) -> float:
    """Read ``90``, ``90s``, ``5m`` or ``1h`` as seconds; raises ValueError with a sentence."""
    found = _TIME.fullmatch(text)
    if found is None or not float(found[1]):
        raise ValueError(f"{text!r} is no time: write five minutes as 5m, or as 300s")
    return float(found[1]) * _UNITS_S[found[2]]
