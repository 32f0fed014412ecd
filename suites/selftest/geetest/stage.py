"""A page that integrates GeeTest v4, the vendor's official server sample beside it, and what a test does with both."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from playwright.async_api import Page

from harness.catalog import Answer, Asked, Behaviour, Rewrite
from harness.providers.base import PROVIDERS
from harness.providers.serving import ProviderServer
from suites.selftest.page_server import PageServer

CAPTCHA_ID = "647f5ed2ed8acb4be36784e01556bb71"
# Real time that no step here needs, however busy the machine.
LIMIT_S = 30
STEP_MS = 500
PAGE = """<!DOCTYPE html><html lang="en"><title>shop</title><button id="go">Go</button><div id="place"></div>
<script>var results = [], errors = [], offline = 0, captcha = null, constructed = 0;</script>
<script src="https://static.geetest.com/v4/gt4.js"></script>
<script>
constructed = performance.now();
initGeetest4({ captchaId: "%s", product: "bind", protocol: "https://" %s }, function (made) {
  captcha = made;
  captcha.onSuccess(function () { results.push(captcha.getValidate()); });
  %s
});
document.getElementById("go").onclick = function () { if (captcha) captcha.showCaptcha(); };
</script></html>"""
_ON_ERROR = "function (error) { error.at = performance.now(); errors.push(error); }"
WITH_ON_ERROR = PAGE % (CAPTCHA_ID, f", onError: {_ON_ERROR}", f"captcha.onError({_ON_ERROR});")
WITHOUT_ON_ERROR = PAGE % (CAPTCHA_ID, "", "")
WITH_OFFLINE = PAGE % (CAPTCHA_ID, ", offlineCb: function () { offline += 1; }", "")


def breaks_off(answer: Answer, _asked: Asked) -> Answer:
    return replace(answer, cut_at=0)


def hangs(answer: Answer, _asked: Asked) -> Answer:
    return replace(answer, never=True)


def says(body: str, status: int = 200) -> Rewrite:
    return lambda answer, _asked: replace(answer, status=status, body=body.encode())


@dataclass(kw_only=True)
class Stage:
    """One test's page and vendor."""

    vendor: ProviderServer
    pages: PageServer
    page: Page
    thrown: list[str] = field(default_factory=list)

    def breaks(self, link: str, rewrite: Rewrite) -> None:
        self.vendor.responses.set(link, rewrite, "broken")

    def hosts(self, link: str) -> list[str]:
        return [arrival.host for arrival in self.vendor.arrivals(link)]

    async def open(self, html: str = WITH_ON_ERROR, *, virtual: bool = False) -> None:
        self.pages.html = html
        self.page.on("pageerror", lambda error: self.thrown.append(error.message))
        if virtual:
            await self.page.clock.install()
        await self.page.goto(f"http://127.0.0.1:{self.pages.port}/", wait_until="domcontentloaded")

    async def until(self, expression: str) -> None:
        await self.page.wait_for_function(expression, timeout=LIMIT_S * 1000)

    async def solve(self) -> dict[str, str]:
        """Click on Go as soon as the captcha is made, deal with the challenge, and return what the page would submit."""
        human = PROVIDERS.get("geetest_v4").human
        await self.until("captcha !== null")
        await self.page.click("#go")
        await asyncio.wait_for(human.challenge_visible(self.page), LIMIT_S)
        await asyncio.wait_for(human.solve(self.page, Behaviour(), _unmarked), LIMIT_S)
        await self.until("results.length > 0")
        told = await self.page.evaluate("results[0]")
        assert isinstance(told, dict)
        return told

    async def error(self) -> dict[str, Any]:
        await self.until("errors.length > 0")
        told = await self.page.evaluate("errors[0]")
        assert isinstance(told, dict)
        return told

    async def error_under_the_clock(self) -> float:
        """Let page time pass until onError is called; returns how long after the construction, in milliseconds."""
        for _ in range(60_000 // STEP_MS):
            await self.page.clock.run_for(STEP_MS)
            if await self.page.evaluate("errors.length"):
                break
        return float(await self.page.evaluate("errors[0].at - constructed"))

    async def validate(self, told: Mapping[str, str], *, key: str = "") -> dict[str, Any]:
        """Ask as the vendor's documents say."""
        return await validate(self.vendor, told, key or self.vendor.emulator.credentials.app_secret)

    async def official_sample(self, told: Mapping[str, str]) -> dict[str, Any]:
        """Ask as the vendor's server sample does."""
        return await official_sample(self.vendor, told)


async def validate(vendor: ProviderServer, told: Mapping[str, str], key: str) -> dict[str, Any]:
    sent = {name: told[name] for name in ("lot_number", "captcha_output", "pass_token", "gen_time")}
    sent["sign_token"] = hmac.new(key.encode(), sent["lot_number"].encode(), hashlib.sha256).hexdigest()
    url = f"http://127.0.0.1:{vendor.plain_port}/validate?captcha_id={CAPTCHA_ID}"
    async with httpx.AsyncClient(trust_env=False, timeout=3) as client:
        answer = await client.post(url, data=sent)
    assert answer.status_code == 200
    said = json.loads(answer.text)
    assert isinstance(said, dict)
    return said


async def official_sample(vendor: ProviderServer, told: Mapping[str, str]) -> dict[str, Any]:
    """The vendor's server sample: an exception, and any status but 200, is a pass by default."""
    try:
        return await validate(vendor, told, vendor.emulator.credentials.app_secret)
    except (httpx.HTTPError, ValueError, AssertionError):
        return {"result": "success", "reason": "request geetest api fail"}


async def _unmarked(_what: str) -> None:
    return None
