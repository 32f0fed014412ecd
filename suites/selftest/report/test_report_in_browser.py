"""The pages in a real browser: from the file system, without a network, without JavaScript, on a phone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from harness.report.build import build_report
from suites.selftest.report.samples import hostile, realistic, write_png

SHELLS = ("/usr/lib/chromium/chromium-headless-shell", shutil.which("chromium-headless-shell") or "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    shell = next((path for path in SHELLS if path and os.access(path, os.X_OK)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shell)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def shop_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    journal, judgements = realistic()
    write_png(out / "data" / "seen.png")
    return build_report(journal, judgements, out)


@pytest.fixture
def watched(browser: Browser) -> Iterator[tuple[BrowserContext, list[str]]]:
    """A context, and everything in it that went wrong or left the file system."""
    context = browser.new_context()
    troubles: list[str] = []
    context.on("console", lambda said: troubles.append(said.text))
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    context.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    context.on("request", lambda request: None if request.url.startswith("file:") else troubles.append(request.url))
    yield context, troubles
    context.close()


def opened(context: BrowserContext, path: Path) -> Page:
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def test_the_first_screen_says_the_verdict_and_what_to_mend(browser: Browser, shop_run: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, java_script_enabled=False)
    page.goto(shop_run.as_uri())
    headline = page.get_by_role("heading", name="2 of 144 scenarios fail")
    for part in (headline, page.get_by_text("How to mend it").first):
        box = part.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 800
    page.close()


def test_all_can_be_read_without_javascript(browser: Browser, shop_run: Path) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(shop_run.as_uri())
    assert page.locator(".scenarios tbody tr:visible").count() == 146
    assert page.locator("#filter").is_hidden()
    page.get_by_role("link", name="login-1006-config-hang").click()
    assert page.get_by_role("img", name="What happened when").is_visible()
    assert page.get_by_text("captchaos run -k login-1006-config-hang").is_visible()
    page.get_by_text("All events").click()
    assert page.get_by_text("clock-advanced").first.is_visible()
    page.close()


def test_the_filter_leaves_what_was_asked_for(watched: tuple[BrowserContext, list[str]], shop_run: Path) -> None:
    context, troubles = watched
    page = opened(context, shop_run)
    rows = page.locator(".scenarios tbody tr:visible")
    page.get_by_role("button", name="fail").click()
    assert rows.count() == 2
    page.get_by_role("button", name="all").click()
    page.get_by_role("searchbox").fill("CHECKOUT 1004")
    assert rows.count() == 4
    assert page.locator("#filter-left").inner_text() == "4 shown"
    assert troubles == []


def test_hostile_text_runs_nothing_and_asks_for_nothing(watched: tuple[BrowserContext, list[str]], tmp_path: Path) -> None:
    context, troubles = watched
    index = build_report(*hostile(), tmp_path)
    for path in (index, *(tmp_path / "data" / "scenarios").iterdir()):
        page = opened(context, path)
        assert "<img src=x onerror=alert(1)>" in page.locator("body").inner_text()
        assert page.locator("img").count() == 0
    assert troubles == []


def test_no_page_is_wider_than_a_phone(browser: Browser, shop_run: Path, tmp_path: Path) -> None:
    worst = build_report(*hostile(text="x" * 5000), tmp_path)
    for index in (shop_run, worst):
        for path in (index, next((index.parent / "data" / "scenarios").iterdir())):
            page = browser.new_page(viewport={"width": 390, "height": 844})
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") == 390, path
            page.close()


def test_a_screenshot_is_shown_under_the_policy_of_the_page(watched: tuple[BrowserContext, list[str]], tmp_path: Path) -> None:
    context, troubles = watched
    journal, judgements = realistic(tmp_path)
    build_report(journal, judgements, tmp_path)
    page = opened(context, tmp_path / "data" / "scenarios" / "login-1006-config-hang.html")
    picture = page.locator(".screens img")
    picture.scroll_into_view_if_needed()
    picture.evaluate("img => img.decode()")
    assert picture.evaluate("img => img.naturalWidth") == 320
    assert troubles == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_has_contrast(browser: Browser, shop_run: Path, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text."""
    context = browser.new_context(color_scheme="light" if scheme == "light" else "dark")
    for path in (shop_run, shop_run.parent / "data" / "scenarios" / "checkout-1004-frame-refused.html"):
        page = opened(context, path)
        assert page.evaluate(POOR_CONTRAST) == []
    context.close()


POOR_CONTRAST = """() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  for (const node of document.querySelectorAll("body *:not(svg *)")) {
    if (![...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !node.getClientRects().length) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.add(`${node.tagName}.${node.className}: ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
  }
  return [...poor];
}"""
