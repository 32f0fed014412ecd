"""From an application that has never heard of captchaos to its report, with what the wheel installs, as the page shows it.

The page's commands are what is run here, in a folder outside the repository, and what it shows of their output is held against
what they print: whatever a number is, and what an ellipsis leaves out.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from handbook.blocks import Block, blocks_in
from suites.selftest.acceptance.command import REPOSITORY, House
from suites.selftest.acceptance.conftest import build_house, of_wheel
from suites.selftest.examples.made_ready import made_ready

PAGE = REPOSITORY / "docs" / "your-application.md"
CHINESE = REPOSITORY / "docs" / "zh" / "your-application.md"
TOOLS = {"flask": "python3", "express": "npm", "go": "go", "java": "javac"}
ELLIPSIS = "…"


def transcript(name: str, page: Path = PAGE) -> list[Block]:
    """The blocks of an example's section."""
    _, found, rest = page.read_text(encoding="utf-8").partition(f"\n### {name}\n")
    assert found, f"{page.name} shows no {name}"
    return list(blocks_in(re.split(r"^##", rest, maxsplit=1, flags=re.M)[0], page))


@pytest.fixture
def house(tmp_path: Path, toxiproxy_path: Path, venv: Path) -> House:
    """A house outside the repository, whose command is the wheel's."""
    return of_wheel(build_house(tmp_path / "house", toxiproxy_path), venv / "bin" / "captchaos")


@pytest.mark.parametrize("name", ["flask", *(pytest.param(name, marks=pytest.mark.nightly) for name in list(TOOLS)[1:])])
@pytest.mark.timeout(900)
def test_an_application_comes_to_its_report_as_the_page_shows(name: str, house: House) -> None:
    # Flask is never left out; that a user's machine has no Go or no JDK is no fault of captchaos.
    if shutil.which(TOOLS[name]) is None:
        pytest.skip(f"this machine has no {TOOLS[name]}")
    folder = made_ready(name, house.root)
    for ours in ("captchaos.toml", "flows.py"):
        (folder / ours).unlink()
    blocks = transcript(name)
    assert [words[1] for block in blocks for words, _ in commands(block)] == ["init", "doctor", "run"]
    for block in blocks:
        if block.language == "toml":
            edit(folder / "captchaos.toml", block.text)
        for words, shown in commands(block):
            done = house.run(*words[1:])
            assert done.returncode == 0, done.stdout + done.stderr
            assert is_shown(shown, done.stdout), f"the page shows\n{shown}\nand it printed\n{done.stdout}{done.stderr}"
    assert [file.name for file in house.root.glob("reports/*/index.html")] == ["index.html"]
    assert house.left_behind() == []


@pytest.mark.parametrize("name", list(TOOLS))
def test_the_chinese_page_shows_the_same(name: str) -> None:
    ours, theirs = ([(one.language, one.text) for one in transcript(name, page)] for page in (PAGE, CHINESE))
    assert ours == theirs
    assert len(ours) >= 2


def test_only_what_an_ellipsis_leaves_out_may_be_missing() -> None:
    assert is_shown(
        "ok   ready after 0.2 s\n…\nreport: reports/1-2/index.html\n",
        "ok   ready after 31 ms\na\nb\nreport: reports/3-4/index.html\n",
    )
    assert is_shown("a … c\n", "a b c\n")
    assert not is_shown("a\nc\n", "a\nb\nc\n")
    assert not is_shown("a\n", "a\nb\n")
    assert not is_shown("ok   ready\n", "bad  ready\n")


def commands(block: Block) -> list[tuple[list[str], str]]:
    """The commands of a console block, as words, each with what is shown of its output."""
    if block.language != "console":
        return []
    parts = re.split(r"^\$ ", block.text, flags=re.M)
    assert parts[0] == ""
    return [(shlex.split(line), shown) for line, _, shown in (part.partition("\n") for part in parts[1:])]


def is_shown(shown: str, printed: str) -> bool:
    """Whether output is what a page shows of it; numbers differ, and with them units of time."""
    lines = [
        r"(?:[^\n]*\n)*" if line.strip() == ELLIPSIS else re.escape(line).replace(ELLIPSIS, r"[^\n]*") + "\n"
        for line in _without_numbers(shown).splitlines()
    ]
    return re.fullmatch("".join(lines), _without_numbers(printed)) is not None


def _without_numbers(text: str) -> str:
    return re.sub(r"# (?:ms|s|min)\b", "# s", re.sub(r"\d+(?:\.\d+)?", "#", text))


def edit(file: Path, tables: str) -> None:
    """Write whole tables into a target file: each over the one of its name, or at the end."""
    text = file.read_text(encoding="utf-8")
    for table in re.findall(r"^\[.*?(?=^\[|\Z)", tables, re.M | re.S):
        head = re.escape(table.splitlines()[0])
        text, found = re.subn(rf"^{head}\n.*?(?=^\[|^# \[|\Z)", lambda _, table=table: f"{table}\n", text, flags=re.M | re.S)
        text += "" if found else f"\n{table}"
    file.write_text(text, encoding="utf-8")
