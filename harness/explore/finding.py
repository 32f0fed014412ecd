"""What a search may find: a failure of the target, in words for people, and whether it could be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.errors import ConfigurationError

_KEYS = ("rule", "cause", "expected", "seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One broken rule. ``cause`` is the label of the input that breaks it; ``seen`` may hold what the target said."""

    rule: str
    cause: str
    expected: str
    seen: str

    def to_json(self) -> dict[str, str]:
        """Write it for a case file."""
        return {key: getattr(self, key) for key in _KEYS}

    @classmethod
    def from_json(cls, document: object, *, where: str) -> Failure:
        """Read it from a case file; raises :class:`ConfigurationError` naming ``where``."""
        if not isinstance(document, dict) or not all(isinstance(document.get(key), str) for key in _KEYS):
            raise ConfigurationError(f"{where}: finding must be an object with the texts {', '.join(_KEYS)}")
        return cls(**{key: document[key] for key in _KEYS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """A failure with the smallest input found for it. It came again in ``seen`` of ``of`` tries on a fresh target.

    ``shown`` is the input in one line for people. ``also`` are labels, flows and healths with which the same rule broke, and
    were not looked into; ``case`` is its file.
    """

    failure: Failure
    flow: str
    health: str
    input: Mapping[str, Any]
    shown: str
    seen: int
    of: int
    case: Path | None = None
    times: int = 1
    also: frozenset[str] = frozenset()

    @property
    def repeatable(self) -> bool:
        """Whether it came every time: only then it is a finding, else it is unknown."""
        return self.seen == self.of

    def again(self, *, with_: str) -> Discovery:
        """The same, seen once more."""
        return replace(self, times=self.times + 1, also=self.also | {with_})
