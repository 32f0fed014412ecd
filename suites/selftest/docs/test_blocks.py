"""Every command and every block of code in the documents is tried; one that cannot be says why, and is counted here."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from handbook.blocks import ROOT, Block, blocks_in, blocks_of, prompts
from handbook.quotes import quoted
from harness.zoo.animals import load_animal
from suites.selftest.docs.trying import (
    QUOTED_ONLY,
    all_blocks,
    blocks,
    is_quick,
    python_blocks,
    registries_kept,
    script_of,
    stage,
    try_json,
    try_python,
    try_quickly,
    try_session,
    try_toml,
    try_yaml,
)

LANGUAGES = {"", "console", "python", "pycon", "toml", "json", "yaml", *QUOTED_ONLY}
SCENARIO = "login-1004-frame-refused-cold"
# Why blocks are not run, and how many there are of each: a new one is a decision, and stands here.
NOT_RUN = {
    "each runs one scenario many times over; suites/selftest/explore replays one, and makes one small": 2,
    "it asks questions, and writes what the rest of this page explains; its own tests answer them": 2,
    "it made the sample beside it, which suites/selftest/docs/test_sample_run.py judges anew": 1,
    "it needs an application of yours; its own tests run it on the examples": 1,
    "it searches for as long as it is told; suites/selftest/explore runs a search of each kind": 3,
    "it searches for minutes to hours; suites/selftest/cliff looks on either side of an edge of each kind": 3,
    "it serves until somebody ends it; suites/selftest/serve starts, asks and ends each": 1,
    "it serves until somebody ends it; suites/selftest/shop starts it like this": 1,
    "it takes hours; `make nightly` runs all of it": 5,
    "its own test holds it against both limits, and types all of it anew by night": 2,
    "suites/selftest/acceptance types it in the wheel's environment, and holds what is printed against it": 16,
    "the same commands as in README.md, against which a test holds them": 3,
    "the same commands as in README.md, where they are": 4,
}


def each(found: list[Block]) -> pytest.MarkDecorator:
    """A test for each of these blocks, named by where it stands."""
    return pytest.mark.parametrize("block", found, ids=lambda block: block.name)


def test_every_block_is_in_a_language_that_is_tried() -> None:
    assert {block.language for block in all_blocks()} <= LANGUAGES
    # Without a language it is output: a command in it would be tried by nobody.
    hidden = [block.name for block in all_blocks() if not block.language and _commands(block)]
    assert hidden == []


def _commands(block: Block) -> list[str]:
    commands = ("$ ", "captchaos run", "pytest ", "make ", "pip install")
    return [line for line in block.text.splitlines() if line.startswith(commands)]


def test_each_block_of_a_language_that_only_the_sources_run_is_quoted_from_them() -> None:
    untold = [block for block in all_blocks() if not {"quote", "as there"} & set(block.notes)]
    assert [block.name for block in untold if block.language in QUOTED_ONLY] == []


def test_what_is_quoted_stands_in_its_source_like_this() -> None:
    quotes = [block for block in all_blocks() if "quote" in block.notes]
    assert len(quotes) > 200
    assert [block.name for block in quotes if (block.language, block.text) != quoted(block.notes["quote"])] == []


def test_what_a_chinese_page_has_as_there_stands_in_the_english_page_like_this() -> None:
    same = [block for block in all_blocks() if "as there" in block.notes]
    assert [block.name for block in same if (block.language, block.text) not in _in_english(block)] == []


def _in_english(block: Block) -> set[tuple[str, str]]:
    there = ROOT / "docs" / block.path.relative_to(ROOT / "docs" / "zh")
    return {(one.language, one.text) for one in blocks_of(there)}


def test_what_is_not_run_says_why_and_is_counted() -> None:
    told = Counter(block.notes["not run"] for block in all_blocks() if "not run" in block.notes)
    assert all(len(reason) > 20 for reason in told), "a reason is a sentence"
    assert dict(told) == NOT_RUN


def test_every_console_block_for_every_day_is_quick() -> None:
    slow = [block.name for block in blocks("console") if not all(map(is_quick, prompts(block)))]
    assert slow == [], "say <!-- nightly --> above it, or why it is not run"
    assert [block.name for block in all_blocks() if block.language == "console" and not prompts(block)] == []


def test_the_quick_commands_run(capfd: pytest.CaptureFixture[str]) -> None:
    """One by one they would be tried many times over: the same line stands in many places."""
    lines = dict.fromkeys(line for block in blocks("console") for line in prompts(block) if is_quick(line))
    assert "captchaos --version" in lines
    assert {line: code for line in lines if (code := try_quickly(line))} == {}
    assert capfd.readouterr().out


@pytest.mark.parametrize("document", list(dict.fromkeys(block.path for block in python_blocks())), ids=lambda path: path.stem)
def test_the_python_of_a_page_runs_from_its_top_to_its_end(document: Path) -> None:
    names: dict[str, object] = {"__name__": "shown"}
    with registries_kept():
        for block in python_blocks(blocks_of(document)):
            if before := block.notes.get("after"):
                try_python(before, names, block.name)
            if block.language == "pycon":
                assert try_session(block.text, names, block.name) == ""
            else:
                try_python(block.text, names, block.name)


@each([block for block in blocks("python") if "of" in block.notes])
def test_a_part_of_a_python_file_stands_in_it(block: Block) -> None:
    source = [line.strip().rstrip(",") for line in (ROOT / block.notes["of"]).read_text(encoding="utf-8").splitlines()]
    shown = [line.strip().rstrip(",") for line in block.text.splitlines() if not line.lstrip().startswith("#")]
    assert [line for line in shown if line not in source] == []


@each(blocks("toml"))
def test_a_block_of_toml_is_a_right_part_of_its_file(block: Block, tmp_path: Path) -> None:
    assert try_toml(block) == []
    if block.notes.get("of") == "expected.toml":
        folder = tmp_path / tomllib.loads(block.text)["bug"]
        folder.mkdir()
        (folder / "bug.patch").touch()
        (folder / "expected.toml").write_text(block.text, encoding="utf-8")
        assert load_animal(folder).findings


@each(blocks("json"))
def test_a_block_of_json_can_be_read(block: Block) -> None:
    try_json(block)


@each(blocks("yaml"))
def test_a_workflow_can_be_read_and_its_commands_are_right(block: Block) -> None:
    try_yaml(block)


def test_a_note_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no note is called nightlie"):
        list(blocks_in("<!-- nightlie -->\n```console\n$ captchaos run\n```\n", ROOT / "README.md"))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a checkout, with one run in it."""
    folder = tmp_path_factory.mktemp("checkout")
    stage(folder)
    done = _shell(folder, f"captchaos run -k {SCENARIO} --jobs 1 --out reports/one-run")
    # On a busy machine it may be unknown; a run it is.
    assert done.returncode in (0, 2), done.stdout + done.stderr
    return folder


@pytest.mark.nightly
@pytest.mark.timeout(1800)
@each(blocks("console", note="nightly"))
def test_the_long_commands_run(block: Block, checkout: Path) -> None:
    """In the order of the pages: what one block leaves, the next one uses."""
    done = _shell(checkout, script_of(block, "reports/one-run", SCENARIO))
    assert done.returncode == int(block.notes["nightly"].removeprefix("exit code ") or 0), done.stdout + done.stderr


def _shell(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
