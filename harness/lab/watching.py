"""Wait for what a user would see, from inside the page: one look every 50 ms, in real time, through navigations.

Playwright's own waits look again after up to half a second: too late to date an outcome by, and too long to be paid four times
in every scenario.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

LOOK_MS = 50
ROUND_TRIPS = 3
# Playwright's own selector engines (text=, xpath=, role=, >>) are none that a page's querySelector knows.
_NOT_CSS = re.compile(r">>|^\s*(?:[a-z_:]+=|//|\.\.)|:(?:has-text|text|visible|nth-match)\b")

_FIRST_VISIBLE = """selectors => {
  const shown = element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility !== "hidden";
  };
  const found = selectors.findIndex(selector => [...document.querySelectorAll(selector)].some(shown));
  return found < 0 ? null : { found };
}"""

_ANSWER = """() => new Promise(done => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(0);
  channel.port2.postMessage(0);
})"""


async def first_visible(page: Page, selectors: Sequence[str]) -> int:
    """Return the place of the first of these selectors that can be seen; wait for ever otherwise."""
    if any(_NOT_CSS.search(selector) for selector in selectors):
        return await _by_locators(page, selectors)
    while True:
        try:
            handle = await page.wait_for_function(_FIRST_VISIBLE, arg=list(selectors), polling=LOOK_MS, timeout=0)
            return int((await handle.json_value())["found"])
        except PlaywrightError:
            # The page went on to another document while it was looked at: look at that one.
            if page.is_closed():
                raise


async def _by_locators(page: Page, selectors: Sequence[str]) -> int:
    any_of = page.locator(selectors[0])
    for selector in selectors[1:]:
        any_of = any_of.or_(page.locator(selector))
    await any_of.first.wait_for(state="visible", timeout=0)
    for place, selector in enumerate(selectors):
        if await page.locator(selector).first.is_visible():
            return place
    return 0


async def longest_answer_ms(page: Page) -> float | None:
    """Ask the page's event loop for an answer a few times; returns the longest it took in real ms, None when it went away."""
    longest = 0.0
    try:
        for _ in range(ROUND_TRIPS):
            asked = time.monotonic()
            await page.evaluate(_ANSWER)
            longest = max(longest, (time.monotonic() - asked) * 1000)
    except PlaywrightError:
        return None
    return round(longest, 1)
