"""What is said to the crowd and what it says: one JSON object a line, on its standard input and output."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

# Whoever reads a JSON answer needs the whole of it; a page that is longer than this completes no business.
MAX_TEXT = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One virtual user: a request that is sent ``at_s`` seconds after its wave began, whatever became of those before it.

    ``who`` is given back with the answer, and reaches nobody else.
    """

    at_s: float
    who: str
    method: str
    path: str
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What became of one call: ``status`` is None without a whole answer, ``began_s`` counts from its wave's beginning."""

    who: str
    began_s: float
    real_ms: float
    status: int | None
    text: str = ""
    error: str = ""


def wave_line(calls: Sequence[Call]) -> bytes:
    """Write one wave."""
    return json.dumps([asdict(call) for call in calls]).encode() + b"\n"


def wave_of(line: bytes) -> tuple[Call, ...]:
    """Read what :func:`wave_line` wrote."""
    return tuple(Call(**call) for call in json.loads(line))


def heard_line(heard: Heard) -> str:
    """Write one answer."""
    return json.dumps(asdict(heard)) + "\n"


def heard_of(line: bytes) -> Heard:
    """Read what :func:`heard_line` wrote."""
    return Heard(**json.loads(line))
