"""Find every fenced block of the documents, with what the comment above it says of it.

A comment directly above a fence says what a reader of the page need not see: ``<!-- quote: FILE NAME -->`` (the code of NAME in
FILE), ``<!-- nightly -->`` (run, but not every day), ``<!-- not run: REASON -->``, ``<!-- of: FILE -->`` (a part of a file of
that name), ``<!-- after: CODE -->`` (what is run first, so that a part of a file stands by itself), and in a Chinese page
``<!-- as there -->`` (the same block stands in the English page, and is tried there).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("docs", "fixtures", "reports", "harness", "suites", "bench", "examples")
# The committed sample is a report, made by a run and tested with the reports.
WRITTEN_BY_RUNS = ROOT / "reports"
NOTES = ("quote", "nightly", "not run", "of", "after", "as there")

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=indent)```[ ]*$", re.MULTILINE | re.DOTALL
)
_NOTES_ABOVE = re.compile(r"(?:^ *<!-- [^\n]*? -->\n)+\Z", re.MULTILINE)
_NOTE = re.compile(r"<!-- ([a-z ]+?)(?:: (.*?))? -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block: its text without the fence's indent, where it begins, and the notes above it by name."""

    path: Path
    line: int
    language: str
    text: str
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Where it stands, as a test's id shows it."""
        path = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path.name
        return f"{path}:{self.line}"


def documents() -> list[Path]:
    """Every Markdown file of the repository that people wrote."""
    found = [*ROOT.glob("*.md")]
    for folder in FOLDERS:
        found += (ROOT / folder).rglob("*.md")
    return sorted(path for path in found if _written_by_people(path))


def _written_by_people(path: Path) -> bool:
    by_a_run = WRITTEN_BY_RUNS in path.parents and path.parent != WRITTEN_BY_RUNS
    return not by_a_run and "node_modules" not in path.parts


def blocks_of(path: Path) -> Iterator[Block]:
    """Every fenced block of one document, in order."""
    yield from blocks_in(path.read_text(encoding="utf-8"), path)


def blocks_in(page: str, path: Path) -> Iterator[Block]:
    """Every fenced block of a page's text; raises ValueError for a note that nobody knows."""
    for found in _FENCE.finditer(page):
        line = page.count("\n", 0, found.start()) + 1
        indent = len(found["indent"])
        text = "".join(one[indent:] if one[:indent].isspace() else one for one in found["text"].splitlines(keepends=True))
        above = _NOTES_ABOVE.search(page[: found.start()])
        notes = dict(_NOTE.findall(above[0])) if above else {}
        if unknown := set(notes) - set(NOTES):
            raise ValueError(f"{path.name}:{line}: no note is called {', '.join(sorted(unknown))}; known: {', '.join(NOTES)}")
        yield Block(path=path, line=line, language=found["language"], text=text, notes=notes)


def prompts(block: Block) -> list[str]:
    """The command lines of a console block, without prompt and trailing comment; a line that ends in a backslash goes on."""
    text = block.text.replace("\\\n", " ")
    return [re.split(r"\s+#\s", line[2:])[0].strip() for line in text.splitlines() if line.startswith("$ ")]
