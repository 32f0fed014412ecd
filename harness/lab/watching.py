"""Wait for what a user would see, from inside the page: one look every 50 ms, in real time, through navigations.

Playwright's own waits look again after up to half a second: too late to date an outcome by, and too long to be paid four times
in every scenario.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Sequence

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page

from harness.errors import TargetError

LOOK_MS = 50
# A page that says what has happened says it in the turn in which it goes on: this is for a busy machine.
EXPLAINED_WITHIN_MS = 1000
# How long a page that is busy has until it lets itself be read at all; measured: beyond 1 s with a load of 13 on two cores.
READ_WITHIN_S = 10.0
ROUND_TRIPS = 3
ASK_EVERY_S = 0.5
# Playwright's own selector engines (text=, xpath=, role=, >>) are none that a page's querySelector knows.
_NOT_CSS = re.compile(r">>|^\s*(?:[a-z_:]+=|//|\.\.)|:(?:has-text|text|visible|nth-match)\b")
_NO_SELECTOR = "is not a valid selector"

_FIRST_VISIBLE = """({ selectors, enabled, without }) => {
  const shown = element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility !== "hidden";
  };
  const usable = element => !enabled || element.matches(':not(:disabled):not([aria-disabled="true"])');
  const fits = element => shown(element) && usable(element);
  if (without.some(selector => [...document.querySelectorAll(selector)].some(shown))) return null;
  const found = selectors.findIndex(selector => [...document.querySelectorAll(selector)].some(fits));
  return found < 0 ? null : { found };
}"""

_ANSWER = """() => new Promise(done => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(0);
  channel.port2.postMessage(0);
})"""


def is_css(selector: str) -> bool:
    """Whether a page's own ``querySelector`` knows a selector: Playwright knows more."""
    return not _NOT_CSS.search(selector)


async def first_visible(
    page: Page, selectors: Sequence[str], *, enabled: bool = False, without: Sequence[str] = ()
) -> int:
    """Return the place of the first of these selectors that can be seen (``enabled``: and used); wait for ever otherwise.

    None counts as long as one of ``without`` can be seen. Raises TargetError for one that is no selector.
    """
    if not all(map(is_css, [*selectors, *without])):
        return await _by_locators(page, [_locator(page, selector, enabled=enabled) for selector in selectors], without)
    looked_for = {"selectors": list(selectors), "enabled": enabled, "without": list(without)}
    while True:
        try:
            handle = await page.wait_for_function(_FIRST_VISIBLE, arg=looked_for, polling=LOOK_MS, timeout=0)
            return int((await handle.json_value())["found"])
        except PlaywrightError as error:
            if _NO_SELECTOR in str(error):
                wrong = next((one for one in (*selectors, *without) if f"'{one}'" in str(error)), selectors[0])
                raise TargetError(f"{wrong!r} is no selector that a page knows: mend it where it is written") from error
            # The page went on to another document while it was looked at: look at that one.
            if page.is_closed():
                raise


def _locator(page: Page, selector: str, *, enabled: bool) -> Locator:
    found = page.locator(selector)
    return found.and_(page.locator(':not(:disabled):not([aria-disabled="true"])')) if enabled else found


async def _by_locators(page: Page, locators: Sequence[Locator], without: Sequence[str]) -> int:
    any_of = locators[0]
    for locator in locators[1:]:
        any_of = any_of.or_(locator)
    await any_of.first.wait_for(state="visible", timeout=0)
    for in_the_way in [page.locator(selector).filter(visible=True).first for selector in without]:
        if await in_the_way.is_visible():
            await in_the_way.wait_for(state="hidden", timeout=0)
            return await _by_locators(page, locators, without)
    for place, locator in enumerate(locators):
        if await locator.first.is_visible():
            return place
    return 0


async def text_seen(page: Page, selector: str, *, least: int) -> str | None:
    """What can be read now in what a selector names; it has a moment to grow to ``least`` characters, spaces not counted.

    Empty when there is nothing, None when the page could not be asked.
    """
    named = page.locator(selector).filter(visible=True)
    long_enough = named.filter(has_text=re.compile(rf"(?:\S\s*){{{least}}}"))
    try:
        with contextlib.suppress(PlaywrightError):
            await long_enough.first.wait_for(timeout=EXPLAINED_WITHIN_MS)
        async with asyncio.timeout(READ_WITHIN_S):
            return " ".join(" ".join(await named.all_inner_texts()).split())
    except (PlaywrightError, TimeoutError):
        return None


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


async def keep_asking(page: Page, took: Callable[[float], None]) -> None:
    """Ask the page for an answer twice a second until cancelled, and tell how long each took in real ms.

    A page that gives none while it is waited for has taken at least that long. One that goes on to another document, and one
    that cannot be asked, gives no answer that counts.
    """
    while not page.is_closed():
        asked = time.monotonic()
        asking = asyncio.ensure_future(page.evaluate(_ANSWER))
        try:
            await asyncio.wait({asking})
            if asking.exception() is None:
                took(round((time.monotonic() - asked) * 1000, 1))
        except asyncio.CancelledError:
            took(round((time.monotonic() - asked) * 1000, 1))
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            raise
        left_s = ASK_EVERY_S - (time.monotonic() - asked)
        if left_s > 0:
            # The pace of the asking: a user does not click more often, and every answer costs the page something.
            await asyncio.sleep(left_s)
