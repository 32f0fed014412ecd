"""Pages of the documents that name, in backquotes, the tests which hold what they say."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"


def page(name: str) -> str:
    """The text of one page of the documents."""
    return (DOCS / name).read_text(encoding="utf-8")


def named_in(text: str) -> set[str]:
    """The tests that a page names."""
    return set(re.findall(r"`(test_\w+)`", text))


def defined_in(folder: Path) -> set[str]:
    """The tests that the files of a folder and of those below define."""
    return {name for file in folder.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))}
