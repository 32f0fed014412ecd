"""Every oracle and every failure mode has a page on how to mend it, in both languages, and reports lead to them."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from handbook import mending
from handbook.__main__ import made
from handbook.blocks import ROOT, blocks_of
from handbook.quotes import quoted
from harness.journal.reader import read_journal
from harness.judge.verdict import judge_run
from harness.report.build import build_report
from harness.report.mending import shipped
from harness.report.words import LANGUAGES, oracle_title, translator

every_language = pytest.mark.parametrize("lang", LANGUAGES)
# The vendors' documents and DESIGN.md number these; providers add their own.
NUMBERED = {*map(str, range(1001, 1015)), *map(str, range(2001, 2007))}


@every_language
def test_every_oracle_and_every_failure_mode_has_its_page(lang: str) -> None:
    pages = {path.stem for path in mending.PAGES[lang].glob("*.md")}
    assert len(mending.oracles()) == 18
    assert set(mending.codes()) >= NUMBERED
    assert pages == {*mending.oracles(), *mending.codes(), "fallback-tickets", "index"}


@every_language
def test_a_page_is_headed_by_the_words_that_the_report_uses(lang: str) -> None:
    for slug in mending.oracles():
        page = (mending.PAGES[lang] / f"{slug}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {slug}\n\n**{oracle_title(slug, translator(lang))}"), slug


@every_language
def test_each_page_shows_code_for_a_side_or_says_that_nothing_is_to_mend_there(lang: str) -> None:
    for name in (*mending.oracles(), *mending.codes()):
        page = mending.PAGES[lang] / f"{name}.md"
        sides = re.findall(r"^## (?:Front end|Back end|前端|后端)\n\n(.+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(sides) == 2, page
        assert list(blocks_of(page)), f"{name} shows no code"


def test_the_same_code_is_quoted_in_both_languages() -> None:
    for name in (*mending.oracles(), *mending.codes(), "fallback-tickets"):
        english, chinese = (_quotes(mending.PAGES[lang] / f"{name}.md") for lang in LANGUAGES)
        assert english == chinese, name


@every_language
def test_every_block_of_a_page_is_quoted_from_the_shop_that_all_oracles_pass(lang: str) -> None:
    for page in sorted(mending.PAGES[lang].glob("*.md")):
        for block in blocks_of(page):
            assert block.notes["quote"].startswith("fixtures/shop/"), block.name


def test_what_is_made_from_the_sources_is_current() -> None:
    stale = [path.name for path, text in made() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `python -m handbook write`"


def test_nothing_is_shipped_that_no_page_makes() -> None:
    assert {path for path in mending.SHIPPED.rglob("*") if path.is_file()} == {path for path, _ in mending.shipped()}


def test_a_quote_of_what_is_not_there_is_refused() -> None:
    shop = "fixtures/shop"
    for said in (f"{shop}/static/guards.js loadEntrance", f"{shop}/shop/gate.py Gate.verdicts", f"{shop}/none.py x"):
        with pytest.raises(ValueError, match=r"is quoted and does not exist|could be quoted"):
            quoted(said)


@every_language
def test_a_report_leads_from_each_finding_to_pages_that_lie_beside_it(lang: str, tmp_path: Path) -> None:
    journal = read_journal(ROOT / "reports" / "sample" / "journal.jsonl")
    judged = judge_run(journal.records)
    index = build_report(journal, judged, tmp_path, lang=lang)
    found = {finding.oracle for one in judged.values() for finding in one.findings}
    assert found, "the sample has findings"
    linked = _links(index)
    assert {f"data/mend/{slug}.html" for slug in found} <= linked
    for page in tmp_path.rglob("*.html"):
        dead = [to for to in _links(page) if not (page.parent / to).is_file()]
        assert dead == [], page.name


def test_a_report_without_findings_carries_no_pages(tmp_path: Path) -> None:
    journal = read_journal(ROOT / "reports" / "sample" / "journal.jsonl")
    build_report(journal, judge_run(journal.records), tmp_path)
    build_report(journal, {}, tmp_path)
    assert list((tmp_path / "data" / "mend").iterdir()) == []


@every_language
def test_a_shipped_page_asks_nothing_of_a_network(lang: str) -> None:
    for name, page in shipped(lang).items():
        assert not re.search(r"<(?:script|img|link|iframe|style)\b|(?:href|src)=.https?:", page), name


def _links(page: Path) -> set[str]:
    """The pages that a page leads to, without what is a place in one."""
    found = (unquote(link.partition("#")[0]) for link in re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8")))
    return {link for link in found if link}


def _quotes(page: Path) -> list[str]:
    return [block.notes.get("quote", "") for block in blocks_of(page)]
