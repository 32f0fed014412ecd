"""The documentation as a site: built strictly, in two languages, and read without asking anybody else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handbook import site
from handbook.blocks import ROOT

_ASKED = re.compile(r"""(?:<(?:script|img|iframe|source)\b[^>]*\bsrc|<link\b[^>]*\bhref)=["']?(?:https?:)?//""")
_IMPORTED = re.compile(r"""(?:@import|url\()\s*["']?(?:https?:)?//""")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    assert site.build(out) == 0
    return out


@pytest.mark.nightly
def test_every_page_that_its_lists_name_is_there_in_both_languages(built: Path) -> None:
    english, chinese = _pages(site.english()), _pages(site.chinese())
    assert {"docs/mend/fallback-ticket.md", "docs/mend/1001.md", "docs/target-reference.md"} <= set(english)
    for out, pages in ((built, english), (built / "zh", chinese)):
        assert [page for page in pages if not _html_of(out, page).is_file()] == []


@pytest.mark.nightly
def test_the_chinese_site_is_chinese_and_each_leads_to_the_other(built: Path) -> None:
    start = (built / "zh" / "docs" / "zh" / "five-minutes" / "index.html").read_text(encoding="utf-8")
    assert 'lang="zh"' in start
    assert "五分钟上手" in start
    for page in (built / "docs" / "limits" / "index.html", built / "zh" / "docs" / "zh" / "five-minutes" / "index.html"):
        to = dict(re.findall(r'href="([^"]+)" hreflang="(\w+)"', page.read_text(encoding="utf-8")))
        assert set(to.values()) == {"en", "zh"}
        for link, lang in to.items():
            assert (page.parent / link / "index.html").resolve().is_file(), (lang, link)


@pytest.mark.nightly
def test_nothing_of_it_is_fetched_from_another_host(built: Path) -> None:
    pages = [page for page in built.rglob("*.html") if _ASKED.search(page.read_text(encoding="utf-8"))]
    styles = [style for style in built.rglob("*.css") if _IMPORTED.search(style.read_text(encoding="utf-8"))]
    assert (pages, styles) == ([], [])


def test_a_link_that_leads_nowhere_fails_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def staged(folder: Path) -> None:
        folder.mkdir()
        (folder / "README.md").write_text("# x\n\n[gone](docs/gone.md)\n", encoding="utf-8")

    monkeypatch.setattr(site, "stage", staged)
    monkeypatch.setattr(site, "english", lambda: [("x", "README.md")])
    assert site.build(tmp_path / "site") != 0
    told = capfd.readouterr().err
    assert "page does not exist" in told
    assert "Traceback" not in told


def test_every_document_is_staged_with_what_it_links_to(tmp_path: Path) -> None:
    site.stage(tmp_path / "pages")
    for name in ("README.md", "docs/zh/index.md", "fixtures/shop/captchaos.toml", "reports/sample/summary.md"):
        assert (tmp_path / "pages" / name).read_bytes() == (ROOT / name).read_bytes()


def _pages(nav: site.Nav) -> list[str]:
    return [page for _name, to in nav for page in (_pages(to) if isinstance(to, list) else [to])]


def _html_of(out: Path, page: str) -> Path:
    folder = page.removesuffix(".md")
    parts = [part for part in folder.split("/") if part not in ("index", "README")]
    return out.joinpath(*parts, "index.html")
