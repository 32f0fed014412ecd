"""Code that a page quotes: the page holds a copy, so that it reads anywhere; the copy is held against the source.

Markers in the source would be lines that only the documents need, and that every patch of the zoo would have to step over.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from handbook.blocks import ROOT, Block, blocks_in

_LANGUAGES = {".py": "python", ".js": "js", ".toml": "toml", ".go": "go"}


def quoted(said: str) -> tuple[str, str]:
    """The language and the code of a note ``FILE NAME``; raises ValueError when the file or the name is not there."""
    place, _, name = said.partition(" ")
    file = ROOT / place
    if not file.is_file():
        raise ValueError(f"{place} is quoted and does not exist")
    text = file.read_text(encoding="utf-8")
    code = {".py": _python, ".toml": _table}.get(file.suffix, _braces)(text, name)
    if not code:
        raise ValueError(f"{place} has no {name} that could be quoted")
    return _LANGUAGES[file.suffix], code


def refreshed(page: str, path: Path) -> str:
    """The page with every quote as its source has it now."""
    for block in list(blocks_in(page, path)):
        if "quote" in block.notes:
            page = _replaced(page, block)
    return page


def _replaced(page: str, block: Block) -> str:
    language, code = quoted(block.notes["quote"])
    note = f"<!-- quote: {block.notes['quote']} -->"
    old = f"{note}\n```{block.language}\n{block.text}```"
    return page.replace(old, f"{note}\n```{language}\n{code}```")


def _python(text: str, name: str) -> str:
    """A function, a class, a method (``Class.method``) or an assignment, with the comment above it."""
    body: list[ast.stmt] = ast.parse(text).body
    found: ast.stmt | None = None
    for part in name.split("."):
        found = next((node for node in body if part in _names(node)), None)
        if found is None:
            return ""
        body = getattr(found, "body", [])
    lines = text.splitlines(keepends=True)
    assert found is not None
    first = min([found.lineno, *(one.lineno for one in getattr(found, "decorator_list", []))]) - 1
    while first and lines[first - 1].lstrip().startswith("# "):
        first -= 1
    return _dedented(lines[first : found.end_lineno])


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return [getattr(node, "name", "")]


def _braces(text: str, name: str) -> str:
    """A function, method or class of JavaScript or Go, from its head to the brace below it, with the comment above it."""
    lines = text.splitlines(keepends=True)
    before = r"(?:export )?(?:async )?(?:(?:function|func|const|let|class) )?(?:\(.*?\) )?"
    head = re.compile(rf"^( *|\t*){before}{re.escape(name)}\b.*[{{(]$")
    for at, line in enumerate(lines):
        if found := head.match(line.rstrip()):
            end = next(n for n, one in enumerate(lines[at + 1 :], at + 1) if re.match(rf"{found[1]}[}})]", one))
            while at and lines[at - 1].lstrip().startswith("//"):
                at -= 1
            return _dedented(lines[at : end + 1])
    return ""


def _table(text: str, name: str) -> str:
    """A table of a TOML file: from its header to the next."""
    found = re.search(rf"^\[{re.escape(name)}\].*?(?=^\[|^# |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[0].rstrip() + "\n" if found else ""


def _dedented(lines: list[str]) -> str:
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "".join(line[indent:] if line.strip() else "\n" for line in lines)
