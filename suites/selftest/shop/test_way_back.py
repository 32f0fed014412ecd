"""Where the login page lets people go on to: a page of the shop's own that its address names, and nowhere else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote

from playwright.async_api import async_playwright

from harness.setup.browser import find_browser
from suites.selftest.shop.parts import FIXTURES, FakeApi, running

# What the address says, and where that leads; {shop} is the shop's own address.
NAMED = {
    "/checkout": "{shop}/checkout",
    "{shop}/register?a=1": "{shop}/register?a=1",
    "": "",
    "https://elsewhere.example/": "",
    "//elsewhere.example/": "",
    "/\\elsewhere.example/": "",
    "javascript:alert(1)": "",
    "data:text/html,x": "",
    "https://[": "",
    "{shop}@elsewhere.example/": "",
    "{shop}.elsewhere.example/": "",
}


_ASK = """async queries => {
  const { finish, wayBack } = await import("/static/page.js");
  const link = document.getElementById("onwards");
  return Object.fromEntries(Object.entries(queries).map(([named, query]) => {
    history.replaceState(null, "", query);
    link.hidden = true;
    finish("Done", wayBack());
    return [named, link.hidden ? "" : link.href];
  }));
}"""


async def ways_back(shop: str) -> dict[str, str]:
    """Ask the page itself, at each address, where it would let the user go on to."""
    found = await find_browser()
    queries = {named: f"?next={quote(named.replace('{shop}', shop), safe='')}" for named in NAMED}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found.path)
        page = await browser.new_page()
        await page.goto(f"{shop}/login", wait_until="domcontentloaded")
        ways: dict[str, str] = await page.evaluate(_ASK, queries)
        await browser.close()
    return ways


def test_only_a_page_of_the_shops_own_is_a_way_back(tmp_path: Path) -> None:
    with running(FIXTURES / "shop", FakeApi(), tmp_path) as shop:
        assert asyncio.run(ways_back(shop.url)) == {named: to.replace("{shop}", shop.url) for named, to in NAMED.items()}
