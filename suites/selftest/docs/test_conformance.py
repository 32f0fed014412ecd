"""Each provider has its table of documented statements, each statement names a test, and each test is one that pytest runs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from suites.selftest.docs.conformance import DOCS, page

ROOT = DOCS.parent
PROVIDERS = ROOT / "harness" / "providers"
SECTION = page("providers.md").partition("## Held against the documents\n")[2].partition("\n## ")[0]
# Said of a row that only a page can show: the ticket of an entry script that never came.
BY_THE_PAGE = "not the client's"
# What a test calls that raises by itself, and the helpers of the areas that assert in its stead.
DEMANDING = {"raises", "expect", "run_state_machine_as_test", "documented", "assert_is_fallback"}

_LINK = re.compile(r"\[[^\]]*\]\(([^()#\s]+)[^()\s]*\)")
_TEST = re.compile(r"`(test_\w+)`")
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One provider's row: where its statements and its unknowns stand, and how many the page says there are."""

    use: str
    statements: tuple[Path, ...]
    unknowns: tuple[Path, ...]
    counts: tuple[int, int, int]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in _CELL.split(line)[1:-1]]


def tables(text: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Every table of a page: its head, and its rows."""
    for block in re.findall(r"(?:^\|.*\n)+", text + "\n", re.MULTILINE):
        lines = block.splitlines()
        if len(lines) > 2 and re.fullmatch(r"[|:\- ]+", lines[1]):
            yield cells(lines[0]), [cells(line) for line in lines[2:]]


def pages_in(cell: str) -> tuple[Path, ...]:
    return tuple((DOCS / link).resolve() for link in _LINK.findall(cell))


def the_rows() -> dict[str, Row]:
    [(_head, rows)] = tables(SECTION)
    found = {}
    for use, statements, many, tests, unknowns, unknown in rows:
        name = use.strip("`")
        found[name] = Row(
            use=name, statements=pages_in(statements), unknowns=pages_in(unknowns), counts=(int(many), int(tests), int(unknown))
        )
    return found


def statements_of(file: Path) -> list[list[str]]:
    """The rows of every table of a page that ends with a column of tests."""
    return [row for head, rows in tables(file.read_text(encoding="utf-8")) if head[-1] == "test" for row in rows]


def unknowns_of(file: Path) -> int:
    """The rows of tables that begin with what is not known, and the points of a list under the heading that says so."""
    text = file.read_text(encoding="utf-8")
    rows = sum(len(rows) for head, rows in tables(text) if head[0] in ("unknown", "not known", "not documented"))
    silent = text.partition("## Where the notes are silent")[2].partition("\n## ")[0]
    return rows + len(re.findall(r"^- ", silent, re.MULTILINE))


ROWS = the_rows()
every_provider = pytest.mark.parametrize("use", ROWS)


def named_by(use: str) -> set[str]:
    return {name for file in ROWS[use].statements for row in statements_of(file) for name in _TEST.findall(row[-1])}


def test_every_provider_folder_has_its_row() -> None:
    assert {folder.parent.name for folder in PROVIDERS.glob("*/provider.py")} == set(ROWS)


@every_provider
def test_every_statement_names_a_test(use: str) -> None:
    bare = [row for file in ROWS[use].statements for row in statements_of(file) if not _TEST.search(row[-1])]
    assert [row for row in bare if row[-1] != BY_THE_PAGE] == []


@every_provider
def test_the_figures_are_those_of_the_tables(use: str) -> None:
    row = ROWS[use]
    statements = sum(len(statements_of(file)) for file in row.statements)
    counted = (statements, len(named_by(use)), sum(map(unknowns_of, row.unknowns)))
    assert row.counts == counted, f"docs/providers.md has other figures for {use}: write these (statements, tests, unknowns)"
    assert min(row.counts) > 0


def test_every_test_that_a_table_names_is_collected() -> None:
    named = set().union(*map(named_by, ROWS))
    files = [file for file in (ROOT / "suites").rglob("test_*.py") if _defines(file, named)]
    # With what is too long for every day, and so is deselected otherwise.
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "nightly or not nightly", *map(str, files)]
    # What somebody asks of the run that this test is part of (-vv, say) would change how the names are printed.
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    told = subprocess.run(
        [*command, "-p", "no:cacheprovider"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]
    collected = set(re.findall(r"::(test_\w+)", told.stdout))
    assert named - collected == set()
    assert len(named) > 100


def test_no_test_that_a_table_names_is_empty() -> None:
    named = set().union(*map(named_by, ROWS))
    demanding = {name for file in (ROOT / "suites").rglob("test_*.py") for name in _demanding(file, named)}
    assert named - demanding == set(), "these have neither an assert nor a call that demands something"


def _demanding(file: Path, named: set[str]) -> Iterator[str]:
    """The named tests of a file that demand something."""
    if not _defines(file, named):
        return
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        its_name = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ""
        if its_name in named and any(map(_demands, ast.walk(node))):
            yield its_name


def _demands(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        called = node.func
        return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in DEMANDING
    return isinstance(node, ast.Assert)


def _defines(file: Path, named: set[str]) -> bool:
    return not named.isdisjoint(re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8")))
