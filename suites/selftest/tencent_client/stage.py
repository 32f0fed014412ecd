"""A stage for the browser client: the vendor over TLS on its own host names, a plain page, one browser."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from playwright.async_api import BrowserContext, Page

from harness.catalog import Answer, Asked, Behaviour, Rewrite
from harness.providers.serving import Arrival, ProviderServer
from harness.providers.tencent_web.human import SliderHuman
from suites.selftest.page_server import PageServer

APP_ID = "199999164"
STEP_MS = 500
# Real time that no step here needs, however busy the machine.
LIMIT_S = 30
SHOP = """<!DOCTYPE html><html lang="en"><title>shop</title><button id="go">Go</button>
<script>
var results = [];
function callback(result) { results.push({ result: result, at: performance.now() }); }
</script>
<script src="https://turing.captcha.qcloud.com/TCaptcha.js"></script>
<script>
var constructed = performance.now(), shown = 0;
var captcha = new TencentCaptcha("199999164", callback, { bizState: "basket-7" });
document.getElementById("go").onclick = function () { shown = performance.now(); captcha.show(); };
</script></html>"""


def hangs(answer: Answer, _asked: Asked) -> Answer:
    return replace(answer, never=True)


def breaks_off(answer: Answer, _asked: Asked) -> Answer:
    return replace(answer, cut_at=0)


def status(code: int) -> Rewrite:
    return lambda answer, _asked: replace(answer, status=code)


def says(body: str) -> Rewrite:
    return lambda answer, _asked: replace(answer, body=body.encode())


@dataclass(kw_only=True)
class Stage:
    """One test's page and vendor. Times it returns are page time in milliseconds."""

    vendor: ProviderServer
    pages: PageServer
    context: BrowserContext
    page: Page
    human: SliderHuman = field(default_factory=SliderHuman)
    errors: list[str] = field(default_factory=list)

    def breaks(self, link: str, rewrite: Rewrite) -> None:
        self.vendor.responses.set(link, rewrite, "broken")

    def heals(self, link: str) -> None:
        self.vendor.responses.clear(link)

    def count(self, link: str) -> int:
        return len(list(self.vendor.arrivals(link)))

    def hosts(self, link: str) -> list[str]:
        return [arrival.host for arrival in self.vendor.arrivals(link)]

    async def arrived(self, link: str, times: int = 1) -> None:
        """Return when that many requests have arrived on a link."""
        arrived = asyncio.Event()

        async def tell(_arrival: Arrival) -> None:
            if self.count(link) >= times:
                arrived.set()

        self.vendor.on_arrival = tell
        if self.count(link) < times:
            await asyncio.wait_for(arrived.wait(), LIMIT_S)
        self.vendor.on_arrival = None

    async def open(self, *, html: str = SHOP, build: str = "classic", virtual: bool = False) -> None:
        self.vendor.emulator.reset(build=build)
        self.pages.html = html
        self.page.on("pageerror", lambda error: self.errors.append(error.message))
        if virtual:
            await self.page.clock.install()
        await self.page.goto(f"http://127.0.0.1:{self.pages.port}/", wait_until="commit")
        await self.page.wait_for_selector("#go, #TencentCaptcha")
        await self.page.wait_for_load_state("domcontentloaded")

    async def click(self) -> None:
        await self.page.click("#go")

    async def visible(self) -> None:
        await asyncio.wait_for(self.human.challenge_visible(self.page), LIMIT_S)

    def behaviour(self, **chosen: Any) -> Behaviour:
        return Behaviour(**chosen)

    async def solve(self, **behaviour: Any) -> None:
        await asyncio.wait_for(self.human.solve(self.page, Behaviour(**behaviour), _unmarked), LIMIT_S)

    async def result(self, number: int = 1) -> dict[str, Any]:
        """Wait in real time for the callback's n-th result."""
        await self.page.wait_for_function("n => window.results.length >= n", arg=number, timeout=LIMIT_S * 1000)
        told = await self.page.evaluate("n => window.results[n - 1].result", number)
        assert isinstance(told, dict)
        return told

    async def results(self) -> list[dict[str, Any]]:
        told = await self.page.evaluate("window.results.map(each => each.result)")
        assert isinstance(told, list)
        return told

    async def advance(self, milliseconds: int) -> None:
        """Let page time pass in steps."""
        for _ in range(milliseconds // STEP_MS):
            await self.page.clock.run_for(STEP_MS)

    async def advance_to_result(self, limit_ms: int = 60_000) -> dict[str, Any]:
        """Let page time pass in steps until the callback has come."""
        for _ in range(limit_ms // STEP_MS):
            await self.page.clock.run_for(STEP_MS)
            if await self.page.evaluate("window.results.length"):
                break
        return await self.result()

    async def took_ms(self, since: str) -> float:
        """Page time from ``constructed`` or ``shown`` to the first callback."""
        return float(await self.page.evaluate(f"window.results[0].at - window.{since}"))


async def _unmarked(_what: str) -> None:
    return None
