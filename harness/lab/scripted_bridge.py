"""The JavaScript bridge of an app: from the page in its web view to its native part, until a fault silences it."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.async_api import Page

from harness.catalog import Place
from harness.faults.base import Receipt
from harness.lab.recorder import Recorder

BRIDGE = "bridge"
CALLED, HEARD = "bridge-called", "bridge-heard"

# The page's end tells of each call, the native end (``App.bridge``) of what it heard: two bindings, each with its own word.
_OBJECT = """(() => {
  const [name, called, post] = %s;
  const bridge = { postMessage(text) { window[called](String(text)); window[post](String(text)); } };
  Object.defineProperty(window, name, { value: Object.freeze(bridge), configurable: true });
})();"""


class Bridge:
    """The bridges of one front's web views."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._left: int | None = None
        self._heard: dict[tuple[Page, str], Callable[[str], None]] = {}

    async def expose(self, page: Page, name: str, heard: Callable[[str], None]) -> None:
        """Give each document of a page ``window.NAME.postMessage(text)``; ``heard`` is called with what arrives from now on."""
        known, self._heard[page, name] = (page, name) in self._heard, heard
        if not known:
            await self._give(page, name)

    async def _give(self, page: Page, name: str) -> None:
        def called(_source: object, text: str) -> None:
            self._recorder.mark(CALLED, link=BRIDGE, detail=text)

        def posted(_source: object, text: str) -> None:
            if self._left == 0:
                return
            if self._left is not None:
                self._left -= 1
            self._heard[page, name](text)

        bindings = (f"captchaosCalled{name}", f"captchaosPost{name}")
        await page.expose_binding(bindings[0], called)
        await page.expose_binding(bindings[1], posted)
        await page.add_init_script(_OBJECT % json.dumps([name, *bindings]))

    def silence(self, after_messages: int) -> Receipt:
        """Let so many messages pass and no more."""
        self._left = after_messages
        return self._stands(f"silent after {after_messages}")

    def restore(self) -> Receipt:
        """Let every message pass."""
        self._left = None
        return self._stands("passes all")

    def _stands(self, asked: str) -> Receipt:
        stands = "passes all" if self._left is None else f"silent after {self._left}"
        return Receipt(place=Place.NATIVE, asked=f"{BRIDGE}: {asked}", read_back=f"{BRIDGE}: {stands}")
