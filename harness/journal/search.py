"""What ``search.json`` holds: what a search has found, of what its examples were, and which faults met in schedules."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from harness.journal.codec import encode
from harness.journal.whole_file import write_whole

FILE_NAME = "search.json"
FORMAT = 1
_MARK = "captchaos_search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One failure, which came again in ``came`` of ``of`` tries; ``case`` is its file, "" where none was kept.

    ``sent`` and ``seen`` may hold what a target has said.
    """

    rule: str
    cause: str
    flow: str
    health: str
    sent: str
    expected: str
    seen: str
    came: int
    of: int
    also: tuple[str, ...] = ()
    case: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """So many examples of a label came to this."""

    label: str
    became: str
    examples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Two values that can meet in a schedule of two faults, and in how many that were judged both were ``felt``.

    ``of`` and ``with_of`` say what each is a value of.
    """

    of: str
    value: str
    with_of: str
    with_value: str
    felt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRun:
    """One search. ``whole``: it ended by itself; ``beside`` are the sentences that stand beside its table."""

    target: str
    captchaos_version: str
    kind: str
    seed: int
    began_unix_s: float
    whole: bool
    examples: int
    summary: str
    found: tuple[Found, ...] = ()
    became: tuple[Became, ...] = ()
    beside: tuple[str, ...] = ()
    pairs: tuple[Met, ...] = ()


def write_search(run: SearchRun, file: Path) -> None:
    """Replace the file whole; raises :class:`LaboratoryError` where it cannot be written."""
    write_whole(file, json.dumps({_MARK: FORMAT, "run": encode(run)}, indent=1, ensure_ascii=False) + "\n")
