"""One user's browser context: through the slot's router, watched, and never outside of it."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import parse_qsl, urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, WebError

from harness.lab.bench import Bench
from harness.lab.recorder import Recorder
from harness.lab.slot import TARGET_HOST, Slot
from harness.lab.traffic import Classify, Traffic

# A frame of a stack: "    at name (http://host:port/path.js?query:line:column)".
_FRAME = re.compile(r"https?://([^/:\s]+)(?::\d+)?(/[^\s?#:)]*(?:[?#][^\s:)]*)?:\d+:\d+)")

# By this name Firefox tells of what a policy forbids, as an error of the page; Chromium writes it on the console.
_POLICY = "Content-Security-Policy"

_VIEWPORTS = {"desktop": {"width": 1100, "height": 720}, "phone": {"width": 390, "height": 760}}


async def open_window(
    bench: Bench, slot: Slot, recorder: Recorder, *, profile: str, look_into: Collection[str], storage: str = ""
) -> tuple[BrowserContext, Traffic]:
    """Open a context whose every request goes through the slot; ``look_into`` names the links whose answers are read.

    ``storage`` is a file of cookies that it begins with, "" for none.
    """
    context = await bench.browser.new_context(
        proxy={"server": f"socks5://127.0.0.1:{slot.router.port}"},
        service_workers="block",
        ignore_https_errors=bench.takes_every_certificate,
        locale="en-US",
        storage_state=storage or None,
        viewport=_VIEWPORTS[profile],  # type: ignore[arg-type]  # a TypedDict in Playwright's stubs
    )
    context.set_default_timeout(0)
    await context.expose_binding("captchaosSaw", lambda _source, fields: recorder.callback(str(fields)))
    await context.add_init_script(bench.provider.observer)

    def uncaught(error: WebError) -> None:
        if getattr(error.error, "name", "") == _POLICY:
            recorder.mark("console-error", detail=str(error.error))
            return
        recorder.page_error(str(error.error), own_script(getattr(error.error, "stack", None) or ""))

    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            recorder.mark("console-error", detail=message.text)

    context.on("console", console)
    context.on("weberror", uncaught)
    if bench.watch is not None:
        bench.watch.begin(context, classifier(slot))
    return context, Traffic(context, recorder, classifier(slot), look_into=look_into)


def own_script(stack: str) -> str:
    """The innermost place in a stack that is in a script of the target's own, as path, line and column; "" without one."""
    for host, place in _FRAME.findall(stack):
        if host == TARGET_HOST:
            return str(place)
    return ""


def classifier(slot: Slot) -> Classify:
    """Name the link of a visitor's request by its method and address."""

    def classify(method: str, url: str) -> str:
        parts = urlsplit(url)
        if parts.hostname == TARGET_HOST:
            return slot.origin.link_of(method, parts.path)
        return slot.provider.classify(parts.hostname or "", method, parts.path, dict(parse_qsl(parts.query)))

    return classify
