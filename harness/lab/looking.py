"""Look at a page as its user and their keyboard do, once the flow has gone on. Only what can be told is told."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Any, Literal

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from harness.journal.model import Look
from harness.lab.watching import LOOK_MS

# A page that has gone on may fade its spinner out, and the browser takes focus from what is hidden at its next frame.
CALM_WITHIN_MS = 1000
# All of a look, on a page that answers no more.
LIMIT_S = 3.0
TABS = 10

# In one script: what is seen, what is busy, where the focus is. Inputs are often transparent on purpose, frames never.
_SEE = """({ field, explains }) => {
  const boxed = element => { const box = element.getBoundingClientRect(); return box.width > 1 && box.height > 1; };
  const there = element => element.checkVisibility({ visibilityProperty: true }) && boxed(element);
  const seen = element => there(element) && element.checkVisibility({ opacityProperty: true });
  const away = element => {
    const box = element.getBoundingClientRect();
    return box.right + scrollX <= 0 || box.bottom + scrollY <= 0 || box.left + scrollX >= document.documentElement.scrollWidth;
  };
  const named = element => element.tagName.toLowerCase() + (element.id ? `#${element.id}` : "")
    + [...element.classList].slice(0, 2).map(name => `.${name}`).join("");
  const spinners = '[aria-busy="true"], [role="progressbar"]:not([aria-valuenow]), progress:not([value])';
  const busy = [...document.querySelectorAll(spinners)].filter(seen).map(named);
  const active = document.activeElement;
  const nowhere = !active || active === document.body || active === document.documentElement;
  const hidden = !nowhere && (active.tagName === "IFRAME"
    ? !seen(active) || away(active)
    : !active.checkVisibility({ visibilityProperty: true }));
  const usual = 'a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex]';
  const byTab = element => element.tabIndex >= 0 && !element.matches(":disabled") && !element.closest("[inert]");
  const find = selector => { try { return selector ? document.querySelector(selector) : null; } catch { return null; } };
  const wanted = find(field);
  const lost = wanted !== null && there(wanted) && wanted.matches(usual) && !byTab(wanted);
  const links = [...document.querySelectorAll("a[href], area[href], form[action]")].filter(seen);
  const host = address => { try { return new URL(address).hostname; } catch { return ""; } };
  const others = links.map(element => host(element.href ?? element.action));
  return {
    busy,
    focus: nowhere ? "nowhere" : hidden ? "hidden" : "seen",
    has: nowhere ? "" : named(active),
    reachable: [...document.querySelectorAll(usual)].some(element => byTab(element) && seen(element)),
    others: [...new Set(others)].filter(host => host && host !== location.hostname),
    lost: lost ? named(wanted) : "",
    language: find(explains)?.closest("[lang]")?.lang ?? document.documentElement.lang,
  };
}"""
_CALM = f"asked => {{ const {{ busy, focus }} = ({_SEE})(asked); return !busy.length && focus !== 'hidden'; }}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    field: str | None
    explains: str

    def words(self) -> dict[str, str | None]:
        return {"field": self.field, "explains": self.explains}


async def look_at(
    page: Page, when: Literal["offered", "ended"], *, busy: str | None, field: str | None, explains: str
) -> Look | None:
    """Look at the page, give what is busy a second to end; None when it cannot be looked at.

    ``busy`` selects the target's own spinner. ``field`` is where something must now be typed: it must be open to the keyboard.
    Where none is, Tab must come to something that can be seen.
    """
    asked = _Asked(field=field, explains=explains)
    began = time.monotonic()
    try:
        async with asyncio.timeout(LIMIT_S):
            seen = await _when_calm(page, asked)
            spinning = await _own_spinner(page, busy) if busy else ()
            waited_ms = (time.monotonic() - began) * 1000
            unreachable = seen["lost"] or (await _by_tab(page, asked, seen) if when == "ended" else "")
    except (PlaywrightError, TimeoutError):
        return None
    restless = bool(seen["busy"] or spinning or seen["focus"] == "hidden")
    return Look(
        when=when,
        restless_ms=round(waited_ms, 1) if restless else None,
        busy=(*seen["busy"][:5], *spinning),
        focus_lost=seen["has"] if seen["focus"] == "hidden" else "",
        unreachable=unreachable,
        language=str(seen["language"])[:40],
        leads_to=tuple(host[:100] for host in seen["others"][:20]),
    )


async def _when_calm(page: Page, asked: _Asked) -> dict[str, Any]:
    seen: dict[str, Any] = await page.evaluate(_SEE, asked.words())
    if seen["busy"] or seen["focus"] == "hidden":
        with contextlib.suppress(PlaywrightError):
            await page.wait_for_function(_CALM, arg=asked.words(), polling=LOOK_MS, timeout=CALM_WITHIN_MS)
        seen = await page.evaluate(_SEE, asked.words())
    return seen


async def _own_spinner(page: Page, selector: str) -> tuple[str, ...]:
    showing = page.locator(selector).filter(visible=True)
    with contextlib.suppress(PlaywrightError):
        await showing.first.wait_for(state="hidden", timeout=CALM_WITHIN_MS)
    return (selector,) if await showing.count() else ()


async def _by_tab(page: Page, asked: _Asked, seen: dict[str, Any]) -> str:
    """Press Tab until something that can be seen has the focus; returns what has it instead, "" when all is well."""
    if not seen["reachable"]:
        return ""
    for _ in range(TABS):
        await page.keyboard.press("Tab")
        seen = await page.evaluate(_SEE, asked.words())
        if seen["focus"] == "seen":
            return ""
    return f"anything that can be seen, by {TABS} presses of Tab; the focus is on {seen['has'] or 'nothing'}"
