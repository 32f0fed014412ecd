"""What is wrong with a target file: sentences, each with the line of the key it is about."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.errors import ConfigurationError, closest
from harness.target.toml_lines import KeyPath, key_lines

_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, and the key path at which it stands (or, for a missing key, the table that lacks it).

    ``beside`` are the other places that it does not go together with; their lines are told after the sentence.
    """

    at: KeyPath
    sentence: str
    beside: tuple[KeyPath, ...] = ()


def refuse(file: Path, text: str, problems: Iterable[Problem]) -> None:
    """Raise one :class:`ConfigurationError` that lists every problem as ``file:line: sentence``, in the file's order."""
    listed = list(problems)
    if not listed:
        return
    lines = key_lines(text)
    told = sorted({(line_of(lines, problem.at), problem.sentence + _beside(lines, problem, file)) for problem in listed})
    raise ConfigurationError("\n".join(f"{display(file)}:{line}: {sentence}" for line, sentence in told))


def _beside(lines: dict[KeyPath, int], problem: Problem, file: Path) -> str:
    others = [f"{dotted(path)} stands at {display(file)}:{line_of(lines, path)}" for path in problem.beside]
    return f" ({', '.join(others)})" if others else ""


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """Line of the key path, or of the nearest table around it."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def display(file: Path) -> str:
    """Show a path as a person in the current folder would type it; one that would not stay in its line is shown quoted."""
    here = Path.cwd()
    shown = str(file.relative_to(here)) if file.is_relative_to(here) else str(file)
    return shown if shown.isprintable() else repr(shown)


def dotted(path: KeyPath) -> str:
    """Write a key path as TOML does: ``flows.checkout.completed.json."$.state"``, ``steps[0]``."""
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part}]"
        else:
            written += ("." if written else "") + (part if _BARE.fullmatch(part) else json.dumps(part, ensure_ascii=False))
    return written


def shown(value: object) -> str:
    """Show a value as it stands in the file, short."""
    match value:
        case dict():
            return "a table"
        case list():
            return "a list"
        case bool():
            return "true" if value else "false"
        case datetime.date() | datetime.time():
            return f"the date {value.isoformat()}"
        case _:
            text = repr(value)
            return text if len(text) <= 80 else f"{text[:77]}…"


def near(word: str, known: Iterable[str]) -> str:
    """Say ``; did you mean 'x'?`` when a known word is near, else nothing."""
    said = closest(word, known)
    return said if said.startswith("; did you mean") else ""
