"""Where a vendor's own documents cannot both be followed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """What one document says and what another does, each with its name; what is demanded of a target, and why.

    ``bears_on`` are the slugs of the oracles whose findings rest on that demand.
    """

    title: str
    one: str
    one_source: str
    other: str
    other_source: str
    demand: str
    why: str
    bears_on: tuple[str, ...]
