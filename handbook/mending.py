"""The pages on how to mend a finding, as reports show them: fragments of HTML that ship with the package, and their index.

A report is read offline and kept for years, so it carries its pages with it. They are made beforehand, so that a run needs no
Markdown library; a test holds what is shipped against the pages in docs/.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import markdown

from handbook.blocks import ROOT
from harness.judge import ORACLES
from harness.providers.base import PROVIDERS

PAGES = {"en": ROOT / "docs" / "mend", "zh": ROOT / "docs" / "zh" / "mend"}
SHIPPED = ROOT / "harness" / "report" / "mending"
FALLBACK = "fallback-tickets"

_COMMENT = re.compile(r"^<!--.*?-->\n", re.MULTILINE)
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
_NEIGHBOUR = re.compile(r"([a-z0-9-]+)\.md")
_LEAD = re.compile(r"^\*\*(.+?)[.。]\*\*$", re.MULTILINE)
_WORDS = {
    "en": (
        "How to mend a finding",
        "Oracles",
        "Failure modes in the browser",
        "Failure modes at the server",
        "Each page says what red means, what usually causes it, how it is mended, in code that works (quoted from the "
        "reference shop, which passes every oracle), and which shop of the zoo has that very bug. Reports carry these "
        "pages with them.",
        "Read first",
    ),
    "zh": (
        "如何修复问题",
        "检查项",
        "浏览器侧失败模式",
        "服务端侧失败模式",
        "每页都说明：红色意味着什么、常见原因、怎样修复（代码引自通过全部检查的示例商店），以及动物园里哪家商店带有该缺陷。报告自带这些页面。",
        "请先读",
    ),
}


def oracles() -> list[str]:
    """The slugs of this repository's oracles."""
    return sorted(name for name, one in ORACLES.all().items() if type(one).__module__.startswith("harness."))


def codes() -> list[str]:
    """The codes of every failure mode of every provider of this repository, in order."""
    found = {mode.code for provider in PROVIDERS for mode in provider.modes}
    return [str(code) for code in sorted(found)]


def index(lang: str) -> str:
    """The first page of one language, made from what the others say of themselves."""
    title, by_oracle, in_browser, at_server, what, first = _WORDS[lang]
    server = [code for code in codes() if code.startswith("2")]
    parts = [
        f"# {title}", "", what, "", f"{first}: [{FALLBACK}]({FALLBACK}.md) · {_lead(lang, FALLBACK)}", "",
        *_table(lang, by_oracle, oracles()),
        *_table(lang, in_browser, [code for code in codes() if code not in server]),
        *_table(lang, at_server, server),
    ]  # fmt: skip
    return "\n".join(parts).rstrip() + "\n"


def _table(lang: str, title: str, names: list[str]) -> list[str]:
    return [f"## {title}", "", "| | |", "|---|---|", *(f"| [{name}]({name}.md) | {_lead(lang, name)} |" for name in names), ""]


def _lead(lang: str, name: str) -> str:
    found = _LEAD.search((PAGES[lang] / f"{name}.md").read_text(encoding="utf-8"))
    if not found:
        raise ValueError(f"{PAGES[lang].name}/{name}.md must say in a line of its own, in bold, what it is about")
    return found[1]


def fragments(lang: str) -> Iterator[tuple[str, str]]:
    """Name and HTML of every page of one language but the index."""
    for page in sorted(PAGES[lang].glob("*.md")):
        if page.stem != "index":
            yield page.stem, fragment(page.read_text(encoding="utf-8"))


def fragment(page: str) -> str:
    """One page as HTML: links to its neighbours stay, those to other documents are words, for a report has not got these."""
    made = markdown.markdown(_COMMENT.sub("", page), extensions=["fenced_code", "tables"], output_format="html")
    return _LINK.sub(_link, made) + "\n"


def _link(found: re.Match[str]) -> str:
    neighbour = _NEIGHBOUR.fullmatch(html.unescape(found[1]))
    return f'<a href="{neighbour[1]}.html">{found[2]}</a>' if neighbour else found[2]


def shipped() -> Iterator[tuple[Path, str]]:
    """Every file that ships, with what it must hold."""
    for lang in PAGES:
        for name, text in fragments(lang):
            yield SHIPPED / lang / f"{name}.html", text
