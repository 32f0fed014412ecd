"""docs/strategies.md tells the truth: its tests pass, its sessions say what they show, and its tables are whole."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from harness import strategies
from harness.strategies import BUGS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "strategies.md"
TEXT = PAGE.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_the_tests_that_it_shows_pass(number: int, tmp_path: Path) -> None:
    file = tmp_path / f"test_shown_{number}.py"
    file.write_text(blocks("python")[number], encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tests = [one for name, one in vars(module).items() if name.startswith("test_")]
    assert len(tests) == 1
    tests[0]()


def test_the_sessions_that_it_shows_say_what_they_show() -> None:
    names: dict[str, Any] = {}
    runner = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF)
    before = settings.get_current_profile_name()
    for block in blocks("pycon"):
        session = doctest.DocTestParser().get_doctest(block, names, PAGE.name, str(PAGE), 0)
        said: list[str] = []
        runner.run(session, out=said.append, clear_globs=False)
        assert "".join(said) == ""
        names = session.globs
    assert settings.get_current_profile_name() == before


def test_every_strategy_has_a_word_on_the_page() -> None:
    functions = [name for name in strategies.__all__ if name.islower() and name not in ("app_ids",)]
    assert [name for name in functions if f"`{name}" not in TEXT] == []


def test_every_near_miss_stands_in_its_table_with_its_bug() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.+?) \| `", TEXT, re.MULTILINE))
    assert rows == {bug.label: bug.makes for bug in BUGS}
