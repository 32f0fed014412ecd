"""``extends = "captchaos.toml"``: a target file that says only in what it differs from another one of its folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.errors import closest
from harness.target.problems import Problem, shown

EXTENDS = "extends"


def base_of(document: Mapping[str, Any], file: Path) -> Path | None:
    """The file that ``document`` extends; None where it extends none, or what it says is no text (the schema says so)."""
    named = document.get(EXTENDS)
    return file.parent / named if isinstance(named, str) else None


def base_problems(base: Path, file: Path) -> Iterator[Problem]:
    """What is wrong with the file that ``file`` says it extends."""
    if base.parent != file.parent:
        what = "must name a file of the same folder, for paths are relative to it"
    elif base == file:
        what = "names this very file"
    elif not base.is_file():
        beside = [entry.name for entry in file.parent.glob("*.toml") if entry != file]
        what = f"names {shown(base.name)}, and there is no such file{closest(base.name, beside)}"
    else:
        return
    yield Problem(at=(EXTENDS,), sentence=f"{EXTENDS} {what}")


def second_step(below: Mapping[str, Any], base: Path) -> Iterator[Problem]:
    """Whether the extended file extends another one itself: who reads the first must not have to look for a third."""
    if EXTENDS in below:
        yield Problem(at=(EXTENDS,), sentence=f"{EXTENDS} names {shown(base.name)}, which extends another file itself")


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """``below`` with what ``above`` says in its place: table into table; all else, lists too, as a whole."""
    both = dict(below)
    for key, value in above.items():
        under = both.get(key)
        both[key] = merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return both
