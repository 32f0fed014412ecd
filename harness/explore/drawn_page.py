"""One flow's page that is open, its user at the button, and what the drawn client in it has said."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field

from playwright.async_api import BrowserContext, Page

from harness.catalog.callbacks import Callbacks
from harness.lab.handle import User
from harness.lab.recorder import Recorder
from harness.lab.traffic import Traffic
from harness.lab.user import FlowHandle
from harness.lab.watching import first_visible, is_css

_PRESS = """given => {{
  const element = typeof given === "string" ? document.querySelector(given) : given;
  if (!element) return false;
  window.dispatchEvent(new CustomEvent("tcaptcha:next", {{ detail: {program} }}));
  element.click();
  return true;
}}"""
WAYS = """() => [...document.querySelectorAll('a[href], button, input[type="submit"]')]
  .filter(element => element.checkVisibility() && !element.matches(':disabled, [aria-disabled="true"]'))
  .map(element => `${element.tagName} ${element.id} ${element.textContent.trim() || element.value || ""}`)"""


class Heard(Recorder):
    """What the drawn client has said: how many programs it was given, how many of their calls it has made."""

    def __init__(self) -> None:
        super().__init__()
        self.there, self.said = asyncio.Event(), asyncio.Event()
        self.asked: set[int] = set()
        self.calls: dict[int, int] = {}
        self.thrown: dict[int, str] = {}
        self.at = time.monotonic()

    def forget(self) -> None:
        """Begin anew, with another page's client."""
        self.there.clear()
        self.asked.clear()
        self.calls.clear()
        self.thrown.clear()

    def callback(self, fields: str) -> None:
        """Note what the client says; anything else that calls itself a callback is the page's affair."""
        self.at = time.monotonic()
        self.said.set()
        with contextlib.suppress(ValueError):
            match json.loads(fields):
                case {"number": 0}:
                    self.there.set()
                case {"number": int(number), "call": 0}:
                    self.asked.add(number)
                case {"number": int(number), "call": int(_), "thrown": str(thrown)}:
                    self.calls[number] = self.calls.get(number, 0) + 1
                    self.thrown[number] = self.thrown.get(number) or thrown[:300]


class Told(FlowHandle):
    """What the flow's function uses: at the button it waits until the client is there, and somebody presses."""

    def __init__(self, user: User, page: Page, heard: Heard) -> None:
        super().__init__(user, page)
        self.at_button = asyncio.Event()
        self.pressed = asyncio.Event()
        self.over = asyncio.Event()
        self.selector = ""
        self.ways: set[str] = set()
        self.given = 0
        self.pressed_at = 0.0
        self._heard = heard

    async def show(self, page: Page, selector: str) -> None:
        """Return when the button was pressed."""
        await first_visible(page, [selector], enabled=True)
        self.selector = selector
        await self._heard.there.wait()
        self.ways = set(await page.evaluate(WAYS))
        self.at_button.set()
        await self.pressed.wait()

    async def press(self, program: str, *, reads_codes: bool) -> None:
        """Tell the client what it is to do, and press the button without the mouse's way to it."""
        if reads_codes and self._inbox is not None:
            await self._inbox.opened()
        self.given += 1
        script = _PRESS.format(program=program)
        # One round trip where the page's own search finds the button.
        if not is_css(self.selector) or not await self._page.evaluate(script, self.selector):
            await self._page.locator(self.selector).first.evaluate(script)
        self.pressed_at = time.monotonic()
        self.pressed.set()

    async def _deal(self, page: Page) -> None:
        """Wait until the client has done all that it was told to."""
        await self.over.wait()


@dataclass(slots=True, kw_only=True)
class OpenPage:
    """A page that is open, with everything that belongs to it. ``again``: its user was let try again.

    What goes on now began at ``since`` (monotonic) with the origin's request number ``arrived`` and after ``errors`` errors.
    ``ready_since``: its user has
    stood at the button since then, and nothing was tried.
    """

    context: BrowserContext
    traffic: Traffic
    heard: Heard
    page: Page
    behind_ms: int
    tried: int = 0
    handle: Told | None = None
    drive: asyncio.Future[None] | None = None
    again: bool = False
    ready_since: float | None = None
    since: float = 0.0
    arrived: int = 0
    errors: int = 0
    advanced_ms: int = 0
    history: list[Callbacks] = field(default_factory=list)

    def begin(self, arrived: int) -> None:
        """Begin with something new: what comes from here on belongs to it."""
        self.since, self.arrived, self.errors = time.monotonic(), arrived, len(self.heard.page_errors)
