"""The documents tell the truth where a machine can check it: links, commands, targets, files, and the two READMEs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from handbook.blocks import documents
from harness.cli.main import build_parser
from harness.errors import ExitCode

ROOT = Path(__file__).resolve().parents[3]

# Which section of the Chinese README is which of the English one, in their order.
SECTIONS = {
    "captchaos": "captchaos",
    "What it is": "它是什么",
    "Why this and not something else": "为什么不用别的工具",
    "Five-minute start": "五分钟上手",
    "What a green run means": "绿色意味着什么",
    "What a red run looks like": "红色长什么样",
    "Your own application": "测试你自己的应用",
    "What is not there yet": "还没有的",
    "Documents": "文档",
    "Licence": "许可证",
}

# The start page alone is another: it leads to what there is in Chinese.
CHINESE = [page for page in sorted((ROOT / "docs" / "zh").rglob("*.md")) if page != ROOT / "docs" / "zh" / "index.md"]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\[[^\]\[]*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^(#{1,4}) (.+)$", re.MULTILINE)
_COMMAND = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?(captchaos(?: .*)?)$")
_MAKE = re.compile(r"\bmake ([a-z][\w-]*)")
_NAMED_FILE = re.compile(r"^(?:harness|suites|fixtures|docs|reports)/[\w./-]+$")
_MACHINE = re.compile(r"(?<![\w.~<-])/(?:root|home|Users|work|tmp|opt|mnt)/\w")


def named(path: Path) -> str:
    """A document's name in a test's id."""
    return str(path.relative_to(ROOT))


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", text)


def command_lines(text: str) -> Iterator[str]:
    """Every command line of captchaos in fenced blocks and in inline code, without prompt, comment and what is piped on."""
    for language, block in _FENCE.findall(text):
        for line in block.splitlines() if language in ("", "console") else ():
            yield from _command(line)
    for span in _SPAN.findall(prose(text)):
        yield from _command(span)


def _command(line: str) -> Iterator[str]:
    found = _COMMAND.match(re.split(r" #| \||;|&&", line.strip())[0].rstrip())
    if found:
        yield found.group(1)


def anchors(text: str) -> set[str]:
    """The anchors that a Markdown reader makes of the headings."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for _level, title in _HEADING.findall(prose(text))}


def both_readmes() -> list[str]:
    """The English README and the Chinese one."""
    return [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")]


every_document = pytest.mark.parametrize("path", documents(), ids=named)


@every_document
def test_every_relative_link_leads_to_a_file_or_heading(path: Path) -> None:
    dead = []
    for link in _LINK.findall(prose(path.read_text(encoding="utf-8"))):
        place, _, anchor = unquote(link).partition("#")
        if "://" in place or place.startswith("mailto:"):
            continue
        file = path.parent / place if place else path
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            dead.append(link)
    assert dead == []


@every_document
def test_every_command_line_is_one_the_real_parser_takes(path: Path) -> None:
    for line in command_lines(path.read_text(encoding="utf-8")):
        words = shlex.split(line)[1:]
        if not words:
            continue
        if {"--help", "--version"} & set(words):
            with pytest.raises(SystemExit, match=r"^0$"):
                build_parser().parse_args(words)
        else:
            build_parser().parse_args(words)


@every_document
def test_every_make_target_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    code = [block for language, block in _FENCE.findall(text) if language in ("", "console")] + _SPAN.findall(prose(text))
    asked = {target for piece in code for target in _MAKE.findall(piece)}
    assert asked <= targets


@every_document
def test_no_path_of_somebodys_machine_is_shown(path: Path) -> None:
    assert [found.group(0) for found in _MACHINE.finditer(path.read_text(encoding="utf-8"))] == []


@every_document
def test_every_file_named_in_code_exists(path: Path) -> None:
    spans = (span.partition(":")[0] for span in _SPAN.findall(prose(path.read_text(encoding="utf-8"))))
    missing = [span for span in spans if _NAMED_FILE.match(span) and not (ROOT / span).exists()]
    # Folders that a run makes are not there before it.
    assert [span for span in missing if not span.startswith("reports/")] == []


def test_the_chinese_readme_has_the_same_sections_in_the_same_order() -> None:
    english, chinese = (_HEADING.findall(prose(text)) for text in both_readmes())
    assert [title for _level, title in english] == list(SECTIONS)
    assert chinese == [(level, SECTIONS[title]) for level, title in english]


def test_both_readmes_show_the_same_commands() -> None:
    english, chinese = map(_shown, both_readmes())
    assert english == chinese
    assert "captchaos run reports/animals/F1 -k 1001-entry-refused" in english


def _shown(text: str) -> list[str]:
    blocks = "\n".join(block for language, block in _FENCE.findall(text) if language == "console")
    return [re.split(r" +#", line)[0][2:] for line in blocks.splitlines() if line.startswith("$ ")]


def test_the_index_of_the_documents_names_each_of_them() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / link).resolve() for link in _LINK.findall(index)}
    assert {path.resolve() for path in (ROOT / "docs").glob("*.md") if path.name != "index.md"} <= linked


def test_the_command_page_has_every_verb_option_and_exit_code() -> None:
    page = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
    (verbs,) = (a for a in build_parser()._actions if a.dest == "verb")  # argparse has no public way to list what it knows
    assert verbs.choices is not None
    for verb, parser in verbs.choices.items():
        assert f"## captchaos {verb}\n" in page
        options = {option for action in parser._actions for option in action.option_strings} - {"-h", "--help"}
        assert {option for option in options if f"`{option}" not in page} == set()
    for code in ExitCode:
        assert re.search(rf"^\| {code.value} \|", page, re.MULTILINE), code


def test_the_one_scenario_of_the_architecture_page_is_planned() -> None:
    from harness.plan.build import make_plan
    from harness.target.loader import find_target, load_target

    ids = {scenario.id for scenario in make_plan(load_target(find_target(None))).scenarios}
    named_ids = set(re.findall(r"\blogin-1004-[a-z-]+\b", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")))
    assert named_ids
    assert named_ids <= ids


@pytest.mark.parametrize("page", CHINESE, ids=named)
def test_a_chinese_page_keeps_up_with_the_english_one(page: Path) -> None:
    """Section by section: as many headings, rows, points and blocks as there."""
    english = ROOT / "docs" / page.relative_to(ROOT / "docs" / "zh")
    assert _shape(page) == _shape(english)


def _shape(page: Path) -> list[tuple[int, int, int, list[str]]]:
    """Of each section how many headings, rows and points it has, and the languages of its blocks."""
    text = page.read_text(encoding="utf-8")
    return [
        (
            len(re.findall(r"^#", prose(section), re.M)),
            len(re.findall(r"^\|", prose(section), re.M)),
            len(re.findall(r"^(?:[-*]|\d+\.) ", prose(section), re.M)),
            [language for language, _ in _FENCE.findall(section)],
        )
        for section in re.split(r"^(?=## )", text, flags=re.M)
    ]
