"""Apply a unified diff exactly: every line of a hunk's old side must stand in the file, without fuzz.

The library that reads the diffs knows none that applies them; those that do are lenient where this must be strict.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk, PatchedFile, PatchSet

from harness.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A diff and whose it is: ``owner`` is the animal that a complaint names."""

    owner: str
    text: str


def apply_patch(patch: Patch, folder: Path) -> tuple[str, ...]:
    """Change the files under ``folder`` as the diff says, all or none, and return their paths.

    A hunk may stand some lines further up or down than it says (another patch came before it), but nowhere twice. Raises
    :class:`ConfigurationError` naming the owner, the file and the hunk.
    """
    changed = {file.path: _changed(patch.owner, file, folder) for file in _read(patch)}
    for path, text in changed.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return tuple(changed)


def _read(patch: Patch) -> PatchSet:
    try:
        files = PatchSet.from_string(patch.text)
    except UnidiffParseError as error:
        raise ConfigurationError(f"animal {patch.owner}: bug.patch is no unified diff: {error}") from error
    if not files:
        raise ConfigurationError(f"animal {patch.owner}: bug.patch changes nothing: write a unified diff against the shop")
    return files


def _changed(owner: str, file: PatchedFile, folder: Path) -> str:
    where = f"animal {owner}: {file.path}"
    if file.is_removed_file or file.is_rename:
        raise ConfigurationError(f"{where}: no file of the shop may go or be renamed")
    if ".." in PurePosixPath(file.path).parts or PurePosixPath(file.path).is_absolute():
        raise ConfigurationError(f"{where}: only files of the shop can be changed")
    path = folder / file.path
    if path.exists() is file.is_added_file:
        raise ConfigurationError(f"{where}: the shop has {'such a file already' if file.is_added_file else 'no such file'}")
    if file.is_added_file:
        return "".join(line.value for hunk in file for line in hunk)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    shift = 0
    for number, hunk in enumerate(file, start=1):
        lines = _with(lines, hunk, shift, f"{where}, hunk {number} ({_header(hunk)})")
        shift += hunk.target_length - hunk.source_length
    return "".join(lines)


def _with(lines: list[str], hunk: Hunk, shift: int, where: str) -> list[str]:
    old, new = [line[1:] for line in hunk.source], [line[1:] for line in hunk.target]
    places = [start for start in range(len(lines) - len(old) + 1) if lines[start : start + len(old)] == old]
    said = hunk.source_start - 1 + shift
    if not places:
        raise ConfigurationError(f"{where}: the shop has no longer the lines that it changes: make the patch anew")
    if len(places) > 1 and said not in places:
        raise ConfigurationError(f"{where}: its lines stand in the file {len(places)} times: give it more lines around")
    start = places[0] if len(places) == 1 else said
    return [*lines[:start], *new, *lines[start + len(old) :]]


def _header(hunk: Hunk) -> str:
    return f"@@ -{hunk.source_start},{hunk.source_length} +{hunk.target_start},{hunk.target_length} @@"
