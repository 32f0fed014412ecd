"""Find the line on which every key of a TOML text stands; the standard parser keeps none."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_INLINE_BLANK = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Map each key path (names, and indexes in arrays) to its line, 1 first; ``text`` must be TOML that parses."""
    return _Scan(text.replace("\r\n", "\n")).run()


def flow_lines(file: Path) -> dict[str, int]:
    """Map each flow that stands in a target file to its line, 1 first; one of the file that it extends has none."""
    lines = key_lines(file.read_text(encoding="utf-8"))
    return {str(path[1]): line for path, line in lines.items() if len(path) == 2 and path[0] == "flows"}


class _Scan:
    """One walk over a valid document; nothing is checked, since :mod:`tomllib` has accepted it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[KeyPath, int] = {(): 1}
        self._tables_in: dict[KeyPath, int] = {}

    def run(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)
        return self._lines

    def _header(self) -> KeyPath:
        repeated = self._text.startswith("[[", self._at)
        self._at += 2 if repeated else 1
        names = self._key()
        path: KeyPath = ()
        for position, name in enumerate(names):
            path = (*path, name)
            self._note(path)
            last = position == len(names) - 1
            if last and repeated:
                self._tables_in[path] = self._tables_in.get(path, -1) + 1
            if path in self._tables_in:
                path = (*path, self._tables_in[path])
        self._lines[path] = self._line()
        self._skip(_INLINE_BLANK)
        self._at += 2 if repeated else 1
        return path

    def _pair(self, table: KeyPath) -> None:
        path = table
        for name in self._key():
            path = (*path, name)
            self._note(path)
        self._skip(_INLINE_BLANK)
        self._at += 1  # the equals sign
        self._skip(_INLINE_BLANK)
        self._value(path)

    def _key(self) -> list[str]:
        names: list[str] = []
        while True:
            self._skip(_INLINE_BLANK)
            if bare := _BARE_KEY.match(self._text, self._at):
                names.append(bare.group())
                self._at = bare.end()
            else:
                names.append(_unquoted(self._skip(_STRING)))
            self._skip(_INLINE_BLANK)
            if not self._text.startswith(".", self._at):
                return names
            self._at += 1

    def _value(self, path: KeyPath) -> None:
        match self._text[self._at]:
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case '"' | "'":
                self._skip(_STRING)
            case _:
                self._skip(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        while not self._closes("]"):
            self._note((*path, index))
            self._value((*path, index))
            index += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while not self._closes("}"):
            self._pair(path)

    def _closes(self, bracket: str) -> bool:
        self._skip(_BLANK)
        if self._text.startswith(",", self._at):
            self._at += 1
            self._skip(_BLANK)
        if not self._text.startswith(bracket, self._at):
            return False
        self._at += 1
        return True

    def _note(self, path: KeyPath) -> None:
        self._lines.setdefault(path, self._line())

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found.group()


def _unquoted(quoted: str) -> str:
    return str(tomllib.loads(f"k = {quoted}")["k"])
